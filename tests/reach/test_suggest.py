from __future__ import annotations

import pytest

from solutio_topology.reach.suggest import Suggestions

KNOWN = [("a", "ledger"), ("b", "ledger"), ("b", "window"), ("c", "window"), ("d", "window"), ("e", "window")]


@pytest.mark.parametrize(
    ("namespace", "name", "said"),
    [
        ("c", "ledger", "; namespaces a and b have one"),
        ("a", "window", "; namespaces b and c and d have one"),
        ("a", "legder", "; did you mean ledger?"),
        ("a", "windwo", ""),
        ("z", "cache", ""),
    ],
)
def test_where_a_name_is_known_or_which_one_is_like_it(namespace: str, name: str, said: str) -> None:
    assert Suggestions(KNOWN).hint(namespace, name) == said
