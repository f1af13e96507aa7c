"""Two sides written by hand: names, labels and folders that no renderer makes."""

from __future__ import annotations

from solutio_topology.checks.inputs import Evidence
from solutio_topology.diff.compare import compare_sides
from solutio_topology.diff.model import Difference, Side
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve


def side(name: str, text: str, extra: dict[str, str] | None = None) -> Side:
    """A side from one file of manifests, and others by their names."""
    files = {"kit/all.yaml": text.encode(), **{file: found.encode() for file, found in (extra or {}).items()}}
    facts = read_files(files)
    return Side(name, Evidence(facts, solve(facts), frozenset(files)))


def compared(before: str, after: str, extra: dict[str, str] | None = None) -> Difference:
    """What becomes of one file of manifests; `extra` files stand on both sides."""
    return compare_sides("here", side("then", before, extra), side("now", after, extra))


def replaced(text: str, *changes: tuple[str, str]) -> Difference:
    """What replacing pieces of manifests does; each piece must be there."""
    after = text
    for old, new in changes:
        assert old in after, old
        after = after.replace(old, new)
    return compared(text, after)
