"""Comparing values: what differs, and the laws that a comparison keeps."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.diff.values import ABSENT, ValueChange, apply, compare_values


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [(each.pointer, each.before, each.after) for each in compare_values(before, after)]


CASES: dict[str, tuple[Any, Any, list[tuple[str, Any, Any]]]] = {
    "a number of another spelling": (
        {"resources": {"requests": {"cpu": "1000m", "memory": "1Gi"}}},
        {"resources": {"requests": {"cpu": 1, "memory": "1024Mi"}}},
        [],
    ),
    "a number that is more": (
        {"resources": {"requests": {"cpu": "1000m"}}},
        {"resources": {"requests": {"cpu": "1001m"}}},
        [("resources.requests.cpu", "1000m", "1001m")],
    ),
    "a duration of another spelling": ({"interval": "60s", "timeout": "1h30m"}, {"interval": "1m", "timeout": "90m"}, []),
    "a text that only looks like a number": ({"tag": "1.10"}, {"tag": "1.1"}, [("tag", "1.10", "1.1")]),
    "a text and a number": ({"targetPort": "80"}, {"targetPort": 80}, [("targetPort", "80", 80)]),
    "true and one": ({"a": True}, {"a": 1}, [("a", True, 1)]),
    "containers by name": (
        {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]},
        {"containers": [{"name": "b", "image": "z"}, {"name": "a", "image": "x"}]},
        [("containers[b].image", "y", "z")],
    ),
    "init containers run in their order": (
        {"initContainers": [{"name": "a"}, {"name": "b"}]},
        {"initContainers": [{"name": "b"}, {"name": "a"}]},
        [("initContainers(order)", [("a",), ("b",)], [("b",), ("a",)])],
    ),
    "ports by number and protocol": (
        {"spec": {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}},
        {"spec": {"ports": [{"port": 53, "targetPort": 5353}, {"port": 53, "protocol": "UDP"}]}},
        [("spec.ports[53/TCP].targetPort", ABSENT, 5353)],
    ),
    "rules of a policy are a set": (
        {"spec": {"ingress": [{"from": [{"a": 1}]}, {"from": [{"b": 2}]}]}},
        {"spec": {"ingress": [{"from": [{"b": 2}]}, {"from": [{"a": 1}]}]}},
        [],
    ),
    "sets inside of sets": (
        {"spec": {"ingress": [{"from": [{"a": 1}, {"b": 2}], "ports": [{"port": 1}, {"port": 2}]}]}},
        {"spec": {"ingress": [{"from": [{"b": 2}, {"a": 1}], "ports": [{"port": 2}, {"port": 1}]}]}},
        [],
    ),
    "arguments have an order": ({"args": ["a", "b"]}, {"args": ["b", "a"]}, [("args[0]", "a", "b"), ("args[1]", "b", "a")]),
    "arguments of another number": ({"args": ["a"]}, {"args": ["a", "b"]}, [("args", ["a"], ["a", "b"])]),
    "hosts of an Ingress": (
        {"spec": {"rules": [{"host": "a", "http": 1}, {"host": "b", "http": 1}]}},
        {"spec": {"rules": [{"host": "b", "http": 2}, {"host": "a", "http": 1}]}},
        [("spec.rules[b].http", 1, 2)],
    ),
    "rules of a route are tried in their order": (
        {"spec": {"rules": [{"matches": 1}, {"matches": 2}]}},
        {"spec": {"rules": [{"matches": 2}, {"matches": 1}]}},
        [("spec.rules[0].matches", 1, 2), ("spec.rules[1].matches", 2, 1)],
    ),
    "names that stand twice tell nothing apart": (
        {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
        {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "3"}]},
        [("env[1].value", "2", "3")],
    ),
    "a map that becomes a list": ({"a": {"b": 1}}, {"a": [1]}, [("a", {"b": 1}, [1])]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_differs(name: str) -> None:
    before, after, wanted = CASES[name]
    assert told(before, after) == wanted


NAMES = st.sampled_from(
    ["spec", "containers", "initContainers", "env", "ports", "ingress", "from", "args", "requests", "cpu", "rules"]
)
SCALARS = st.one_of(st.integers(-3, 3), st.sampled_from(["", "a", "b", "1", "1000m", "60s"]), st.booleans(), st.none())
ITEMS = st.dictionaries(st.sampled_from(["name", "port", "protocol", "value", "host", "from"]), SCALARS, max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=4),
        st.lists(st.one_of(ITEMS, inner), max_size=4),
        st.lists(ITEMS, max_size=4),
    ),
    max_leaves=20,
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=4)


@given(BODIES)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert list(compare_values(value, value)) == []


def _by_place(changes: list[ValueChange]) -> list[str]:
    return sorted(f"{each.pointer} {each.before!r} {each.after!r}" for each in changes)


@given(BODIES, BODIES)
def test_the_other_way_round_is_the_reverse(before: Any, after: Any) -> None:
    there = list(compare_values(before, after))
    back = [each.reversed() for each in compare_values(after, before)]
    assert _by_place(there) == _by_place(back)


@given(BODIES, BODIES)
def test_applying_what_differs_gives_the_other_side(before: Any, after: Any) -> None:
    assert list(compare_values(apply(compare_values(before, after), before), after)) == []


POLICIES = st.fixed_dictionaries(
    {
        "spec": st.fixed_dictionaries(
            {
                "policyTypes": st.permutations(["Ingress", "Egress"]),
                "ingress": st.lists(
                    st.fixed_dictionaries({"from": st.lists(st.sampled_from([{"x": 1}, {"y": 2}]), max_size=3)}),
                    max_size=3,
                ),
                "containers": st.lists(st.sampled_from("abc"), unique=True).map(
                    lambda names: [{"name": name} for name in names]
                ),
            }
        )
    }
)


def _shuffled(value: Any, source: random.Random) -> Any:
    """The same with every map and every list in another order."""
    if isinstance(value, dict):
        keys = list(value)
        source.shuffle(keys)
        return {key: _shuffled(value[key], source) for key in keys}
    if isinstance(value, list):
        items = [_shuffled(each, source) for each in value]
        source.shuffle(items)
        return items
    return value


@given(POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_sets_and_keys_is_no_difference(value: Any, source: random.Random) -> None:
    assert list(compare_values(value, _shuffled(value, source))) == []
