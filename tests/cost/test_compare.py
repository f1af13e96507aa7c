from __future__ import annotations

from decimal import Decimal

import pytest

from solutio_topology.cost.compare import compare_bills
from tests.cost.world import DEDICATED, bill


def test_equal_bills_differ_in_nothing() -> None:
    assert compare_bills(bill(), bill()) == ()


def test_lines_that_come_go_and_cost_more() -> None:
    before = bill(("platform/pools/old", {"size": "s-2vcpu-4gb", "nodes": 1}))
    after = bill(*DEDICATED[:1], ("platform/pools/apps/nodes", 3), ("platform/highAvailability", True))
    found = compare_bills(before, after)
    assert [(each.item.name, each.difference) for each in found] == [
        ("nodes/apps", Decimal(24)),
        ("control-plane", Decimal(40)),
        ("nodes/old", Decimal(-24)),
    ]
    assert sum(each.difference for each in found) == after.total - before.total


def test_another_machine_of_the_same_price_is_a_change_without_a_difference() -> None:
    found = compare_bills(bill(), bill(("platform/pools/apps/size", "s-2vcpu-2gb-90gb-intel")))
    assert [(each.item.name, each.difference) for each in found] == [("nodes/apps", Decimal(0))]


def test_one_comparison_is_the_other_turned_round() -> None:
    one, other = bill(), bill(*DEDICATED, ("platform/pools/apps/nodes", 5))
    forward = {each.item.name: each.difference for each in compare_bills(one, other)}
    back = {each.item.name: -each.difference for each in compare_bills(other, one)}
    assert forward == back


def test_bills_in_two_currencies_cannot_be_compared() -> None:
    rates = {"USD": {"rate": 5, "date": "2026-11-01", "source": "x"}}
    with pytest.raises(ValueError, match="one bill is in USD, the other in BRL"):
        compare_bills(bill(), bill(("costs/currency", "BRL"), ("costs/rates", rates)))
