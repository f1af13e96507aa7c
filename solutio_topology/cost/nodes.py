"""What machines cost: node pools, and the control plane."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Category, Fault, Item, Pointer, Use
from solutio_topology.cost.prices import CONTROL_PLANE
from solutio_topology.cost.pricing import Pricing, Wanted
from solutio_topology.cost.shares import Shares, node_weights

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Node
    from solutio_topology.spec.platform import Platform

_HIGHLY_AVAILABLE_FROM = 36
"""Minor version of Kubernetes from which DOKS runs the control plane several times by default.

Source: digitalocean/openapi, specification/resources/kubernetes/models/cluster.yml.
"""


def nodes(graph: EnvironmentGraph, pricing: Pricing, shares: Shares) -> Iterator[Item | Fault]:
    """A line for each node pool: those of the platform, and those that tiers give to each of their tenant pods."""
    on_pools = services_by_pool(graph)
    for name, pool in graph.platform.pools.items():
        uses = _uses(graph, shares, name, on_pools.get(name, []))
        wanted = Wanted(
            name=f"nodes/{name}",
            title=f"node pool {name}",
            category=Category.NODES,
            quantity=Decimal(pool.nodes),
            uses=uses,
            pointer=size_pointer(graph, name),
            pool=name,
        )
        yield pricing.line(wanted, pool.size)


def _uses(graph: EnvironmentGraph, shares: Shares, name: str, services: list[Node]) -> tuple[Use, ...]:
    if services:
        return shares.of_services(node_weights(graph, services))
    owner = next((pod.pod for pod in graph.pods if pod.pod == name and pod.tier.pool), None)
    return (Use("", owner),) if owner else shares.of_all()


def services_by_pool(graph: EnvironmentGraph) -> dict[str, list[Node]]:
    """What runs on which pool; services that name none share the first that is open to all."""
    found: dict[str, list[Node]] = {}
    for pod in graph.pods:
        for node in pod.nodes.values():
            if node.in_cluster and (name := pool_of(graph, node)):
                found.setdefault(name, []).append(node)
    return found


def pool_of(graph: EnvironmentGraph, node: Node) -> str:
    """The pool that a service runs on: its own, else the first without a taint; empty when there is none."""
    if node.pool:
        return node.pool
    return next((name for name, pool in graph.platform.pools.items() if not pool.dedicated), "")


def size_pointer(graph: EnvironmentGraph, name: str) -> Pointer:
    """Where the machine size of a pool is said: by the environment, the tier, or the platform."""
    if name in graph.environment.platform.pools:
        return ("environments", graph.name, "platform", "pools", name, "size")
    tenant = graph.topology.pods.get(name)
    if tenant is not None and graph.topology.tiers[tenant.tier].pool:
        return ("tiers", tenant.tier, "pool", "size")
    return ("platform", "pools", name, "size")


def control_plane(graph: EnvironmentGraph, pricing: Pricing, shares: Shares) -> Iterator[Item | Fault]:
    """The line of a control plane that runs several times; a single one is free on DOKS."""
    if not is_highly_available(graph.platform):
        return
    wanted = Wanted(
        name="control-plane",
        title="control plane, highly available",
        category=Category.CONTROL_PLANE,
        quantity=Decimal(1),
        uses=shares.of_all(),
        pointer=("platform", "highAvailability" if graph.platform.high_availability else "kubernetes"),
    )
    yield pricing.line(wanted, CONTROL_PLANE)


def single_control_plane(graph: EnvironmentGraph, pricing: Pricing) -> Iterator[str]:
    """That the provider will run a control plane several times, and charge for it, once Kubernetes is upgraded."""
    price = pricing.book.price(CONTROL_PLANE)
    if graph.platform.orchestrator != "doks" or graph.platform.high_availability is not None or price is None:
        return
    if not is_highly_available(graph.platform):
        yield (
            f"control plane: single, and free; from Kubernetes 1.{_HIGHLY_AVAILABLE_FROM} on DOKS runs it several "
            f"times for {price.amount} {price.currency}, unless platform.highAvailability is false"
        )


def is_highly_available(platform: Platform) -> bool:
    """Whether the control plane runs several times: as declared, else as the provider does by default."""
    if platform.high_availability is not None:
        return platform.high_availability
    return platform.orchestrator == "doks" and int(platform.kubernetes.partition(".")[2]) >= _HIGHLY_AVAILABLE_FROM
