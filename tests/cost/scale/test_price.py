"""What a demand costs: by hand, and against the usual bill of a topology that spells every tenant pod out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.cost.derive import bill_of
from solutio_topology.cost.scale.model import Ask, Even, Price, Target
from solutio_topology.cost.scale.price import FaultyBillError, price_of
from solutio_topology.cost.scale.sizing import Sizer
from solutio_topology.cost.scale.values import Values
from solutio_topology.cost.totals import totals
from tests.cost.scale.world import BASE, ENTERPRISE, grown, plan
from tests.cost.world import graph

MODES = ("requests", "orgs", "pods")


def price(ask: Ask, *changes: tuple[str, Any]) -> Price:
    ground = grown(*changes)
    return price_of(ground, Values(ground), ask, Sizer(ground).size(ask))


def test_the_bill_of_a_demand() -> None:
    # 36 organizations: 3 nodes of 48, a volume of 10 GiB at 0.10, object storage 5.
    found = price(Ask(36))
    assert (found.total, found.shared_pod, found.enterprise) == (Decimal("150.00"), Decimal("150.00"), Decimal("0.00"))
    amounts = {"nodes": "144.00", "object storage": "5.00", "volumes": "1.00", "egress": "0.00"}
    assert found.by_category == {name: Decimal(amount) for name, amount in amounts.items()}


def test_each_copy_adds_what_it_has_for_itself() -> None:
    # A node of 48 and a volume of 1.00 each. The shared pod's 102 are divided by requests and organizations.
    totals_of = [price(Ask(30, number), *ENTERPRISE).total for number in (0, 1, 2)]
    assert totals_of == [Decimal(102 + 49 * number) for number in (0, 1, 2)]
    # A thousand have 20,000 cameras, which the shared pods serve: 206 of web and one of db on 52 nodes, not 2.
    assert price(Ask(30, 1000), *ENTERPRISE).total == Decimal(102 + 50 * 48 + 49 * 1000)


def test_the_transfer_of_all_nodes_is_pooled() -> None:
    # 5,000 GiB with each node; two of apps and one for each copy. 30,000 are sent.
    sent: tuple[str, Any] = ("costs/usage/prod/egress", "30000Gi")
    found = [price(Ask(1, number), *ENTERPRISE, sent).by_category["egress"] for number in (1, 3, 5)]
    assert found == [Decimal("150.00"), Decimal("50.00"), Decimal("0.00")]


def test_tariffs_and_usage_are_priced() -> None:
    changes: tuple[tuple[str, Any], ...] = (
        ("costs/items/mail", {"title": "Mail", "monthly": 5, "service": "mail"}),
        ("scale/plans/mail", {"per": "orgs", "steps": [{"upTo": 10, "monthly": 5}, {"monthly": 90}]}),
        ("scale/usage/stored/spaces", {"per": "orgs", "add": "100Gi"}),
    )
    # 1,100 GiB stored: 250 are included, 850 at 0.02 are 17.
    found = price(Ask(11), *changes).by_category
    assert (found["plans"], found["object storage"]) == (Decimal("90.00"), Decimal("22.00"))


def test_a_size_without_a_price_is_no_price() -> None:
    with pytest.raises(FaultyBillError, match="there is no price for 's-9vcpu'"):
        price(Ask(1), ("platform/pools/apps/size", "s-9vcpu"))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(1, 4), st.integers(1, 3), st.sampled_from(MODES))
def test_equal_tenant_pods_priced_once_are_what_each_of_them_costs(
    orgs: int, copies: int, each: int, mode: str
) -> None:
    """The law that counting rests on: the same bill as of a topology in which every tenant pod is spelled out."""
    names = [f"org-{number}" for number in range(each)]
    shared: tuple[tuple[str, Any], ...] = (*ENTERPRISE, ("costs/shared", mode), ("pods/acme/orgs", names))
    found = price(Ask(orgs, copies), *shared)
    spelled = [(f"pods/acme-{number}", {"tier": "own", "orgs": names}) for number in range(2, copies + 1)]
    ground = grown(*shared)
    sized = Sizer(ground).size(Ask(orgs, copies))
    wanted = (
        ("platform/pools/apps/nodes", sized.pools["apps"].nodes),
        ("services/web/replicas", sized.replicas[Target("all", "web")]),
        ("pods/all/orgs", [f"org-{number}" for number in range(orgs)]),
    )
    whole = graph(*BASE, *shared, *spelled, *wanted)
    bill = bill_of(whole)
    assert found.total == bill.total
    pods = totals(bill, whole).pods
    # Cents that are left over go to whole tenant pods: each line may differ by one for each of them.
    cents = Decimal("0.01") * copies * len(bill.items)
    assert abs(found.shared_pod - pods[0].total) <= cents
    assert abs(found.enterprise - sum(pod.total for pod in pods[1:])) <= cents


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 200), st.integers(0, 60), st.integers(0, 5), st.integers(0, 3))
def test_more_demand_never_costs_less(orgs: int, more: int, copies: int, more_copies: int) -> None:
    changes: tuple[tuple[str, Any], ...] = (
        *ENTERPRISE,
        ("scale/services/db", {"storage": {"per": "cameras", "add": "1Gi"}, "replicas": {"per": "orgs", "each": 60}}),
        ("scale/headroom", "10%"),
    )
    ground = grown(*changes)
    sizer = Sizer(ground)
    small, large = Ask(orgs, copies), Ask(orgs + more, copies + more_copies)
    before, after = sizer.size(small), sizer.size(large)
    assert all(crowd.nodes <= after.pools[pool].nodes for pool, crowd in before.pools.items())
    assert all(number <= after.replicas[target] for target, number in before.replicas.items())
    values = Values(ground)
    assert price_of(ground, values, small, before).total <= price_of(ground, values, large, after).total


def test_what_an_organization_and_a_tenant_pod_cost() -> None:
    (point,) = plan(Ask(30, 2), changes=ENTERPRISE).points
    assert (point.orgs, point.nodes, point.price.total) == (32, 4, Decimal("200.00"))
    assert point.per_org == Decimal("6.25")
    assert point.per_shared_org is not None
    assert point.per_enterprise is not None
    assert abs(30 * point.per_shared_org + 2 * point.per_enterprise - 200) < 1


def test_nothing_is_divided_by_none() -> None:
    (point,) = plan(Ask(0)).points
    assert (point.per_org, point.per_shared_org, point.per_enterprise) == (None, None, None)


def _even(found: tuple[Even, ...], start: str) -> Even:
    return next(even for even in found if even.question.startswith(start))


def test_from_when_on_a_tier_pays_for_itself() -> None:
    # 97 pay 291 for 20 pods of web and one of db on 6 nodes, 294 a month; 98 pay that, and all above more. (34 pay the
    # 102 of two nodes, and 36 do not pay those of three: it is no number to rely on.)
    found = plan(Ask(5), changes=(("costs/revenue", {"basic": {"monthly": 3}}),))
    assert _even(found.evens, "basic pays").number == 98


def test_a_price_that_never_pays() -> None:
    found = plan(Ask(5), changes=(("costs/revenue", {"basic": {"monthly": 0}}),))
    assert _even(found.evens, "basic pays").answer == "never, up to 4,096 organizations"


def test_without_a_price_the_one_that_pays_is_told() -> None:
    found = plan(Ask(10), Ask(30), changes=())
    told = "no price is stated (costs.revenue); what pays it is between 3.40 and 10.20 for an organization a month"
    assert _even(found.evens, "basic pays").answer == told


def test_the_margin_of_a_dedicated_tenant_pod() -> None:
    sold: tuple[str, Any] = ("costs/revenue", {"own": {"monthly": 100, "per": "pod"}})
    found = plan(Ask(30, 2), changes=(*ENTERPRISE, sold))
    (point,) = found.points
    assert point.price.revenue == {"own": Decimal("200.00")}
    left = (200 - point.price.enterprise) / 2
    assert _even(found.evens, "own pays").answer == f"{left:+,.2f} a tenant pod at 30 orgs"


def test_from_which_load_on_a_tenant_pod_of_its_own_is_cheaper() -> None:
    """A database that holds the cameras of one tenant pod at a price that rises faster than a node."""
    # Each tenant pod has 10 pods of db at most before it needs nodes; in the shared one they come on top.
    rule: tuple[str, Any] = ("scale/services/db", {"replicas": {"per": "orgs", "each": 2}})
    dear: tuple[str, Any] = ("costs/prices", {"s-4vcpu-8gb": {"amount": 48, "date": "2026-01-01"}})
    big = {
        "size": "s-8vcpu-16gb",
        "nodes": 1,
        "allocatable": {"cpu": "64", "memory": "64Gi", "pods": 90, "volumes": 90},
    }
    changes = (*ENTERPRISE, rule, dear, ("tiers/own/pool", {**big, "system": {}}))
    found = _even(plan(Ask(5), changes=changes).evens, "a customer")
    assert found.number is not None
    ground = grown(*changes)
    values, sizer = Values(ground), Sizer(ground)

    def cost(ask: Ask) -> Decimal:
        return price_of(ground, values, ask, sizer.size(ask)).total

    for size, cheaper in ((found.number, True), (found.number - 1, False)):
        assert (cost(Ask(5, 1, customer=size)) <= cost(Ask(5 + size))) is cheaper


def test_dedicated_tenant_pods_without_a_pool_fill_those_of_the_platform() -> None:
    # 11 organizations have 220 cameras: 3 pods of web. 11 databases of 1 CPU: 14 CPU need 4 nodes; 11 volumes at 1.00.
    ground = grown(ENTERPRISE[1])
    sized = Sizer(ground).size(Ask(1, 10))
    assert (sized.pools["apps"].nodes, list(sized.pools)) == (4, ["apps"])
    assert price(Ask(1, 10), ENTERPRISE[1]).total == Decimal(4 * 48 + 11 + 5)


def test_other_tenant_pods_stay_as_they_are() -> None:
    others: tuple[tuple[str, Any], ...] = (
        *ENTERPRISE,
        ("tiers/large", {"tenancy": "dedicated", "dedicates": ["db"], "pool": {"size": "s-8vcpu-16gb", "nodes": 2}}),
        ("pods/whale", {"tier": "large", "orgs": ["w1", "w2"]}),
        ("pods/acme-2", {"tier": "own", "orgs": ["second"]}),
    )
    (point,) = plan(Ask(10, 3), changes=others).points
    # 102 for the shared part, 49 for each of three copies, 2 × 96 and a volume for the other tier's. Not acme-2.
    assert point.price.total == Decimal(102 + 3 * 49 + 2 * 96 + 1)
    assert (point.orgs, point.nodes) == (10 + 3 + 2, 2 + 3 + 2)
    assert point.sizing.demand["cameras"] == 15 * 20


def test_the_topology_itself_stays_as_it_is() -> None:
    ground = grown(*ENTERPRISE)
    before = ground.topology.model_dump()
    price_of(ground, Values(ground), Ask(500, 7), Sizer(ground).size(Ask(500, 7)))
    assert ground.topology.model_dump() == before
