"""The environment as one dedicated tenant pod sees it: the shared tenant pods and itself, and no other customer.

What is rendered for a dedicated tenant pod is rendered from its view, so that it cannot depend on another customer:
what has not changed in the view has not changed in its files.
"""

from __future__ import annotations

from msgspec.structs import replace

from solutio_topology.graph.expand import with_tier_pools
from solutio_topology.graph.model import EnvironmentGraph, PodGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.spec.merge import merge_platform


def parts_of(graph: EnvironmentGraph) -> tuple[str, ...]:
    """What is rendered apart from each other: the platform, and each tenant pod. No file belongs to two of them."""
    return (PLATFORM, *(pod.pod for pod in graph.pods))


def restricted(graph: EnvironmentGraph, names: frozenset[str]) -> EnvironmentGraph:
    """The environment with the tenant pods that serve others and, of the rest, those in `names` only."""
    return _of(graph, tuple(pod for pod in graph.pods if graph.serves_others(pod.pod) or pod.pod in names))


def view(graph: EnvironmentGraph, pod: str) -> EnvironmentGraph:
    """What a tenant pod's files are rendered from: everything for one that serves others, else its own view."""
    own = graph.pod(pod)
    return graph if graph.serves_others(pod) else _of(graph, (*graph.common, own))


def _of(graph: EnvironmentGraph, pods: tuple[PodGraph, ...]) -> EnvironmentGraph:
    kept = {pod.pod: graph.topology.pods[pod.pod] for pod in pods}
    platform = merge_platform(graph.topology.platform, graph.environment.platform)
    pools = with_tier_pools(platform, graph.topology, kept).pools
    return replace(
        graph,
        topology=graph.topology.model_copy(update={"pods": kept}),
        platform=graph.platform.model_copy(update={"pools": pools}),
        pods=pods,
    )
