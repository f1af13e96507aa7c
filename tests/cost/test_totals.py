"""Dividing a bill: by hand, and laws that hold for every bill."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.cost.derive import bill_of
from solutio_topology.cost.model import Bill
from solutio_topology.cost.totals import PodCost, Totals, apportion, totals
from tests.cost.world import DEDICATED, amounts, bill, graph


def divided(*changes: tuple[str, Any], environment: str = "prod") -> tuple[Bill, Totals]:
    found = graph(*changes, environment=environment)
    made = bill_of(found)
    return made, totals(made, found)


def test_a_third_of_a_dollar_loses_no_cent() -> None:
    thirds = dict.fromkeys("abc", 1)
    assert apportion(Decimal("1.00"), thirds) == {"a": Decimal("0.34"), "b": Decimal("0.33"), "c": Decimal("0.33")}
    assert apportion(Decimal("0.01"), thirds) == {"a": Decimal("0.01"), "b": Decimal("0.00"), "c": Decimal("0.00")}


@given(
    st.decimals(min_value=0, max_value=10**9, places=2),
    st.dictionaries(st.text(min_size=1), st.integers(1, 10**6), min_size=1, max_size=30),
)
def test_parts_add_up_and_are_never_a_cent_off(amount: Decimal, weights: dict[str, int]) -> None:
    parts = apportion(amount, weights)
    assert sum(parts.values()) == amount
    whole = sum(weights.values())
    for key, part in parts.items():
        assert abs(Fraction(part) - Fraction(amount) * weights[key] / whole) < Fraction(1, 100)


def test_nodes_are_divided_by_what_runs_on_them_and_what_is_shared_by_organization() -> None:
    """web asks for 1 of 4 CPU and GiB and serves three organizations; db asks for 3 and is the shared pod's alone."""
    made, found = divided(*DEDICATED)
    assert amounts(made)["nodes/apps"] == "48.00"
    web, db = Decimal("12.00"), Decimal("36.00")
    bucket, volume, node = Decimal("5.00"), Decimal("1.00"), Decimal("48.00")
    assert found.layers == {"apps": web, "data": db + 2 * volume + node + bucket}
    thirds = (web / 3 * 2 + Decimal("3.33"), web / 3 + Decimal("1.67"))
    assert found.pods == (
        PodCost("all", "basic", ("a", "b"), own=volume, shared=db + thirds[0]),
        PodCost("acme", "own", ("acme",), own=node + volume, shared=thirds[1]),
    )
    assert found.tiers == {"basic": volume + db + thirds[0], "own": node + volume + thirds[1]}
    assert found.pools == {"apps": Decimal("49.00"), "acme": Decimal("49.00"), "": bucket}


def test_everything_shared_by_organization() -> None:
    _, found = divided(*DEDICATED, ("costs/shared", "orgs"))
    assert [pod.shared for pod in found.pods] == [
        Decimal("32.00") + Decimal("3.33"),
        Decimal("16.00") + Decimal("1.67"),
    ]


def test_everything_shared_by_tenant_pod() -> None:
    _, found = divided(*DEDICATED, ("costs/shared", "pods"))
    assert [pod.shared for pod in found.pods] == [Decimal("26.50"), Decimal("26.50")]


def test_a_tier_pays_nothing_for_what_it_does_not_share() -> None:
    _, found = divided(*DEDICATED, ("tiers/own/shares", ["spaces", "mail", "sensors"]))
    assert [pod.shared for pod in found.pods] == [Decimal("3.33"), Decimal("1.67")]
    assert found.pods[0].own == Decimal("49.00")


def test_a_tenant_pod_without_organizations_counts_as_one() -> None:
    _, found = divided(*DEDICATED, ("pods/all/orgs", []))
    assert (found.pods[0].by_org, found.pods[0].shared) == ({}, Decimal("36.00") + Decimal("6.00") + Decimal("2.50"))


def test_cost_of_an_organization() -> None:
    _, found = divided(*DEDICATED)
    assert found.pods[0].by_org == {"a": Decimal("24.17"), "b": Decimal("24.16")}


REVENUE = ("costs/revenue", {"own": {"monthly": 100}, "basic": {"monthly": 10, "per": "org"}})


