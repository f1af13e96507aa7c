"""The expanded graph: services and edges as they are in one environment, per tenant pod. No derived names here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct, field

from solutio_topology.graph.ref import Ref
from solutio_topology.spec.base import Placement
from solutio_topology.spec.component import Component
from solutio_topology.spec.edge import Edge
from solutio_topology.spec.platform import Platform
from solutio_topology.spec.service import Service
from solutio_topology.spec.tenancy import TenantPod, Tier
from solutio_topology.spec.topology import Environment, Topology
from solutio_topology.spec.workload import Port, Probes, Process, Replicas, Resources, Storage, User, Volume

if TYPE_CHECKING:
    import networkx as nx

K = TypeVar("K")


class Node(Struct, frozen=True):
    """A service as it is in one tenant pod: component, declaration and overrides merged."""

    ref: Ref
    title: str
    component_name: str
    component: Component
    service: Service
    """The declaration, with the environment's and the tenant pod's overrides merged in."""
    placement: Placement
    layer: str
    namespace_layer: str | None
    """The layer whose own namespace it lives in, or None for the tenant pod's namespace."""
    ports: dict[str, Port]
    primary: str | None
    env: dict[str, str]
    replicas: int | Replicas
    resources: Resources | None
    probes: Probes | None
    user: User | None
    writable: tuple[str, ...]
    volumes: dict[str, Volume]
    storage: Storage | None
    settings: dict[str, Any]
    processes: dict[str, Process]
    pool: str | None

    @property
    def in_cluster(self) -> bool:
        """Whether its pods run in the cluster."""
        return self.placement == "cluster" and self.component.kind in {"workload", "chart", "objects"}

    @property
    def min_replicas(self) -> int:
        """Replicas that always run."""
        return self.replicas if isinstance(self.replicas, int) else self.replicas.min

    @property
    def max_replicas(self) -> int:
        """Replicas at most."""
        return self.replicas if isinstance(self.replicas, int) else self.replicas.max

    @property
    def pointer(self) -> str:
        """Where it is declared, as rendered files name it."""
        return f"services.{self.ref.service}"


class Link(Struct, frozen=True):
    """An edge as it is in one tenant pod. `client` opens the connection, `server` accepts it.

    With ``via: browser`` nobody in the cluster opens it: the visitor's browser does, by the public `address`.
    """

    key: str
    owner: str
    """The tenant pod that it belongs to."""
    edge: Edge
    drawn: tuple[Ref, Ref]
    """From and to, as the diagram's arrow points."""
    client: Ref
    server: Ref
    ports: dict[str, Port]
    host: str | None
    """From an ingress: the public host, placeholders filled."""
    public: str | None
    """The public host of the server, where an ingress carries it: what browsers connect to."""
    processes: tuple[str, ...] | None
    """Processes and jobs of the client that open it; None: all."""

    @property
    def pointer(self) -> str:
        """Where it is declared."""
        return f"edges.{self.key}"

    @property
    def direct(self) -> bool:
        """Whether the client itself opens a connection to the server (not a browser, not other edges)."""
        return self.edge.via != "browser" and not self.edge.realized_by


class PodGraph(Struct, frozen=True, dict=True):
    """One tenant pod of one environment: its own services, and every edge that touches one of them.

    Links may end at services of the shared tenant pod; `Environment.node` finds those.
    """

    pod: str
    tenant: TenantPod
    tier: Tier
    tier_name: str
    nodes: dict[str, Node]
    links: tuple[Link, ...]
    ring: str | None = None
    """When a release reaches it; None where the topology declares no rings."""

    @cached_property
    def layers(self) -> tuple[str, ...]:
        """The layers that have a namespace of their own, sorted."""
        return tuple(sorted({node.namespace_layer for node in self.nodes.values() if node.namespace_layer}))

    @property
    def dedicated(self) -> bool:
        """Whether it belongs to one customer."""
        return self.tier.tenancy == "dedicated"

    @property
    def pointer(self) -> str:
        """Where it is declared."""
        return f"pods.{self.pod}"


def _grouped(pairs: Iterable[tuple[K, Link]]) -> dict[K, tuple[Link, ...]]:
    found: dict[K, list[Link]] = {}
    for key, link in pairs:
        found.setdefault(key, []).append(link)
    return {key: tuple(links) for key, links in found.items()}


class EnvironmentGraph(Struct, frozen=True, dict=True):
    """One environment, expanded."""

    name: str
    topology: Topology
    environment: Environment
    platform: Platform
    """With the environment's overrides."""
    pods: tuple[PodGraph, ...]
    """The shared one first, then in the order of the file."""
    controllers: dict[str, Component]
    """What the platform must install for the services to work, by component name, in dependency order."""
    controller_reasons: dict[str, str] = field(default_factory=dict)
    rings: tuple[str, ...] = ()
    """The rings that have tenant pods here, in their order."""

    @cached_property
    def _nodes(self) -> dict[Ref, Node]:
        return {node.ref: node for pod in self.pods for node in pod.nodes.values()}

    def node(self, ref: Ref) -> Node:
        """The service of a tenant pod. Raises KeyError for one that does not exist."""
        return self._nodes[ref]

    @cached_property
    def _pods(self) -> dict[str, PodGraph]:
        return {pod.pod: pod for pod in self.pods}

    def pod(self, name: str) -> PodGraph:
        """A tenant pod by its name. Raises KeyError for one that does not exist here."""
        return self._pods[name]

    def serves_others(self, name: str) -> bool:
        """Whether edges of other tenant pods may end there: at a shared one, and at the first of all."""
        return not self._pods[name].dedicated or name == self.pods[0].pod

    @cached_property
    def common(self) -> tuple[PodGraph, ...]:
        """The tenant pods that serve others."""
        return tuple(pod for pod in self.pods if self.serves_others(pod.pod))

    @cached_property
    def outline(self) -> EnvironmentGraph:
        """The environment as the platform sees it, and those that serve others: see `graph.view.outlined`."""
        from solutio_topology.graph.view import outlined

        return outlined(self)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every edge of every tenant pod."""
        return tuple(link for pod in self.pods for link in pod.links)

    @cached_property
    def incoming(self) -> dict[Ref, tuple[Link, ...]]:
        """Edges by the service that accepts their connections."""
        return _grouped((link.server, link) for link in self.links)

    @cached_property
    def outgoing(self) -> dict[Ref, tuple[Link, ...]]:
        """Edges by the service that opens their connections."""
        return _grouped((link.client, link) for link in self.links)

    @cached_property
    def hosts(self) -> dict[str, tuple[Link, ...]]:
        """Every public host, with the edges that carry it into the cluster."""
        return _grouped(
            (link.host, link) for link in self.links if link.host and self.node(link.client).component.browser_facing
        )

    @cached_property
    def network(self) -> nx.MultiDiGraph[Ref]:
        """Services and edges as drawn, as a networkx graph; edge attribute ``link``."""
        import networkx as nx

        graph: nx.MultiDiGraph[Ref] = nx.MultiDiGraph()
        graph.add_nodes_from(self._nodes)
        for link in self.links:
            graph.add_edge(*link.drawn, key=link.key, link=link)
        return graph
