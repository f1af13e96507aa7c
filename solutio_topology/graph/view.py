"""The environment as one dedicated tenant pod sees it: the shared tenant pods and itself, and no other customer.

What is rendered for a dedicated tenant pod is rendered from its view, so that it cannot depend on another customer:
what has not changed in the view has not changed in its files. The platform, and the tenant pods that serve others, are
rendered from the outline: they see that there is a customer, and nothing of how its services differ from the declared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.graph.expand import pods_of, with_tier_pools
from solutio_topology.graph.model import EnvironmentGraph, PodGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.spec.merge import merge_platform
from solutio_topology.spec.service import ServiceOverride

if TYPE_CHECKING:
    from solutio_topology.spec.tenancy import TenantPod

_SEEN = ("hosts", "ranges")
"""What others see of how a tenant pod's services differ from the declared: where they are, and connect from."""


def parts_of(graph: EnvironmentGraph) -> tuple[str, ...]:
    """What is rendered apart from each other: the platform, and each tenant pod. No file belongs to two of them."""
    return (PLATFORM, *(pod.pod for pod in graph.pods))


def restricted(graph: EnvironmentGraph, names: frozenset[str]) -> EnvironmentGraph:
    """The environment with the tenant pods that serve others and, of the rest, those in `names` only."""
    return _of(graph, tuple(pod for pod in graph.pods if graph.serves_others(pod.pod) or pod.pod in names))


def view(graph: EnvironmentGraph, pod: str) -> EnvironmentGraph:
    """What a tenant pod's files are rendered from: the outline for one that serves others, else its own view."""
    return graph.outline if graph.serves_others(pod) else _of(graph, (*graph.common, graph.pod(pod)))


def common_view(graph: EnvironmentGraph) -> EnvironmentGraph:
    """The environment without those that serve no other: what is in it is the same whoever the customers are."""
    return _of(graph, graph.common)


def outlined(graph: EnvironmentGraph) -> EnvironmentGraph:
    """The environment with the tenant pods that serve no other as they are declared, without most of their overrides.

    What stays are the addresses by which others reach their services and are reached by them.
    """
    own = {pod.pod: outline(pod.tenant) for pod in graph.pods if not graph.serves_others(pod.pod)}
    if all(tenant is graph.topology.pods[pod] for pod, tenant in own.items()):
        return graph
    known = {node.component_name: node.component for node in graph.pods[0].nodes.values()}
    topology = graph.topology.model_copy(update={"pods": {**graph.topology.pods, **own}})
    return replace(graph, topology=topology, pods=pods_of(topology, graph.environment, known.__getitem__))


def outline(tenant: TenantPod) -> TenantPod:
    """A tenant pod as others see it; itself where that is all of it."""
    seen = {key: found for key, each in tenant.services.items() if (found := _addresses(each)) is not None}
    return tenant if seen == tenant.services else tenant.model_copy(update={"services": seen})


def _addresses(override: ServiceOverride) -> ServiceOverride | None:
    told = {name: getattr(override, name) for name in _SEEN if name in override.model_fields_set}
    return ServiceOverride.model_construct(_fields_set=set(told), **told) if told else None


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