def test_margin_of_a_tier() -> None:
    _, found = divided(*DEDICATED, REVENUE)
    assert [(pod.revenue, pod.margin, pod.margin_share) for pod in found.pods] == [
        (Decimal("20.00"), Decimal("20.00") - Decimal("48.33"), Decimal("-141.6")),
        (Decimal("100.00"), Decimal("100.00") - Decimal("54.67"), Decimal("45.3")),
    ]


def test_a_tier_is_sold_by_tenant_pod_or_by_organization() -> None:
    per_pod = ("costs/revenue", {"basic": {"monthly": 10, "per": "pod"}})
    _, found = divided(per_pod)
    assert found.pods[0].revenue == 10
    _, free = divided(("costs/revenue", {"basic": {"monthly": 0}}))
    assert (free.pods[0].revenue, free.pods[0].margin_share) == (0, None)


def test_nothing_is_sold_where_the_page_does_not_look() -> None:
    _, found = divided(REVENUE, environment="staging")
    assert [pod.revenue for pod in found.pods] == [None]


def test_a_revenue_in_a_currency_without_a_rate_is_a_fault() -> None:
    _, found = divided(("costs/revenue", {"basic": {"monthly": 10, "currency": "EUR"}}))
    assert [(fault.rule, fault.pointer) for fault in found.faults] == [
        ("currency", ("costs", "revenue", "basic", "currency"))
    ]


pools = st.fixed_dictionaries(
    {"size": st.sampled_from(["s-2vcpu-4gb", "s-4vcpu-8gb", "c-4"]), "nodes": st.integers(0, 40)}
)
tenants = st.lists(st.integers(0, 3), max_size=4).map(
    lambda counts: {
        f"p{number}": {"tier": "own", "orgs": [f"o{number}-{org}" for org in range(count)]}
        for number, count in enumerate(counts)
    }
)


@settings(max_examples=60, deadline=None)
@given(
    pool=pools,
    own=st.none() | pools.filter(lambda pool: pool["nodes"] > 0),
    tenants=tenants,
    shared=st.sampled_from(["requests", "orgs", "pods"]),
    replicas=st.integers(0, 9),
    stored=st.none() | st.integers(0, 5000),
)
def test_every_division_adds_up_to_the_bill(
    pool: dict[str, Any],
    own: dict[str, Any] | None,
    tenants: dict[str, Any],
    shared: str,
    replicas: int,
    stored: int | None,
) -> None:
    changes: list[tuple[str, Any]] = [
        ("platform/pools/apps", pool),
        ("tiers/own/pool", own),
        ("pods", {"all": {"tier": "basic", "orgs": ["a", "b"]}, **tenants}),
        ("costs/shared", shared),
        ("services/web/replicas", replicas),
    ]
    if stored is not None:
        changes.append(("costs/usage", {"prod": {"stored": {"spaces": f"{stored}Gi"}}}))
    made, found = divided(*changes)
    assert made.total == sum(item.monthly for item in made.items)
    for parts in (found.layers.values(), found.tiers.values(), found.pools.values(), [pod.total for pod in found.pods]):
        assert sum(parts) == made.total
    for pod in found.pods:
        assert not pod.orgs or sum(pod.by_org.values()) == pod.total
        assert pod.own >= 0
        assert pod.shared >= 0


@settings(max_examples=40, deadline=None)
@given(nodes=st.integers(0, 50), more=st.integers(1, 50), replicas=st.integers(0, 9), further=st.integers(1, 9))
def test_more_nodes_and_more_replicas_never_cost_less(nodes: int, more: int, replicas: int, further: int) -> None:
    def cost(count: int, copies: int) -> Decimal:
        return bill(("platform/pools/apps/nodes", count), ("services/db/replicas", copies)).total

    assert cost(nodes + more, replicas) == cost(nodes, replicas) + 24 * more
    assert cost(nodes, replicas + further) == cost(nodes, replicas) + further * 10 * Decimal("0.10")


@settings(max_examples=20, deadline=None)
@given(count=st.integers(0, 12))
def test_the_bill_is_additive_over_tenant_pods(count: int) -> None:
    """Each further dedicated tenant pod costs what the first did: its node and its volume."""
    base = bill(DEDICATED[0]).total
    pods = {f"p{number}": {"tier": "own", "orgs": [f"o{number}"]} for number in range(count)}
    found = bill(DEDICATED[0], ("pods", {"all": {"tier": "basic", "orgs": ["a", "b"]}, **pods}))
    assert found.total == base + count * (48 + Decimal("1.00"))
