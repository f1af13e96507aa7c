"""From the topology to one graph per environment: services merged with their overrides, edges with their ends.

A dedicated tenant pod owns the services that its tier dedicates; for everything else its edges end at the first
shared tenant pod. A shared workload gets no edge into a dedicated tenant pod: that crossing is a finding, and
routers (the edge, the ingress, clients, third parties) are the ones that serve every tenant pod.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from solutio_topology.graph.controllers import controllers_of
from solutio_topology.graph.model import EnvironmentGraph, Link, Node, PodGraph
from solutio_topology.graph.nodes import expand_node
from solutio_topology.graph.ref import Ref
from solutio_topology.graph.rings import ring_of, rings
from solutio_topology.spec.component import Component
from solutio_topology.spec.edge import Edge
from solutio_topology.spec.merge import merge_platform
from solutio_topology.spec.platform import Platform, Pool
from solutio_topology.spec.tenancy import TenantPod
from solutio_topology.spec.topology import Environment, Topology
from solutio_topology.spec.workload import Port

Lookup = Callable[[str], Component]


def expand(topology: Topology, name: str, lookup: Lookup, like: EnvironmentGraph | None = None) -> EnvironmentGraph:
    """The graph of environment `name`. `lookup` finds components; raises KeyError for an unknown environment.

    `like` is the graph of another state: of tenant pods that are in it as they are here it is taken over.
    """
    environment = topology.environments[name]
    pods = pods_of(topology, environment, lookup, _alike(topology, environment, like) if like else {})
    own = [pod.pod for pod in pods]
    platform = with_tier_pools(merge_platform(topology.platform, environment.platform), topology, own)
    found = controllers_of(topology, platform, [node for pod in pods for node in pod.nodes.values()], lookup)
    return EnvironmentGraph(
        name=name,
        topology=topology,
        environment=environment,
        platform=platform,
        pods=pods,
        controllers={reason.component: lookup(reason.component) for reason in found},
        controller_reasons={reason.component: reason.text for reason in found},
        rings=tuple(ring for ring in rings(topology) if any(pod.ring == ring for pod in pods)),
    )


def _alike(topology: Topology, environment: Environment, like: EnvironmentGraph) -> dict[str, PodGraph]:
    """The tenant pods that are the same in another state: they depend on themselves, those that serve others, and
    what is declared for all."""
    ours, theirs = (each.model_copy(update={"pods": {}}) for each in (topology, like.topology))
    same = {pod.pod: pod for pod in like.pods if topology.pods.get(pod.pod) == pod.tenant}
    if ours != theirs or environment != like.environment or any(pod.pod not in same for pod in like.common):
        return {}
    names = _pod_order(topology, environment)
    shared = [pod for pod in names if topology.tiers[topology.pods[pod].tier].tenancy == "shared"]
    return same if {*names[:1], *shared} == {pod.pod for pod in like.common} else {}


def pods_of(
    topology: Topology, environment: Environment, lookup: Lookup, known: Mapping[str, PodGraph] = MappingProxyType({})
) -> tuple[PodGraph, ...]:
    """The tenant pods of an environment, the shared ones first. `lookup` finds the components of services.

    `known` are those that need not be made.
    """
    names = _pod_order(topology, environment)
    nodes = {
        pod: known[pod].nodes if pod in known else _nodes_of(topology, environment, pod, names[0], lookup)
        for pod in names
    }
    ends = _Ends(names[0], nodes)
    made = {pod: _links_of(topology, environment, pod, ends) for pod in names if pod not in known}
    links: dict[str, Sequence[Link]] = {pod: made[pod] if pod in made else known[pod].links for pod in names}
    public = _public_hosts(links, nodes)
    return tuple(
        known[pod]
        if pod in known
        else PodGraph(
            pod=pod,
            tenant=topology.pods[pod],
            tier=topology.tiers[topology.pods[pod].tier],
            tier_name=topology.pods[pod].tier,
            nodes=nodes[pod],
            links=tuple(_with_public(link, public) for link in made[pod]),
            ring=ring_of(topology, topology.pods[pod]),
        )
        for pod in names
    )


def _pod_order(topology: Topology, environment: Environment) -> list[str]:
    """The tenant pods of the environment that are at hand, the shared ones first."""
    names = topology.pods if environment.pods is None else [pod for pod in environment.pods if pod in topology.pods]
    return sorted(names, key=lambda pod: topology.tiers[topology.pods[pod].tier].tenancy != "shared")


def _nodes_of(topology: Topology, environment: Environment, pod: str, first: str, lookup: Lookup) -> dict[str, Node]:
    tenant = topology.pods[pod]
    return {
        key: expand_node(topology, environment, Ref(pod, key), tenant, lookup)
        for key in _owned(topology, tenant, is_first=pod == first, lookup=lookup)
    }


def _owned(topology: Topology, tenant: TenantPod, *, is_first: bool, lookup: Lookup) -> list[str]:
    """The services of which the tenant pod has its own."""
    tier = topology.tiers[tenant.tier]
    if is_first:
        return list(topology.services)
    if tier.tenancy == "dedicated":
        return [key for key in topology.services if key in tier.dedicates]
    return [
        key for key, service in topology.services.items() if lookup(service.component).kind in {"workload", "objects"}
    ]


class _Ends:
    """Finds the service that an edge of a tenant pod ends at."""

    def __init__(self, first: str, nodes: Mapping[str, Mapping[str, Node]]) -> None:
        self._first = first
        self._nodes = nodes

    def owns(self, pod: str, service: str) -> bool:
        return service in self._nodes[pod]

    def node(self, pod: str, service: str) -> Node | None:
        return self._nodes[pod].get(service) or self._nodes[self._first].get(service)

    def is_first(self, pod: str) -> bool:
        return pod == self._first


def is_router(node: Node) -> bool:
    """Whether it serves every tenant pod by its nature: the edge, an ingress controller, clients, third parties."""
    return node.component.browser_facing or node.component.kind in {"edge", "client", "external"}


def _links_of(topology: Topology, environment: Environment, pod: str, ends: _Ends) -> list[Link]:
    found = (_link(topology, environment, pod, key, edge, ends) for key, edge in topology.edges.items())
    return [link for link in found if link is not None]


def _link(topology: Topology, environment: Environment, pod: str, key: str, edge: Edge, ends: _Ends) -> Link | None:
    source, target = ends.node(pod, edge.source), ends.node(pod, edge.to)
    if source is None or target is None or not _touches(pod, edge, source, ends):
        return None
    client, server = (source, target) if edge.opened_by == "from" else (target, source)
    return Link(
        key=key,
        owner=pod,
        edge=edge,
        drawn=(source.ref, target.ref),
        client=client.ref,
        server=server.ref,
        ports=_ports(edge, server),
        host=public_host(edge.host, environment, topology.pods[pod], pod, shared=ends.is_first(pod)),
        public=None,
        processes=tuple(edge.processes) or None,
    )


def _touches(pod: str, edge: Edge, source: Node, ends: _Ends) -> bool:
    """Whether the edge is this tenant pod's: it owns an end, and no shared workload reaches into it."""
    if ends.is_first(pod) or ends.owns(pod, edge.source):
        return True
    return ends.owns(pod, edge.to) and (is_router(source) or edge.via == "browser")


