"""Which fields cannot change, held against the recorded answers of a real API server."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from solutio_topology.diff.immutable import refused
from solutio_topology.diff.objects import compare_objects
from solutio_topology.manifests import read_files

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "immutable.yaml").read_text())


def _changed(case: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = copy.deepcopy(case["object"])
    for pointer, value in case["set"].items():
        *way, last = pointer.split("/")
        at: Any = body
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
        if value is None:
            del at[last]
        else:
            at[last] = value
    return body


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_what_the_server_refuses_is_found(case: dict[str, Any]) -> None:
    sides = [read_files({"kit.json": json.dumps(body).encode()}).objects for body in (case["object"], _changed(case))]
    (change,) = compare_objects(*sides)
    assert bool(list(refused(change))) is (case["answer"] != "accepted"), case["answer"]


def test_the_server_was_asked_both_ways() -> None:
    accepted = sum(case["answer"] == "accepted" for case in CASES)
    assert (accepted > 30, len(CASES) - accepted > 40) == (True, True)
