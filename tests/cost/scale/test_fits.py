"""Counted nodes against a placement: the shipped plan's pods fit, by the capacity's own solver."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from solutio_topology.cost.capacity.fit import Fit, Level
from solutio_topology.cost.capacity.place import Verdict, place
from solutio_topology.cost.capacity.supply import supply
from solutio_topology.cost.scale.ground import Ground
from solutio_topology.cost.scale.model import Ask, Sizing, Target
from solutio_topology.cost.scale.pools import target_of
from solutio_topology.cost.scale.sizing import Sizer
from solutio_topology.workflows.plan import asked, ground_of
from solutio_topology.workflows.project import open_project

ROOT = Path(__file__).parents[3]
PROJECT = open_project(ROOT / "topology.yaml")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_of(PROJECT, "prod")


def _verdict(ground: Ground, sizing: Sizing, *, fewer: str = "") -> Verdict:
    """Whether the pods of a demand, with one copy of the dedicated tenant pod, stand on the nodes of its pools."""
    nodes = {name: crowd.nodes - (name == fewer) for name, crowd in sizing.pools.items()}
    platform = ground.graph.platform
    pools = {name: platform.pools[name].model_copy(update={"nodes": number}) for name, number in nodes.items()}
    groups = ground.fit.groups
    numbers = ground.fit.numbers(Level.USUAL)
    for at, group in enumerate(groups):
        target: Target | None = target_of(ground, group)
        if group.owner[0] == ground.people.copied and ground.people.copied not in nodes:
            numbers[at] = 0
        elif target and not group.passing:
            numbers[at] = sizing.replicas.get(target, numbers[at])
    machines = supply(platform.model_copy(update={"pools": pools}), groups).machines
    return place(groups, numbers, machines).verdict


@pytest.mark.parametrize("ask", [*asked(PROJECT, ROOT / "plan.yaml", {}), Ask(400, 0), Ask(600, 10), Ask(2000, 40)])
def test_all_pods_of_the_plan_find_a_place(ground: Ground, ask: Ask) -> None:
    assert _verdict(ground, Sizer(ground).size(ask)) in {Verdict.FITS, Verdict.PACKED}


@pytest.mark.parametrize("orgs", [400, 1000, 2000])
def test_without_headroom_a_node_less_is_too_few(ground: Ground, orgs: int) -> None:
    """The other way round: without headroom the number is a bound, and no placement does with less."""
    scale = ground.topology.scale.model_copy(update={"headroom": "0%"})
    tight = replace(ground, topology=ground.topology.model_copy(update={"scale": scale}))
    sizing = Sizer(tight).size(Ask(orgs))
    assert sizing.pools["apps"].why != "declared"
    assert _verdict(tight, sizing, fewer="apps") is Verdict.SHORT


def test_the_fit_of_the_ground_is_of_one_tenant_pod_of_each_kind(ground: Ground) -> None:
    assert isinstance(ground.fit, Fit)
    assert [pod.pod for pod in ground.graph.pods] == ["default", "org-e"]
