"""A topology whose growth can be worked out by hand: nodes of 4 CPU and 8 GiB for pods of 1 CPU and 1 GiB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology import catalog
from solutio_topology.cost.capacity.fit import Fit
from solutio_topology.cost.capacity.model import Amounts, Group, NodeTerm, Shape
from solutio_topology.cost.capacity.nodes import millicores, whole
from solutio_topology.cost.capacity.supply import supply
from solutio_topology.cost.nodes import pool_of
from solutio_topology.cost.scale.ground import Ground, ground, people_of, peopled
from solutio_topology.cost.scale.model import Ask, Plan, Sizing
from solutio_topology.cost.scale.plan import plan_of
from solutio_topology.cost.scale.sizing import Sizer
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.identity import POOL
from solutio_topology.spec.component import Component
from solutio_topology.spec.topology import Topology
from tests.cost.world import world

NODE = {"cpu": "4", "memory": "8Gi", "pods": 20, "volumes": 5}
"""What a node offers; the provider's own pods take nothing of it."""
BASE: tuple[tuple[str, Any], ...] = (
    ("platform/pools/apps", {"size": "s-4vcpu-8gb", "nodes": 2, "allocatable": NODE, "system": {}}),
    ("services/db/size", "one"),
    ("costs/usage", {"prod": {"egress": "0Gi"}}),
    ("scale/headroom", "0%"),
    ("scale/drivers/cameras", {"per": "orgs", "add": 20}),
    ("scale/services/web", {"replicas": {"per": "cameras", "each": 100}}),
)
ENTERPRISE: tuple[tuple[str, Any], ...] = (
    ("tiers/own/pool", {"size": "s-4vcpu-8gb", "nodes": 1, "allocatable": NODE, "system": {}}),
    ("pods/acme", {"tier": "own", "orgs": ["acme"]}),
)
"""A dedicated tenant pod with a database and a node of its own: 48 for the node and 1.00 for 10 GiB a month."""


def grown(*changes: tuple[str, Any], groups: tuple[Group, ...] = ()) -> Ground:
    """The environment that grows, of a changed topology; `groups` stand beside the pods of its services."""
    topology = Topology.model_validate(world(*BASE, *changes))

    def lookup(name: str) -> Component:
        return catalog.component(name, topology.components)

    people = people_of(topology, "prod")
    alone = peopled(topology, "prod", people, orgs=1, copies=1 if people.copied else 0)
    graph = expand(alone, "prod", lookup)
    found = (*_groups(graph), *groups)
    return ground(topology, "prod", people, lookup, Fit(found, supply(graph.platform, found), ()))


def _groups(graph: EnvironmentGraph) -> Iterator[Group]:
    for pod in graph.pods:
        for key, node in pod.nodes.items():
            if node.in_cluster and node.resources:
                asked = Amounts(
                    millicores(node.resources.cpu), whole(node.resources.memory), 1, int(bool(node.storage))
                )
                number = node.min_replicas
                yield Group(
                    f"Deployment world-{pod.pod}/{key}",
                    on(pool_of(graph, node), asked),
                    number,
                    number,
                    number,
                    owner=(pod.pod, key),
                )


def on(pool: str, asked: Amounts, **more: Any) -> Shape:
    """A pod that only one pool takes."""
    from solutio_topology.cost.capacity.model import Toleration

    anywhere = (Toleration(POOL, "Exists", "", ""),)
    return Shape(asked, node_labels=(NodeTerm(POOL, "In", (pool,)),), tolerations=anywhere, **more)


def size(orgs: int, *changes: tuple[str, Any], enterprise: int = 0, stated: dict[str, int] | None = None) -> Sizing:
    """What a demand makes of a changed topology."""
    return Sizer(grown(*changes)).size(Ask(orgs, enterprise, stated or {}))


def plan(*asks: Ask, changes: tuple[tuple[str, Any], ...] = ()) -> Plan:
    """The plan of a changed topology."""
    return plan_of(grown(*changes), asks)
