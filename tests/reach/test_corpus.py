"""All cases of netpol-analyzer's corpus. External ranges are compared by membership: engines cut differently."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest

from solutio_topology.manifests import read_tree
from solutio_topology.reach import solve
from solutio_topology.reach.listing import corpus_list
from solutio_topology.reach.model import HostNetwork

CASES = Path(__file__).resolve().parents[2] / "../shared/cases/reach"
FOLDERS = sorted(path for path in CASES.glob("*/") if path.is_dir()) if CASES.is_dir() else []

Answer = dict[tuple[str, str], Any]


@pytest.mark.skipif(not FOLDERS, reason="the shared cases are not beside this repository")
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_corpus(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    # The corpus reads hostNetwork pods like any others.
    found = corpus_list(solve(read_tree(folder / "manifests"), HostNetwork.POD))
    points = _points([*expected, *found])
    assert _answer(list(found), points) == _answer(expected, points)


def _points(rows: list[Any]) -> list[int]:
    """One address of every range that any cut of any row makes."""
    cuts = {0}
    for row in rows:
        for end in (row["src"], row["dst"]):
            if span := _range(end):
                cuts.update((span[0], span[1] + 1))
    return sorted(cuts - {2**32})


def _range(end: str) -> tuple[int, int] | None:
    first, _, last = end.partition("-")
    try:
        return int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
    except ValueError:
        return None


def _answer(rows: list[Any], points: list[int]) -> Answer:
    found: Answer = {}
    for row in rows:
        for src in _named(row["src"], points):
            for dst in _named(row["dst"], points):
                assert (src, dst) not in found
                found[src, dst] = row["connections"]
    return found


def _named(end: str, points: list[int]) -> list[str]:
    span = _range(end)
    if span is None:
        return [end]
    return [str(ipaddress.IPv4Address(point)) for point in points if span[0] <= point <= span[1]]
