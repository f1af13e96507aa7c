"""The list as text is the list as data."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from solutio_topology.reach import solve
from solutio_topology.reach.listing import corpus_json, corpus_list

from .objects import Doc, world
from .reading import facts_of_docs
from .worlds import worlds


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_text_and_data_agree_and_are_sorted(docs: list[Doc]) -> None:
    connections = solve(facts_of_docs(docs))
    rows = corpus_list(connections, ipv6=True)
    assert json.loads("".join(corpus_json(connections, ipv6=True))) == rows
    ends = [(row["src"], row["dst"]) for row in rows]
    assert ends == sorted(set(ends))
    assert all(row["connections"] for row in rows)


def test_an_empty_list_is_json_too() -> None:
    assert json.loads("".join(corpus_json(world()))) == []
