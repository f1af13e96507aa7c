"""Where the rules of the bill point to, in files as people write them."""

from __future__ import annotations

import datetime

import pytest

from solutio_topology import catalog
from solutio_topology.checks import cost_rules
from solutio_topology.checks.inputs import Intent
from solutio_topology.graph.expand import expand
from solutio_topology.spec.load import load_text
from tests.checks.world import TODAY, TOPOLOGY

RATES = "  rates: {EUR: {rate: 1.1, date: 2020-02-02, source: bank}}\n  prices:\n"


def _found(
    *changes: tuple[str, str], today: datetime.date | None = TODAY, environment: str = "live"
) -> list[tuple[str, str, str]]:
    """Code, subject and the line of every finding of the cost rules."""
    text = TOPOLOGY
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    loaded = load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    own = loaded.topology.components
    graph = expand(loaded.topology, environment, lambda name: catalog.component(name, own))
    intent = Intent(graph, loaded.source.locate, today)
    findings = [finding for check in cost_rules.CHECKS for finding in check.find(intent)]
    lines = text.splitlines()
    return [(each.code, each.subject, lines[each.location.line - 1].strip()) for each in findings]


def test_the_sound_world_has_nothing_to_find() -> None:
    assert _found() == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            [("big: {amount: 33, date: 2026-11-01}", "big: {amount: 33, date: 2020-01-01}")],
            ("C006", "price big", "big: {amount: 33, date: 2020-01-01}"),
        ),
        (
            [("monthly: 0, service: post", "monthly: 0, service: post, date: 2020-01-01")],
            ("C006", "cost mail", "mail: {title: Mail, monthly: 0, service: post, date: 2020-01-01}"),
        ),
        ([("  prices:\n", RATES)], ("C006", "rate EUR", RATES.splitlines()[0].strip())),
        (
            [("orchestrator: kubernetes", "orchestrator: doks"), ("house: {size: big", "house: {size: g-4vcpu-16gb")],
            ("C006", "price g-4vcpu-16gb", "house: {size: g-4vcpu-16gb, nodes: 3}"),
        ),
        (
            [("big: {amount: 33,", "big: {amount: 33, currency: EUR,")],
            ("C009", "price big", "big: {amount: 33, currency: EUR, date: 2026-11-01}"),
        ),
        (
            [("house: {size: big,", "house: {size: bigger,")],
            ("C008", "price bigger", "house: {size: bigger, nodes: 3}"),
        ),
    ],
)
def test_it_points_to_what_has_to_be_changed(changes: list[tuple[str, str]], found: tuple[str, str, str]) -> None:
    assert found in _found(*changes)


def test_without_a_day_no_price_is_old() -> None:
    assert _found(("date: 2026-11-01", "date: 1990-01-01"), today=None) == []


def test_a_topology_that_does_not_speak_of_costs_is_left_alone() -> None:
    text = TOPOLOGY[TOPOLOGY.index("costs:") : TOPOLOGY.index("decisions:")]
    assert _found((text, "")) == []


def test_other_environments_are_held_to_their_own_budget_only() -> None:
    second = (
        "  live: {zone: hotel.example.com}",
        "  live: {zone: hotel.example.com}\n  quiet: {zone: q.example.com, suffix: -q}",
    )
    budgets = ("  prices:\n", "  budgets: {environments: {quiet: 1}, tiers: {vip: 1}, pods: {suite: 1}}\n  prices:\n")
    larger = ("house: {size: big, nodes: 3}", "house: {size: big, nodes: 9}")
    assert {code_subject[:2] for code_subject in _found(second, budgets, larger, environment="quiet")} == {
        ("C007", "environment quiet")
    }
