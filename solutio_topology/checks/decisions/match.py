"""Finding whose marks fit a piece of a topology or of a manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from solutio_topology.checks.decisions.model import FIELDS, TITLE
from solutio_topology.spec.decisions import Recognition

T = TypeVar("T")
_IN_ANY_CASE = frozenset({"host", "scheme", "package", "image", "chart", "extension", TITLE})


class Finder(Generic[T]):
    """Owners of marks, and which of them a piece gives away. The same piece is looked up once."""

    def __init__(self, owners: Iterable[tuple[T, Recognition]]) -> None:
        self._exact: dict[tuple[str, str], dict[T, str]] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], str, T]]] = {}
        self._known: dict[tuple[str, str], dict[T, str]] = {}
        for owner, marks in owners:
            for kind, field in FIELDS.items():
                for mark in getattr(marks, field):
                    self._add(owner, kind, str(mark))

    def _add(self, owner: T, kind: str, mark: str) -> None:
        if kind == TITLE or "*" in mark:
            self._patterns.setdefault(kind, []).append((_pattern(kind, mark), mark, owner))
        else:
            self._exact.setdefault((kind, _folded(kind, mark)), {}).setdefault(owner, mark)

    def find(self, kind: str, value: str) -> dict[T, str]:
        """Owner → the mark that fits."""
        if (kind, value) not in self._known:
            self._known[kind, value] = self._find(kind, value)
        return self._known[kind, value]

    def _find(self, kind: str, value: str) -> dict[T, str]:
        found: dict[T, str] = {}
        for form in _forms(kind, _folded(kind, value)):
            for owner, mark in self._exact.get((kind, form), {}).items():
                found.setdefault(owner, mark)
            for pattern, mark, owner in self._patterns.get(kind, ()):
                if pattern.search(form):
                    found.setdefault(owner, mark)
        return found


def _folded(kind: str, text: str) -> str:
    return text.lower() if kind in _IN_ANY_CASE else text


def _pattern(kind: str, mark: str) -> re.Pattern[str]:
    text = _folded(kind, mark)
    if kind == TITLE:
        return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    if kind == "host":
        # The name itself is as good as any below it.
        return re.compile(rf"^(?:.*\.)?{re.escape(text.removeprefix('*.'))}$")
    return re.compile(f"^{'.*'.join(map(re.escape, text.split('*')))}$", re.DOTALL)


def _forms(kind: str, value: str) -> Iterator[str]:
    """What a piece may be known as: an image by every end of its path, for mirrors put something in front."""
    if kind == "image":
        steps = value.split("/")
        yield from ("/".join(steps[start:]) for start in range(len(steps)))
    elif kind == "host":
        yield value.removeprefix("**.").removeprefix("*.")
    else:
        yield value
