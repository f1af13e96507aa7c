"""Values that are laid over a topology without editing it: ``--set services.api.replicas.min=4``.

They take effect before anything is validated, so that what is wrong with one is told at its argument.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from solutio_topology.errors import SolutioError
from solutio_topology.findings import Finding
from solutio_topology.spec.rules import WRONG_VALUE
from solutio_topology.spec.source import Mount, SourceFile, dotted
from solutio_topology.yamlio import Pointer, read_document

_STEP = re.compile(r"""(?:^|\.)(?:"([^"]*)"|([^."\[\]=]+))|\[([0-9]+)\]""")
_PLACE = "write a place such as services.api.replicas.min; a key with dots stands in double quotes"
_EXAMPLE = "write PATH=VALUE, such as services.api.replicas.min=4"


class Override(Struct, frozen=True):
    """A value and the place that it goes to."""

    pointer: Pointer
    value: Any
    file: SourceFile
    """The argument, as a file of one line."""


def parse_path(text: str) -> Pointer:
    """The pointer that people write as ``services.api.ports[0]``; a key with dots stands in double quotes.

    Raises SolutioError for text that is none.
    """
    steps: list[str | int] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None or (match.start() == 0 and text[0] == "."):
            break
        quoted, plain, index = match.groups()
        steps.append(int(index) if index is not None else quoted if quoted is not None else plain)
        end = match.end()
    if not steps or end < len(text) or isinstance(steps[0], int):
        raise SolutioError(f"{text!r} names no place of a topology", remedy=_PLACE)
    return tuple(steps)


def parse_override(argument: str) -> Override:
    """The override that ``PATH=VALUE`` says; VALUE is YAML. Raises SolutioError for what cannot be read."""
    path, equals, text = _split(argument)
    if not equals:
        raise SolutioError(f"--set {argument}: there is no value", remedy=_EXAMPLE)
    pointer = parse_path(path)
    # Blanks in the place of the path: columns are those of the argument.
    value, positions, faults = read_document((" " * (len(path) + 1) + text).encode())
    if faults:
        raise SolutioError(
            f"--set {argument}: {faults[0].message}", remedy="write the value as YAML, in quotes if need be"
        )
    return Override(pointer, value, SourceFile(f"--set {path}", (argument,), positions))


def _split(argument: str) -> tuple[str, str, str]:
    """Path, equals sign and value: the first sign that stands in no quotes."""
    quoted = False
    for index, char in enumerate(argument):
        quoted ^= char == '"'
        if char == "=" and not quoted:
            return argument[:index], "=", argument[index + 1 :]
    return argument, "", ""


def override(
    data: dict[str, Any], given: Override, findings: list[Finding]
) -> tuple[dict[str, Any], tuple[Mount, ...]]:
    """The data with the value in its place, and where it comes from; `data` itself stays as it is.

    A place below something that is no map, or beyond the end of a list, goes to `findings`.
    """
    wrong, known = _blocked(data, given.pointer)
    if wrong:
        where = given.file.locate(())
        findings.append(
            WRONG_VALUE.finding(
                f"{dotted(given.pointer)}: {wrong}",
                where,
                subject=dotted(given.pointer),
                remedy="name a place that is there, or set the whole value above it",
                excerpt=given.file.excerpt(where.line),
            )
        )
        return data, ()
    changed: dict[str, Any] = _changed(data, given.pointer, given.value)
    return changed, (Mount(given.pointer[:known], given.file, is_argument=True),)


def _blocked(data: Any, pointer: Pointer) -> tuple[str, int]:
    """Why nothing can stand at a place, or the length of the pointer's part whose parent is already there."""
    for depth, step in enumerate(pointer):
        at = dotted(pointer[:depth])
        if isinstance(data, list):
            if not isinstance(step, int) or step >= len(data):
                return f"{at} is a list of {len(data)}", 0
            data = data[step]
        elif isinstance(data, dict):
            if isinstance(step, int):
                return f"{at} is a map, and [{step}] counts in a list", 0
            if step not in data:
                return "", depth + 1
            data = data[step]
        else:
            return f"{at} is {data!r}, in which nothing can stand", 0
    return "", len(pointer)


def _changed(data: Any, pointer: Pointer, value: Any) -> Any:
    """A copy with `value` at `pointer`; maps on the way are made where there are none."""
    if not pointer:
        return value
    step, rest = pointer[0], pointer[1:]
    if isinstance(data, list) and isinstance(step, int):
        return [*data[:step], _changed(data[step], rest, value), *data[step + 1 :]]
    known = data if isinstance(data, dict) else {}
    return {**known, step: _changed(known.get(step), rest, value)}
