"""What one tenant pod sees is what it would be alone with those that serve others."""

from __future__ import annotations

import pytest

from bench.fleet import adapted, pod
from solutio_topology import catalog
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.graph.view import restricted, view
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


def test_those_that_serve_others_see_everything() -> None:
    whole = fleet(["p1", "p2"], different=False)
    assert view(whole, "default") is whole
    assert whole.serves_others("default")
    assert not whole.serves_others("p1")


def test_a_restricted_graph_keeps_the_order_and_those_that_serve_others() -> None:
    whole = fleet(["p1", "p2", "p3"], different=False)
    assert [each.pod for each in restricted(whole, frozenset({"p3", "p1"})).pods] == ["default", "p1", "p3"]
