"""What rules of growth say against each other."""

from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.spec.scale_check import contradictions


def _told(scale: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    found = contradictions({"scale": scale, **more})
    return [(".".join(map(str, pointer)), message) for pointer, message in found]


def test_rules_that_agree() -> None:
    drivers = {"b": {"per": "a"}, "a": {"per": "orgs", "tiers": {"own": {"per": "enterprise"}}}}
    steps = [{"upTo": 5, "monthly": 1}, {"upTo": 6, "monthly": 1}, {"monthly": 2}]
    rule = {"per": "b", "add": "1Gi", "base": "1Gi", "max": "1024Mi"}
    found = {"drivers": drivers, "plans": {"x": {"per": "a", "steps": steps}}, "usage": {"egress": rule}}
    assert _told({**found, "headroom": "90%"}) == []


def test_a_circle_is_told_once_and_found_through_tiers() -> None:
    drivers = {
        "a": {"per": "orgs", "tiers": {"own": {"per": "c"}}},
        "b": {"per": "a"},
        "c": {"per": "b"},
        "d": {"per": "c"},
    }
    told = "the drivers follow each other in a circle: a -> c -> b -> a"
    assert _told({"drivers": drivers}) == [("scale.drivers.a.per", told)]


def test_two_circles_are_told_apart() -> None:
    drivers = {"a": {"per": "a"}, "b": {"per": "c"}, "c": {"per": "b"}}
    assert [pointer for pointer, _ in _told({"drivers": drivers})] == ["scale.drivers.a.per", "scale.drivers.b.per"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"monthly": 1}, {"upTo": 5, "monthly": 2}], ("steps.0", "it serves any demand")),
        ([{"upTo": 5, "monthly": 1}, {"upTo": 5, "monthly": 2}], ("steps.1.upTo", "upTo 5 is not more than 5")),
        (
            [{"upTo": 5, "monthly": 3}, {"upTo": 6, "monthly": 2}],
            ("steps.1.monthly", "a greater tariff costs less (2)"),
        ),
    ],
)
def test_tariffs_out_of_order(steps: list[dict[str, Any]], told: tuple[str, str]) -> None:
    ((pointer, message),) = _told({"plans": {"x": {"per": "orgs", "steps": steps}}})
    assert pointer == f"scale.plans.x.{told[0]}"
    assert message.startswith(told[1])


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"min": 3, "max": 2}, "max 2 is less than min 3"),
        ({"base": 3, "max": 2}, "max 2 is less than base 3"),
        ({"base": "2Gi", "max": "2000Mi"}, "max 2000Mi is less than base 2Gi"),
    ],
)
def test_the_most_is_less_than_the_least(rule: dict[str, Any], told: str) -> None:
    found = _told({"services": {"web": {"replicas": {"per": "orgs", **rule}}}})
    assert found == [("scale.services.web.replicas.max", told)]


@pytest.mark.parametrize("junk", [None, 3, "x", [], ["x"], {"x": 3}, {"x": None}, {"x": {"steps": 3, "max": []}}])
@pytest.mark.parametrize("part", ["drivers", "services", "plans", "usage", "pools", "headroom", "orgs"])
def test_what_is_no_rule_is_told_elsewhere(part: str, junk: Any) -> None:
    assert _told({part: junk}) == []
