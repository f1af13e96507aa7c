"""Where pods may be placed, held against every node that there could be."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.checks.isolation.nodes import Taint, may_land, selected

KEYS, VALUES = ("floor", "wing"), ("a", "b")
NODES = [
    {key: value for key, value in zip(KEYS, values, strict=True) if value}
    for values in product((*VALUES, None), repeat=len(KEYS))
]
"""Every set of labels that a node could have."""

_expression = st.builds(
    lambda key, operator, values: {"key": key, "operator": operator, **({"values": values} if values else {})},
    st.sampled_from(KEYS),
    st.sampled_from(["In", "NotIn"]),
    st.lists(st.sampled_from(VALUES), min_size=1, unique=True),
) | st.builds(
    lambda key, operator: {"key": key, "operator": operator},
    st.sampled_from(KEYS),
    st.sampled_from(["Exists", "DoesNotExist"]),
)
_terms = st.lists(
    st.builds(lambda found: {"matchExpressions": found}, st.lists(_expression, min_size=1, max_size=2)), max_size=2
)
_selector = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))


def _spec(selector: dict[str, str], terms: list[Any]) -> dict[str, Any]:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    return {"nodeSelector": selector, **({"affinity": {"nodeAffinity": required}} if terms else {})}


def _holds(expression: dict[str, Any], node: dict[str, str]) -> bool:
    value = node.get(expression["key"])
    return {
        "In": value in expression.get("values", ()),
        "NotIn": value not in expression.get("values", ()),
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[expression["operator"]]


def _fits(selector: dict[str, str], terms: list[Any], node: dict[str, str]) -> bool:
    chosen = selector.items() <= node.items()
    return chosen and (not terms or any(all(_holds(e, node) for e in t["matchExpressions"]) for t in terms))


@settings(max_examples=150, deadline=None)
@given(_selector, _terms)
def test_what_is_selected_is_a_label_of_every_node_that_fits(selector: dict[str, str], terms: list[Any]) -> None:
    labels = set(selected(_spec(selector, terms)))
    for node in NODES:
        if _fits(selector, terms, node):
            assert labels <= set(node.items())


@settings(max_examples=150, deadline=None)
@given(_selector, _terms)
def test_no_pod_lands_on_a_node_on_which_it_may_not(selector: dict[str, str], terms: list[Any]) -> None:
    spec = _spec(selector, terms)
    for key, value in product(KEYS, VALUES):
        fits = any(_fits(selector, terms, node) for node in NODES if node.get(key) == value)
        assert may_land(spec, (key, value)) or not fits


@settings(max_examples=150, deadline=None)
@given(_selector)
def test_with_a_selector_alone_the_answer_is_exact(selector: dict[str, str]) -> None:
    for key, value in product(KEYS, VALUES):
        fits = any(_fits(selector, [], node) for node in NODES if node.get(key) == value)
        assert may_land(_spec(selector, []), (key, value)) is fits


def test_tolerations_are_matched_as_the_scheduler_does() -> None:
    taint = Taint("kept-for", "suite", "NoSchedule")
    tolerations: list[tuple[dict[str, Any], bool]] = [
        ({"operator": "Exists"}, True),
        ({"key": "kept-for", "operator": "Exists"}, True),
        ({"key": "kept-for", "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": "kept-for", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "kept-for", "operator": "Equal", "value": "suite"}, True),
        ({"key": "kept-for", "value": "suite", "effect": "NoSchedule"}, True),
        ({"key": "kept-for", "value": "loft"}, False),
        ({"key": "kept-for"}, False),
        ({"key": "other", "operator": "Exists"}, False),
    ]
    assert [taint.is_tolerated_by(each) for each, _ in tolerations] == [wanted for _, wanted in tolerations]
    assert (str(taint), str(Taint("a", "", "NoExecute"))) == ("kept-for=suite:NoSchedule", "a:NoExecute")
