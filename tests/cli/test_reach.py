"""``solutio reach`` on another team's cases: its JSON is the list that the cases' README defines."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest

from solutio_topology.cli.app import run

CASES = Path(__file__).parents[2].parent / "shared" / "cases" / "reach"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir()) if CASES.is_dir() else []


@pytest.mark.skipif(not NAMES, reason="../shared is absent")
@pytest.mark.parametrize("name", NAMES or ["none"])
def test_a_case(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reach", str(CASES / name / "manifests"), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    wanted = json.loads((CASES / name / "expected.json").read_text())
    assert _inside(found) == _inside(wanted)
    for address in _probes(wanted) | _probes(found):
        assert _outside(found, address) == _outside(wanted, address), address


def _is_range(end: str) -> bool:
    return "[" not in end and not end.startswith("{")


def _inside(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {
        (row["src"], row["dst"]): row["connections"]
        for row in rows
        if not _is_range(row["src"]) and not _is_range(row["dst"])
    }


def _bounds(end: str) -> tuple[int, int]:
    first, _, last = end.partition("-")
    return int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))


def _probes(rows: list[dict[str, Any]]) -> set[int]:
    """The first and last address of every range, and their neighbours."""
    ends = {end for row in rows for end in (row["src"], row["dst"]) if _is_range(end)}
    found = {bound + step for end in ends for bound in _bounds(end) for step in (-1, 0, 1)}
    return {address for address in found if 0 <= address < 2**32}


def _outside(rows: list[dict[str, Any]], address: int) -> dict[tuple[str, str], Any]:
    """What one address outside may do, and what may be done to it."""
    found = {}
    for row in rows:
        ends = []
        for end in (row["src"], row["dst"]):
            if not _is_range(end):
                ends.append(end)
            elif _bounds(end)[0] <= address <= _bounds(end)[1]:
                ends.append("outside")
        if len(ends) == 2 and "outside" in ends:
            found[ends[0], ends[1]] = row["connections"]
    return found
