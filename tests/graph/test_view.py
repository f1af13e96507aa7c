"""What one tenant pod sees is what it would be alone with those that serve others."""

from __future__ import annotations

import pytest

from bench.fleet import adapted, pod
from solutio_topology import catalog
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.graph.view import outline, restricted, view
from solutio_topology.spec.service import ServiceOverride
from solutio_topology.spec.tenancy import TenantPod
from solutio_topology.spec.topology import Topology
from solutio_topology.yamlio import read_document
from tests.render.worlds import ROOT

VALUE, _, _ = read_document((ROOT / "topology.yaml").read_bytes())


def fleet(names: list[str], *, different: bool) -> EnvironmentGraph:
    """The real topology with these tenant pods beside the shared one."""
    value = adapted(VALUE)
    value["pods"] = {**value["pods"], **{name: pod(int(name[1:]), different=different) for name in names}}
    topology = Topology.model_validate(value)
    return expand(topology, "prod", lambda name: catalog.component(name, topology.components))


@pytest.mark.parametrize("different", [False, True], ids=["equal", "different"])
def test_a_view_is_the_graph_without_the_others(different: bool) -> None:
    whole = fleet(["p1", "p2", "p3"], different=different)
    alone = fleet(["p2"], different=different)
    seen = view(whole, "p2")
    assert seen.pods == alone.pods
    assert seen.platform == alone.platform
    assert seen.controllers == alone.controllers
    assert seen.topology == alone.topology


def test_those_that_serve_others_see_who_there_is_and_not_how_they_differ() -> None:
    whole = fleet(["p1", "p2"], different=True)
    seen = view(whole, "default")
    plain = fleet(["p1", "p2"], different=False)
    assert seen is whole.outline
    assert seen.pod("default") == whole.pod("default")
    assert [each.nodes for each in seen.pods[1:]] != [each.nodes for each in whole.pods[1:]]
    assert {each.tenant.domain for each in seen.pods[1:]} == {each.tenant.domain for each in whole.pods[1:]}
    assert {each.tenant.services == {} for each in seen.pods[1:]} == {True}
    assert seen.controllers == whole.controllers
    assert whole.serves_others("default")
    assert not whole.serves_others("p1")
    assert [each.pod for each in plain.outline.pods] == [each.pod for each in plain.pods]


def test_addresses_are_seen_by_others() -> None:
    override = ServiceOverride.model_validate({"hosts": ["a.example.com"], "env": {"A": "1"}})
    tenant = TenantPod.model_validate({"tier": "enterprise", "services": {"x": override, "y": ServiceOverride()}})
    seen = outline(tenant)
    assert seen.model_dump(exclude_unset=True)["services"] == {"x": {"hosts": ["a.example.com"]}}
    assert outline(seen) is seen


def test_a_restricted_graph_keeps_the_order_and_those_that_serve_others() -> None:
    whole = fleet(["p1", "p2", "p3"], different=False)
    assert [each.pod for each in restricted(whole, frozenset({"p3", "p1"})).pods] == ["default", "p1", "p3"]
