"""What several tenant pods have in one file: reading it as if some of them were not there.

A policy of the ingress controller names every tenant pod. Taking one out means taking out the items of lists that name
it and nobody else; what remains is told with its lines where they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from solutio_topology.manifests.tokens import Names
from solutio_topology.yamlio import read_manifests

Step = str | int
_ITEM = re.compile(r"^( *)((?:- )+)")


class InseparableError(Exception):
    """A file that names a tenant pod in a way that cannot be taken out."""


class Shares(Struct):
    """What the shared files say of each tenant pod: where, behind how much that is everybody's, and in which words."""

    said: dict[str, list[str]] = field(default_factory=dict)
    inseparable: set[str] = field(default_factory=set)
    """Tenant pods that are named where no item of a list speaks of them alone."""

    def of(self, pod: str) -> tuple[str, ...]:
        """Everything that is said of a tenant pod, its own names taken out."""
        return tuple(sorted(self.said.get(pod, ())))


def read_shares(path: str, data: bytes, names: Names, into: Shares) -> None:
    """Gather what a shared file says of tenant pods."""
    named = names.mentioned(data.decode(errors="replace"))
    if not named:
        return
    documents, faults = read_manifests(data)
    if faults or _is_commented(documents, names, named):
        into.inseparable |= named
        return
    for index, document in enumerate(documents):
        _gather(document.value, (path, index), names, into)


def _is_commented(documents: list[Any], names: Names, named: frozenset[str]) -> bool:
    """Whether a tenant pod is named in the text and in no value: in a comment, which says nothing."""
    told = frozenset().union(*(names.mentioned(json.dumps(each.value, ensure_ascii=False)) for each in documents))
    return bool(named - told)


def _gather(value: Any, at: tuple[Step, ...], names: Names, into: Shares) -> None:
    """Every item that speaks of one tenant pod alone; what speaks of one otherwise is inseparable."""
    if isinstance(value, dict):
        for key, item in value.items():
            into.inseparable |= names.mentioned(str(key))
            _gather(item, (*at, str(key)), names, into)
    elif isinstance(value, list):
        common = 0
        for index, item in enumerate(value):
            pods = _speaks_of(item, names)
            if len(pods) == 1:
                (pod,) = pods
                words = names.without(pod, json.dumps(item, sort_keys=True, ensure_ascii=False).encode())
                into.said.setdefault(pod, []).append(f"{at} {common} {words!r}")
            else:
                common += 1
                if pods:
                    _gather(item, (*at, index), names, into)
    elif isinstance(value, str):
        into.inseparable |= names.mentioned(value)


def _speaks_of(value: Any, names: Names) -> frozenset[str]:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return names.mentioned(text)


def without_pods(data: bytes, names: Names, gone: frozenset[str]) -> bytes:
    """A shared file without the items of lists that speak of a tenant pod in `gone` alone; every line keeps its number.

    Raises InseparableError where that cannot be done, or would leave a list empty, which means something else.
    """
    if not gone or not names.mentioned(data.decode(errors="replace")) & gone:
        return data
    text = "".join(_kept_lines(data.decode().splitlines(keepends=True), names, gone)).encode()
    wanted = [_projected(document.value, names, gone) for document in read_manifests(data)[0]]
    found = [document.value for document in read_manifests(text)[0]]
    if wanted != found:
        raise InseparableError
    return text


def _projected(value: Any, names: Names, gone: frozenset[str]) -> Any:
    """The value without those items: what the text must mean."""
    if isinstance(value, dict):
        return {key: _projected(item, names, gone) for key, item in value.items()}
    if isinstance(value, list) and value:
        spoken = [(item, _speaks_of(item, names)) for item in value]
        kept = [
            _projected(item, names, gone) if pods & gone else item
            for item, pods in spoken
            if not (len(pods) == 1 and pods <= gone)
        ]
        if not kept:
            raise InseparableError
        return kept
    return value


def _kept_lines(lines: list[str], names: Names, gone: frozenset[str]) -> Iterator[str]:
    """The lines of a block-style text, those of items that go replaced by empty ones."""
    index = 0
    while index < len(lines):
        end = _end_of_item(lines, index)
        pods = names.mentioned("".join(lines[index:end])) if end else frozenset()
        if len(pods) == 1 and pods <= gone:
            yield from "\n" * (end - index)
            index = end
        else:
            yield lines[index]
            index += 1


def _end_of_item(lines: list[str], index: int) -> int:
    """The line behind the list item that starts on a line; 0 where none does."""
    match = _ITEM.match(lines[index])
    if match is None:
        return 0
    depth = len(match.group(1))
    end = index + 1
    while end < len(lines):
        line = lines[end]
        indent = len(line) - len(line.lstrip(" "))
        if line.strip() and indent <= depth:
            break
        end += 1
    return end
