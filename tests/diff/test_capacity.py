"""Does it still fit: what a change of the real topology does to the pools."""

from __future__ import annotations

from pathlib import Path

from solutio_topology.diff.model import Difference
from solutio_topology.report.diff_json import document
from solutio_topology.report.diff_summary import summary
from tests.diff.edits import edited


def _told(found: Difference) -> list[str]:
    return [str(each) for each in found.capacity or ()]


def test_more_replicas_than_there_is_room_for(tmp_path: Path) -> None:
    found = edited(tmp_path, ("replicas: {min: 2, max: 8}", "replicas: {min: 9, max: 9}"))
    assert _told(found) == [
        "pool apps at minimum replicas: fits → fits when packed",
        "pool apps at usual replicas: fits → does not fit",
        "pool apps with a node lost: fits → does not fit",
    ]
    assert dict(summary(found))["capacity"] == ", ".join(_told(found))


def test_a_change_that_needs_no_room(tmp_path: Path) -> None:
    found = edited(tmp_path, ("RAILS_LOG_LEVEL: info", "RAILS_LOG_LEVEL: warn"))
    assert found.capacity == ()
    assert dict(summary(found))["capacity"] == "what fits and what does not is as before"
    assert document(found, ())["capacity"] == []


def test_a_node_more(tmp_path: Path) -> None:
    found = edited(tmp_path, ("data:  {size: s-4vcpu-8gb, nodes: 1,", "data:  {size: s-4vcpu-8gb, nodes: 2,"))
    assert document(found, ())["capacity"] == [
        {"pool": "data", "when": "with a node lost", "before": "does not fit", "after": "fits"}
    ]


def test_without_a_topology_nothing_is_compared() -> None:
    found = Difference("prod", "a", "b")
    assert (found.capacity, dict(summary(found))["capacity"]) == (None, "not compared")
