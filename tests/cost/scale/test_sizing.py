"""Demand and what follows from it, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.cost.capacity.model import Amounts, Group, HostPort
from solutio_topology.cost.scale.model import Ask, Crowd, Limit, Target
from solutio_topology.cost.scale.sizing import BeyondTariffsError, Sizer
from tests.cost.scale.world import ENTERPRISE, grown, on, size

WEB, DB = Target("all", "web"), Target("all", "db")


def test_drivers_follow_each_other_in_whole_steps() -> None:
    # 7 organizations × 20 cameras = 140; one stream for each begun 50: 3, and 2 in any case: 5.
    found = size(7, ("scale/drivers/streams", {"per": "cameras", "each": 50, "base": 2}))
    assert found.demand == {"orgs": 7, "enterprise": 0, "cameras": 140, "streams": 5}


def test_the_order_of_drivers_in_the_file_does_not_matter() -> None:
    drivers = {"streams": {"per": "cameras", "each": 50}, "cameras": {"per": "orgs", "add": 20}}
    assert size(7, ("scale/drivers", drivers)).demand["streams"] == 3


@pytest.mark.parametrize(("orgs", "pods"), [(0, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_replicas_are_begun_steps(orgs: int, pods: int) -> None:
    # 20 cameras an organization, a pod for each begun 100 cameras, never fewer than the one that is declared.
    assert size(orgs).replicas == {WEB: pods}


def test_a_given_driver_is_not_derived() -> None:
    found = size(1, stated={"cameras": 1000})
    assert (found.demand["cameras"], found.replicas) == (1000, {WEB: 10})


def test_what_a_tier_changes_and_what_several_share() -> None:
    more = (("scale/drivers/cameras", {"per": "orgs", "add": 20, "tiers": {"own": {"per": "orgs", "add": 300}}}),)
    rules = {"web": {"replicas": {"per": "cameras", "each": 100}}, "db": {"replicas": {"per": "cameras", "each": 100}}}
    found = size(5, *ENTERPRISE, *more, ("scale/services", rules), enterprise=2)
    # web serves all: 5 × 20 + 2 × 300 = 700. Each database serves its own: 100 in the shared pod, 300 in each copy.
    assert found.demand == {"orgs": 7, "enterprise": 2, "cameras": 700}
    assert found.replicas == {WEB: 7, DB: 1, Target("acme", "db"): 3}


def test_what_a_copy_has_does_not_depend_on_how_many_there_are() -> None:
    rules: tuple[str, Any] = ("scale/services/db", {"replicas": {"per": "cameras", "each": 10}})
    found = [size(5, *ENTERPRISE, rules, enterprise=number) for number in (1, 50)]
    assert [each.replicas[Target("acme", "db")] for each in found] == [2, 2]
    assert found[0].pools["acme"] == found[1].pools["acme"]


def test_without_copies_there_is_nothing_of_them() -> None:
    found = size(5, *ENTERPRISE, ("scale/services/db", {"storage": {"per": "orgs", "add": "1Gi"}}))
    assert (list(found.pools), list(found.storage)) == (["apps"], [("all", "db")])


def test_volumes_grow_from_their_base_and_never_shrink() -> None:
    rule: tuple[str, Any] = (
        "scale/services/db",
        {"storage": {"per": "orgs", "each": 2, "add": "500Mi", "base": "8Gi"}},
    )
    # 10Gi are declared: 8 + 3 × 0.488 = 9.46 is less; 8 + 5 × 0.488 = 10.44 is rounded up to whole GiB.
    assert [size(orgs, rule).storage["all", "db"] for orgs in (5, 9)] == [10, 11]


def test_usage_grows_from_what_is_declared() -> None:
    rules: tuple[str, Any] = ("scale/usage", {"egress": {"per": "cameras", "add": "3Gi"}})
    assert size(2, rules).usage == {("egress",): 120}


@pytest.mark.parametrize(("orgs", "nodes", "why"), [(10, 2, "declared"), (35, 2, "declared"), (36, 3, "cpu")])
def test_nodes_cover_what_is_requested(orgs: int, nodes: int, why: str) -> None:
    # 35 organizations: 7 pods of web and one of db, 8 CPU, 2 nodes of 4. The 36th begins an eighth pod.
    assert size(orgs).pools == {"apps": Crowd(nodes, why)}


def test_headroom_is_kept_free_on_every_node() -> None:
    # A quarter of 4 CPU free: 3 for pods, and 8 CPU need 3 nodes.
    assert size(35, ("scale/headroom", "25%")).pools["apps"] == Crowd(3, "cpu")


def test_pods_and_volumes_of_a_node_count_without_headroom() -> None:
    tight = {"cpu": "64", "memory": "64Gi", "pods": 4, "volumes": 5}
    pool = {"size": "s-4vcpu-8gb", "nodes": 1, "allocatable": tight, "system": {}}
    assert size(36, ("platform/pools/apps", pool), ("scale/headroom", "50%")).pools["apps"] == Crowd(3, "pods")


def test_two_large_pods_need_two_nodes_although_their_sum_does_not() -> None:
    # 3 CPU of 4: six pods ask for 18 CPU, which five nodes have; but no node takes two.
    large = (("sizes/one", {"cpu": "3", "memory": "1Gi"}), ("services/db/size", "three"))
    assert size(25, *large).pools["apps"] == Crowd(6, "large pods")


def test_pods_that_take_a_port_of_the_node_stand_alone() -> None:
    shape = on("apps", Amounts(10, 1, 1, 0), host_ports=frozenset({HostPort("TCP", 7881)}))
    ground = grown(groups=(Group("Deployment world-all/relay", shape, 6, 6, 6),))
    assert Sizer(ground).size(Ask(1)).pools["apps"] == Crowd(6, "one to a node")


def test_spare_nodes_and_the_most_of_a_pool() -> None:
    assert size(36, ("scale/pools/apps", {"spare": 1})).pools["apps"] == Crowd(4, "cpu")
    found = size(36, ("scale/pools/apps", {"max": 2}))
    assert found.pools["apps"] == Crowd(2, "declared")
    assert found.limits == (Limit("nodes of pool apps", "3", "2", ("scale", "pools", "apps", "max")),)


def test_at_its_most_a_rule_stays_and_says_what_is_needed() -> None:
    found = size(50, ("scale/services/web/replicas/max", 4))
    assert found.replicas == {WEB: 4}
    assert found.limits == (Limit("pods of web of all", "10", "4", ("scale", "services", "web", "replicas", "max")),)


def test_an_autoscaler_s_limit_is_told_and_priced_as_needed() -> None:
    found = size(50, ("services/web/replicas", {"min": 1, "max": 4}))
    assert found.replicas == {WEB: 10}
    assert [(limit.subject, limit.needed, limit.held) for limit in found.limits] == [
        ("pods of web of all", "10", False)
    ]


STEPS: tuple[tuple[str, Any], ...] = (
    ("costs/items/mail", {"title": "Mail", "monthly": 5, "service": "mail"}),
    (
        "scale/plans/mail",
        {"per": "orgs", "steps": [{"upTo": 10, "monthly": 5}, {"upTo": 20, "monthly": 9, "title": "b"}]},
    ),
)


@pytest.mark.parametrize(("orgs", "told"), [(10, (0, "up to 10 orgs", 5)), (11, (1, "b", 9)), (20, (1, "b", 9))])
def test_the_first_tariff_that_serves_the_demand(orgs: int, told: tuple[int, str, int]) -> None:
    found = size(orgs, *STEPS).tariffs["mail"]
    assert (found.step, found.title, found.monthly) == told


def test_a_demand_beyond_all_tariffs_has_no_price() -> None:
    with pytest.raises(BeyondTariffsError, match="the tariffs of mail end at 20 orgs, and 21 are asked for") as caught:
        size(21, *STEPS)
    assert caught.value.pointer == ("scale", "plans", "mail", "steps")
