"""What rules look at: the intent with its places, and the evidence with its."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from solutio_topology.checks.places import Where
from solutio_topology.findings import Finding, Location
from solutio_topology.identity import PROCESS, SERVICE, TENANT_POD
from solutio_topology.manifests import locate
from solutio_topology.reach.model import WorkloadNode

if TYPE_CHECKING:
    import datetime

    from solutio_topology.cost.model import Bill
    from solutio_topology.cost.totals import Totals
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.graph.ref import Ref
    from solutio_topology.manifests.facts import Facts, Key, Object, Place, Workload
    from solutio_topology.reach import Connections
    from solutio_topology.reach.routing import ServiceMap
    from solutio_topology.reach.wiring import Entry, HttpRoute


class Intent(Struct, frozen=True, dict=True):
    """What the topology declares for one environment. `locate` finds a dotted pointer in it."""

    graph: EnvironmentGraph
    locate: Callable[[str], Location]
    today: datetime.date | None = None
    """The day on which prices are judged; None: their age is not."""

    @cached_property
    def bill(self) -> Bill:
        """What the environment costs."""
        from solutio_topology.cost.derive import bill_of

        return bill_of(self.graph)

    @cached_property
    def totals(self) -> Totals:
        """The bill, divided."""
        from solutio_topology.cost.totals import totals

        return totals(self.bill, self.graph)

    @cached_property
    def memo(self) -> dict[str, Any]:
        """Answers that several rules need, kept by the modules that compute them."""
        return {}

    def where(self, pointer: str) -> Where:
        """The place of a pointer, as proofs hold it."""
        return Where(None, known=self.locate(pointer))


class Evidence(Struct, frozen=True, dict=True):
    """What the manifests say. `files`: every file of the tree that they were read from, manifests or not."""

    facts: Facts
    connections: Connections
    files: frozenset[str] = field(default_factory=frozenset)
    mapping: dict[Key, tuple[str, str]] = field(default_factory=dict)
    """Objects that the topology maps by hand: key → (tenant pod, service)."""
    kubernetes: str = ""
    """Version of Kubernetes (``1.34``) whose schemas hold. Empty: the newest at hand."""

    precise: bool = True
    """Whether `locate` finds lines and columns. Without, it names the file alone: looking lines up is slow."""
    elsewhere: bool = False
    """The manifests stand in a folder that somebody named, where names need not be ours."""
    secrets_elsewhere: bool = False
    """Secrets are put into the cluster by hand: that none of the manifests makes them is no fault."""

    @cached_property
    def memo(self) -> dict[str, Any]:
        """Answers that several rules need, kept by the modules that compute them."""
        return {}

    @cached_property
    def objects(self) -> dict[Key, Object]:
        """The objects by what makes them those objects; of several with one key the first."""
        return {each.key: each for each in reversed(self.facts.objects)}

    def of_kind(self, kind: str, group: str = "") -> tuple[Object, ...]:
        """The objects of a kind, in the order of the manifests."""
        return self._by_kind.get((group, kind), ())

    @cached_property
    def configs(self) -> dict[tuple[str, str], dict[str, str]]:
        """The data of the ConfigMaps, by namespace and name."""
        kept = (each for each in self.facts.keyed if each.key.kind == "ConfigMap" and each.data)
        return {(each.key.namespace, each.key.name): each.data for each in kept}

    @cached_property
    def _by_object(self) -> dict[int, list[Object]]:
        """The objects by the document that they stand in."""
        found: dict[int, list[Object]] = {}
        for each in self.facts.objects:
            found.setdefault(each.place.document, []).append(each)
        return found

    def object_at(self, place: Place) -> Object | None:
        """The object that a place is in."""
        for each in self._by_object.get(place.document, ()):
            if place.pointer[: len(each.place.pointer)] == each.place.pointer:
                return each
        return None

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str], tuple[Object, ...]]:
        found: dict[tuple[str, str], list[Object]] = {}
        for each in self.facts.objects:
            found.setdefault((each.key.group, each.key.kind), []).append(each)
        return {kind: tuple(objects) for kind, objects in found.items()}

    def of_kind_in(self, namespace: str, kind: str, group: str = "") -> tuple[Object, ...]:
        """The same of one namespace."""
        return self._by_place.get((group, kind, namespace), ())

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str], tuple[Object, ...]]:
        found: dict[tuple[str, str, str], list[Object]] = {}
        for each in self.facts.objects:
            found.setdefault((each.key.group, each.key.kind, each.key.namespace), []).append(each)
        return {place: tuple(objects) for place, objects in found.items()}

    @cached_property
    def services(self) -> ServiceMap:
        """The Services and the pods they select, indexed."""
        from solutio_topology.reach.routing import ServiceMap

        return ServiceMap(self.facts)

    @cached_property
    def written(self) -> tuple[Workload, ...]:
        """The workloads that stand in the manifests themselves: what a controller or a chart makes is left out."""
        return tuple(each for each in self.facts.workloads if not each.maker)

    def written_in(self, namespace: str) -> tuple[Workload, ...]:
        """The same of one namespace."""
        return self._written_by_namespace.get(namespace, ())

    @cached_property
    def _written_by_namespace(self) -> dict[str, tuple[Workload, ...]]:
        found: dict[str, list[Workload]] = {}
        for each in self.written:
            found.setdefault(each.key.namespace, []).append(each)
        return {namespace: tuple(workloads) for namespace, workloads in found.items()}

    @cached_property
    def schema_findings(self) -> tuple[Finding, ...]:
        """What the schemas of the objects' kinds say; one pass for all rules."""
        from solutio_topology.checks.schema_rules import schema_findings

        return tuple(schema_findings(self))

    def locate(self, place: Place) -> Location:
        """File, line and column of a fact."""
        if not self.precise:
            known = 0 <= place.document < len(self.facts.documents)
            return Location(self.facts.documents[place.document].file if known else "")
        return locate(self.facts, place)

    def where(self, place: Place) -> Where:
        """The place of a fact, its line to be looked up when it is needed."""
        return Where(place, self)

    def workload(self, node: WorkloadNode) -> Workload:
        """The workload behind a node."""
        return self.facts.workloads[node.index]

    @cached_property
    def _by_service(self) -> dict[tuple[str, str], tuple[WorkloadNode, ...]]:
        found: dict[tuple[str, str], list[WorkloadNode]] = {}
        for node in self.connections.workloads:
            owner = self.owner(node)
            if owner is not None:
                found.setdefault(owner, []).append(node)
        return {owner: tuple(nodes) for owner, nodes in found.items()}

    def owner(self, node: WorkloadNode) -> tuple[str, str] | None:
        """The tenant pod and the service that a workload says it belongs to; None where it does not say."""
        workload = self.workload(node)
        if workload.key in self.mapping:
            return self.mapping[workload.key]
        pod, service = workload.object_labels.get(TENANT_POD), workload.object_labels.get(SERVICE)
        return (pod, service) if pod and service else None

    def process(self, node: WorkloadNode) -> str:
        """The process that a workload says it is; ``main`` where it does not say."""
        return self.workload(node).object_labels.get(PROCESS, "main")

    def pods_of(self, ref: Ref) -> tuple[WorkloadNode, ...]:
        """The workloads of a service of a tenant pod."""
        return self._by_service.get((ref.pod, ref.service), ())

    @cached_property
    def routes(self) -> tuple[HttpRoute, ...]:
        """Every host and path that leads in from outside."""
        from solutio_topology.reach.ingress import ingress_routes

        return tuple(ingress_routes(self.facts))

    def routes_to(self, *nodes: WorkloadNode) -> list[HttpRoute]:
        """The hosts and paths that lead to one of some workloads."""
        return [self.routes[at] for at in sorted({at for node in nodes for at in self._routes_to.get(node, ())})]

    @cached_property
    def _routes_to(self) -> dict[WorkloadNode, list[int]]:
        return _by_target(self.routes)

    def entries_of(self, *nodes: WorkloadNode) -> list[Entry]:
        """The ports behind which one of some workloads is."""
        return [self.entries[at] for at in sorted({at for node in nodes for at in self._entries_of.get(node, ())})]

    @cached_property
    def _entries_of(self) -> dict[WorkloadNode, list[int]]:
        return _by_target(self.entries)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every port that the outside can knock at."""
        from solutio_topology.reach.entry import entrypoints

        return tuple(entrypoints(self.facts))


def _by_target(ways: Iterable[HttpRoute | Entry]) -> dict[WorkloadNode, list[int]]:
    """The positions of ways in, by the workloads that they lead to."""
    found: dict[WorkloadNode, list[int]] = {}
    for at, each in enumerate(ways):
        for target in each.targets:
            found.setdefault(target.workload, []).append(at)
    return found
