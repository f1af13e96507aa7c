"""The demands of a plan: a file such as ``orgs: [50, 200, 1000]``, or the same on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.errors import FileError, InputError, SolutioError
from solutio_topology.findings import Finding
from solutio_topology.spec.files import MAX_BYTES, parse, read_bytes
from solutio_topology.spec.rules import MISSING_KEY, UNKNOWN_KEY, WRONG_VALUE
from solutio_topology.spec.scale import MOST_DEMAND
from solutio_topology.spec.scale_check import BUILT_IN
from solutio_topology.spec.source import SourceFile, dotted
from solutio_topology.spec.translate import did_you_mean
from solutio_topology.yamlio import Pointer

Rows = list[dict[str, int]]
MOST_POINTS = 10_000
_EXAMPLE = "name a file such as: orgs: [50, 200, 1000]"
_WRITE = "write whole numbers, one for each point: [50, 200, 1000]"


class _Reader(Struct):
    """Reads the file and gathers what is wrong with it."""

    file: SourceFile
    known: Sequence[str]
    most: Mapping[str, int]
    findings: list[Finding] = field(default_factory=list)

    def add(self, rule: Any, pointer: Pointer, message: str, remedy: str = "", *, key: bool = False) -> None:
        at = self.file.locate(pointer, key=key)
        found = rule.finding(message, at, subject=dotted(pointer), remedy=remedy, excerpt=self.file.excerpt(at.line))
        self.findings.append(found)

    def columns(self, data: dict[str, Any]) -> Iterator[tuple[str, list[int]]]:
        """The numbers of each driver."""
        for name, value in data.items():
            if name not in self.known:
                guess = did_you_mean(str(name), list(self.known)) or f"; there is {', '.join(self.known)}"
                self.add(UNKNOWN_KEY, (name,), f"the plan has a driver {name!r} that nothing counts{guess}", key=True)
                continue
            listed = value if isinstance(value, list) else [value]
            if not listed:
                self.add(WRONG_VALUE, (name,), f"{name}: the list is empty", _WRITE)
            if all([self._is_number(name, index, each, value) for index, each in enumerate(listed)]):  # noqa: C419
                yield name, listed

    def _is_number(self, name: str, index: int, each: Any, value: Any) -> bool:
        pointer: Pointer = (name, index) if isinstance(value, list) else (name,)
        if isinstance(each, bool) or not isinstance(each, int):
            self.add(WRONG_VALUE, pointer, f"{dotted(pointer)}: {each!r} is not a whole number", _WRITE)
            return False
        most = self.most.get(name, MOST_DEMAND)
        if not 0 <= each <= most:
            message = f"{dotted(pointer)}: the number {each} is out of range"
            self.add(WRONG_VALUE, pointer, message, f"write a number of 0 to {most:,}")
            return False
        return True


def read_plan(path: Path, drivers: Sequence[str], most: Mapping[str, int]) -> Rows:
    """The demands of a file (``-``: of standard input), one a row; `most` bounds the numbers of some drivers.

    Raises FileError for what cannot be opened and InputError with every fault of the content.
    """
    findings: list[Finding] = []
    data, file = parse(_bytes(path), "<stdin>" if str(path) == "-" else str(path), findings)
    findings = [replace(each, remedy=_EXAMPLE) if "solutio init" in each.remedy else each for each in findings]
    reader = _Reader(file, [*BUILT_IN, *drivers], most, findings)
    columns = dict(reader.columns(data)) if data is not None else {}
    if data is not None and "orgs" not in data:
        reader.add(MISSING_KEY, (), "the plan does not say for how many organizations", "add orgs: [50, 200, 1000]")
    rows = _rows(columns, reader) if not findings else []
    if findings:
        raise InputError(sorted(findings, key=lambda finding: finding.sort_key))
    return rows


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        return read_bytes(path)
    except FileError as error:
        raise FileError(error.message, remedy=_EXAMPLE) from None


def _rows(columns: dict[str, list[int]], reader: _Reader) -> Rows:
    """A row a point; a single number holds for all of them."""
    length = max(map(len, columns.values()))
    if length > MOST_POINTS:
        reader.add(WRONG_VALUE, (), f"the plan has {length:,} points", f"ask for {MOST_POINTS:,} at most")
    for name, listed in columns.items():
        if len(listed) not in {1, length}:
            first = next(each for each in columns if len(columns[each]) == length)
            message = f"{name}: {len(listed)} numbers, and {length} of {first}: which belong together cannot be told"
            reader.add(WRONG_VALUE, (name,), message, f"give as many as of {first}, or one for all")
            return []
    return [{name: each[at if len(each) > 1 else 0] for name, each in columns.items()} for at in range(length)]


def parse_demands(given: Mapping[str, str], most: Mapping[str, int]) -> Rows:
    """The demands of options such as ``--orgs 50,200,1000``. Raises SolutioError for what is none."""
    columns = {name: [_number(name, each.strip(), most) for each in text.split(",")] for name, text in given.items()}
    length = max(map(len, columns.values()))
    for name, listed in columns.items():
        if len(listed) not in {1, length}:
            raise SolutioError(
                f"--{name} has {len(listed)} numbers, and another option {length}",
                remedy="give as many of each, or one for all",
            )
    return [{name: each[at if len(each) > 1 else 0] for name, each in columns.items()} for at in range(length)]


def _number(name: str, text: str, most: Mapping[str, int]) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_DEMAND)) or int(text) > most[name]:
        shown = repr(text) if text else "an empty value"
        raise SolutioError(
            f"--{name}: {shown} is no number of 0 to {most[name]:,}", remedy=f"write --{name} 50,200,1000"
        )
    return int(text)
