"""Selectors as Flux's controllers take them."""

from __future__ import annotations

import pytest

from solutio_topology.checks.shard_rules import KEY, matches


@pytest.mark.parametrize(
    ("selector", "shards"),
    [
        (f"{KEY}=a", {"a"}),
        (f"{KEY}==a", {"a"}),
        (f"{KEY} in (a, b)", {"a", "b"}),
        (f"{KEY} in (a)", {"a"}),
        (f"{KEY} notin (a)", {"b", None}),
        (f"{KEY}!=a", {"b", None}),
        (f"!{KEY}", {None}),
        (KEY, {"a", "b"}),
        ("", {"a", "b", None}),
        (f"{KEY} in (a,b),other=x", set()),
        (f"{KEY} in (a,b), !other", {"a", "b"}),
    ],
)
def test_which_shards_a_controller_watches(selector: str, shards: set[str | None]) -> None:
    labelled = {shard: {KEY: shard} if shard else {} for shard in ("a", "b", None)}
    assert {shard for shard, labels in labelled.items() if matches(selector, labels)} == shards
