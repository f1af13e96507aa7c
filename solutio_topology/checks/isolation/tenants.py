"""Which tenant pod an object belongs to, which tenant pods are to be held apart, and what they may share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from solutio_topology.checks.paths.model import Fact
from solutio_topology.graph.ref import Ref
from solutio_topology.identity import PLATFORM, TENANT_POD
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.checks.places import Where
    from solutio_topology.graph.model import Node, PodGraph
    from solutio_topology.manifests.facts import Object, Place, Workload

NOBODY = ""
"""The owner of what belongs to no tenant pod and does not say that it is the platform's."""


def tenants(intent: Intent, evidence: Evidence) -> Tenants:
    """The tenant pods of an intent in some evidence; kept for the next rule that asks."""
    known = evidence.memo.get("tenants")
    if not isinstance(known, Tenants) or known.intent is not intent:
        known = evidence.memo["tenants"] = Tenants(intent, evidence)
    return known


T = TypeVar("T")


class Tenants:
    """Whose things are: by the identity label, else by whose pods live in the namespace."""

    def __init__(self, intent: Intent, evidence: Evidence) -> None:
        self.intent = intent
        self.evidence = evidence
        self._answers: dict[str, Any] = {}
        self.dedicated: dict[str, PodGraph] = {pod.pod: pod for pod in intent.graph.pods if pod.dedicated}

    def once(self, name: str, compute: Callable[[], T]) -> T:
        """An answer that several rules need, computed once."""
        if name not in self._answers:
            self._answers[name] = compute()
        found: T = self._answers[name]
        return found

    def of_workload(self, workload: Workload) -> str:
        """The tenant pod of a workload."""
        return self._labelled(workload) or self.of_namespace(workload.key.namespace)

    def of(self, source: Object) -> str:
        """The tenant pod of an object: what it says, else whose namespace it stands in."""
        return source.labels.get(TENANT_POD) or self.of_namespace(source.key.namespace)

    def of_namespace(self, name: str) -> str:
        """The one tenant pod whose namespace it is; nobody's where two live in it, or none."""
        found = self.of_namespaces.get(name, frozenset())
        return next(iter(found)) if len(found) == 1 else NOBODY

    @cached_property
    def of_namespaces(self) -> dict[str, frozenset[str]]:
        """The tenant pods in each namespace: those whose pods live in it, and the one that it names itself."""
        found: dict[str, set[str]] = {}
        for workload in self.evidence.facts.workloads:
            if owner := self._labelled(workload):
                found.setdefault(workload.key.namespace, set()).add(owner)
        for namespace in self.evidence.of_kind("Namespace"):
            if owner := namespace.labels.get(TENANT_POD, NOBODY):
                found.setdefault(namespace.key.name, set()).add(owner)
        return {name: frozenset(owners) for name, owners in found.items()}

    def _labelled(self, workload: Workload) -> str:
        mapped = self.evidence.mapping.get(workload.key)
        return mapped[0] if mapped else workload.object_labels.get(TENANT_POD, NOBODY)

    @cached_property
    def workloads(self) -> dict[str, tuple[Workload, ...]]:
        """The workloads of each owner, in the order of the manifests."""
        found: dict[str, list[Workload]] = {}
        for workload in self.evidence.facts.workloads:
            found.setdefault(self.of_workload(workload), []).append(workload)
        return {owner: tuple(workloads) for owner, workloads in found.items()}

    def namespaces(self, pod: str) -> tuple[str, ...]:
        """The namespaces in which a tenant pod's workloads live, and those that say they are its own."""
        return self._namespaces.get(pod, ())

    @cached_property
    def _namespaces(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self.of_namespaces):
            for owner in self.of_namespaces[name]:
                found.setdefault(owner, []).append(name)
        return {owner: tuple(names) for owner, names in found.items()}

    @cached_property
    def inside(self) -> dict[tuple[str, str], tuple[Object, ...]]:
        """The objects of the core API by kind and namespace."""
        found: dict[tuple[str, str], list[Object]] = {}
        for each in self.evidence.facts.objects:
            if not each.key.group:
                found.setdefault((each.key.kind, each.key.namespace), []).append(each)
        return {place: tuple(objects) for place, objects in found.items()}

    def apart(self, pods: Iterable[str]) -> tuple[str, ...]:
        """The dedicated among the tenant pods that meet in one thing: none where no two do."""
        met = {pod for pod in pods if pod not in (NOBODY, PLATFORM)}
        return tuple(sorted(met & self.dedicated.keys())) if len(met) > 1 else ()

    @property
    def host(self) -> str:
        """The tenant pod whose services others share: the first that is shared."""
        return self.intent.graph.pods[0].pod

    def shares(self, pod: str, service: str) -> bool:
        """Whether a dedicated tenant pod uses the shared one's service: it has none of its own.

        That a tier with a list of what it shares forgot one is told by a rule of its own (T005).
        """
        return service not in self.dedicated[pod].tier.dedicates

    def why_shared(self, pod: str, service: str) -> str:
        """What makes it no fault that a tenant pod shares a service."""
        tier = self.dedicated[pod].tier
        if tier.shares is None:
            return "its tier does not dedicate it"
        return "its tier shares it" if service in tier.shares else "nobody decided it"

    def shared_nodes(self, pod: str) -> Iterator[Node]:
        """The services that a dedicated tenant pod shares, as the shared tenant pod has them."""
        for key, node in self.intent.graph.pods[0].nodes.items():
            if self.shares(pod, key):
                yield node

    def node(self, pod: str, service: str) -> Node | None:
        """A service of a tenant pod; None for one that the topology does not have."""
        try:
            return self.intent.graph.node(Ref(pod, service))
        except KeyError:
            return None

    def namespace_place(self, name: str) -> Where:
        """Where a namespace is declared, else the first thing that stands in it."""
        declared = self.evidence.objects.get(Key("", "Namespace", "", name))
        if declared is not None:
            return self.evidence.where(declared.place)
        inside = (each.place for each in self.evidence.facts.objects if each.key.namespace == name)
        return self.evidence.where(next(inside))

    def fact(self, statement: object, place: Place) -> Fact:
        """A piece of evidence at a place of the manifests."""
        return Fact(str(statement), self.evidence.where(place))

    def said(self, key: Key, pod: str) -> str:
        """An object with its owner, for people."""
        return f"{key} of {pod}" if pod else str(key)
