"""The nouns of the way from a name or from outside to pods: Services, routes, controllers, entries."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.facts import Assumption, Key, Place, Service
from solutio_topology.reach.model import EntityNode, Node, WorkloadNode


class Problem(Struct, frozen=True):
    """A fault on the way from a name to pods. `fatal` False: a remark, packets still arrive."""

    kind: str
    """kebab-case: ``selects-nothing``, ``target-port-missing``, ``port-undeclared``, ``ports-differ`` …"""
    statement: str
    place: Place
    fatal: bool = True
    related: tuple[Place, ...] = ()


class Target(Struct, frozen=True):
    """Pods behind a Service port: the number on the pod, the protocol, and the container port if declared."""

    workload: WorkloadNode
    port: int
    protocol: str
    port_name: str = ""
    place: Place | None = None
    """The container port, or None where the container does not declare it."""
    assumed: Assumption | None = None


class AddressTarget(Struct, frozen=True):
    """An address behind a Service (EndpointSlice), or an ExternalName."""

    address: str
    port: int
    protocol: str
    place: Place


class Targets(Struct, frozen=True):
    """What a Service port leads to."""

    service: Service
    port: int
    """The Service port's number."""
    targets: tuple[Target, ...]
    addresses: tuple[AddressTarget, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def workloads(self) -> tuple[WorkloadNode, ...]:
        """The workloads that it leads to, each once, in order."""
        return tuple(dict.fromkeys(target.workload for target in self.targets))

    @property
    def broken(self) -> bool:
        """Whether nothing arrives, or a fatal problem stands in the way."""
        return not (self.targets or self.addresses) or any(problem.fatal for problem in self.problems)


class Resolution(Struct, frozen=True):
    """What a host name means to a pod: one of `service`, `workloads`, `fqdn`, `address`, or none and the
    `reason`."""

    host: str
    service: Service | None = None
    workloads: tuple[WorkloadNode, ...] = ()
    """The pods of a headless Service's pod name."""
    fqdn: str = ""
    address: str = ""
    reason: str = ""
    place: Place | None = None


class Controller(Struct, frozen=True):
    """Who serves an Ingress or a Gateway: pods (perhaps assumed), Cilium's entity ``ingress``, or unknown."""

    name: str
    """The controller of the class (``k8s.io/ingress-nginx``), or empty when unknown."""
    workloads: tuple[WorkloadNode, ...] = ()
    entity: EntityNode | None = None
    assumed: Assumption | None = None
    reason: str = ""
    """Why it is not known."""
    place: Place | None = None
    """The IngressClass or the Gateway."""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The sources of its traffic; empty when unknown."""
        return (self.entity,) if self.entity else self.workloads


class HttpRoute(Struct, frozen=True):
    """One host and path that leads from outside to a Service, from an Ingress or a route of the Gateway API.

    `host` empty: every host. `path_type`: Prefix, Exact, ImplementationSpecific or RegularExpression.
    `service` None: the backend does not exist. `tls_secret` is ``namespace/name`` or empty. `problems` say
    what keeps it from working; without a fatal one the route is served.
    """

    host: str
    path: str
    path_type: str
    tls_secret: str
    source: Key
    place: Place
    controller: Controller
    backend: str
    """``namespace/name`` of the backend Service as written."""
    service: Service | None
    service_port: int | None
    targets: tuple[Target, ...] = ()
    problems: tuple[Problem, ...] = ()
    listener: Place | None = None
    """The Gateway's listener, for routes of the Gateway API."""
    gateway: Key | None = None
    protocol: str = "HTTP"
    """HTTP, GRPC or TLS (passed through or terminated without looking at requests)."""
    copies: bool = False
    """Only copies of the requests go there, and the answers are dropped."""

    @property
    def served(self) -> bool:
        """Whether requests arrive at a backend as far as the manifests say."""
        return not any(problem.fatal for problem in self.problems)


class Entry(Struct, frozen=True):
    """A port that the outside can knock at.

    `kind`: LoadBalancer, NodePort, externalIP, Gateway, hostPort or hostNetwork. `source_ranges` empty: from
    anywhere. `service` None for the last three; a Gateway's `targets` are those of its routes.
    """

    kind: str
    name: str
    service: Service | None
    port: int
    protocol: str
    node_port: int
    source_ranges: tuple[str, ...]
    targets: tuple[Target, ...]
    place: Place
    problems: tuple[Problem, ...] = ()
    internal: bool = False
    """The load balancer has no public address."""