def _ports(edge: Edge, server: Node) -> dict[str, Port]:
    names: Iterable[str] = edge.ports or ([server.primary] if server.primary else [])
    return {name: server.ports[name] for name in names if name in server.ports}


def public_host(
    pattern: str | None, environment: Environment, tenant: TenantPod, pod: str, *, shared: bool
) -> str | None:
    """A host pattern with its placeholders filled: the environment's zone, or the customer's own domain.

    The environment's suffix goes to the end of the first label; before the zone itself it becomes a label.
    """
    if pattern is None:
        return None
    zone = tenant.domain or environment.zone
    dash = "" if shared or tenant.domain else f"-{pod}"
    host = pattern.replace("{-pod}", dash).replace("{pod}", pod).replace("{zone}", zone)
    suffix = environment.suffix
    if "{suffix}" in host or not suffix:
        return host.replace("{suffix}", suffix)
    if host == zone:
        return f"{suffix.lstrip('-')}.{zone}"
    first, dot, rest = host.partition(".")
    return f"{first}{suffix}{dot}{rest}"


def _public_hosts(links: Mapping[str, Sequence[Link]], nodes: Mapping[str, Mapping[str, Node]]) -> dict[Ref, str]:
    """For each service, the first public host that an ingress carries to it."""
    hosts: dict[Ref, str] = {}
    for pod in links:
        for link in links[pod]:
            if link.host and nodes[link.client.pod][link.client.service].component.browser_facing:
                hosts.setdefault(link.server, link.host)
    return hosts


def _with_public(link: Link, hosts: Mapping[Ref, str]) -> Link:
    from msgspec.structs import replace

    return replace(link, public=hosts.get(link.server))


def with_tier_pools(platform: Platform, topology: Topology, pods: Iterable[str]) -> Platform:
    """The platform with the node pool that each dedicated tenant pod gets, named after it."""
    own = {
        pod: Pool(
            size=tier.pool.size,
            nodes=tier.pool.nodes,
            dedicated=True,
            allocatable=tier.pool.allocatable,
            system=tier.pool.system,
        )
        for pod in pods
        if (tier := topology.tiers[topology.pods[pod].tier]).pool
    }
    return platform.model_copy(update={"pools": {**platform.pools, **own}})
