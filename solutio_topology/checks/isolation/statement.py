"""What is a tenant pod's own and what it shares, aspect by aspect, each with the object that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.isolation import aspects
from solutio_topology.checks.isolation.model import Accepted, Aspect, Statement
from solutio_topology.checks.isolation.tenants import tenants
from solutio_topology.checks.isolation_rules import RULES, finding

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.checks.isolation.tenants import Tenants
    from solutio_topology.findings import Finding
    from solutio_topology.spec.topology import Ignore

Accepting = Callable[["Finding"], "Ignore | None"]
"""Finds the entry of the topology that acknowledges a finding."""
_ASPECTS: tuple[tuple[str, Callable[[Tenants, str], Aspect]], ...] = (
    ("services", aspects.services),
    ("namespaces", aspects.namespaces),
    ("nodes", aspects.nodes),
    ("secrets", aspects.secrets),
    ("storage", aspects.storage),
    ("hosts", aspects.hosts),
    ("connections", aspects.connections),
    ("accounts", aspects.accounts),
    ("bounds", aspects.bounds),
)
_ALSO = {
    "T001": "services",
    "T002": "storage",
    "T003": "services",
    "T004": "hosts",
    "T005": "services",
    "T027": "services",
}
"""The aspects that findings over the graph belong to."""


def statements(
    intent: Intent, evidence: Evidence, pods: Iterable[str], accepting: Accepting, told: Iterable[Finding] = ()
) -> Iterator[Statement]:
    """The statement of each dedicated tenant pod that is named. `told`: findings over the graph, to go with them."""
    known = tenants(intent, evidence)
    found = list(_found(known))
    found += [(_ALSO[each.code], pod, each) for each in told if each.code in _ALSO for pod in _spoken_of(known, each)]
    for pod in pods:
        graph = known.dedicated[pod]
        judged = tuple(
            _judged(
                make(known, pod), [each for aspect, owner, each in found if (aspect, owner) == (name, pod)], accepting
            )
            for name, make in _ASPECTS
        )
        yield Statement(intent.graph.name, pod, graph.tier_name, tuple(graph.tenant.orgs), judged)


def _found(known: Tenants) -> Iterator[tuple[str, str, Finding]]:
    """Aspect, tenant pod and finding of every breach."""
    for each in RULES:
        for breach in each.find(known):
            yield each.aspect, breach.pod, finding(each.rule, breach)


def _spoken_of(known: Tenants, told: Finding) -> list[str]:
    """The tenant pods that a finding over the graph speaks of: its subject ends with them, or with their tier."""
    ends = {pod: (f" of {pod}", f"tier {graph.tier_name}") for pod, graph in known.dedicated.items()}
    return [pod for pod, words in ends.items() if told.subject.endswith(words)]


def _judged(aspect: Aspect, found: list[Finding], accepting: Accepting) -> Aspect:
    entries = [(each, accepting(each)) for each in dict.fromkeys(found)]
    accepted = tuple(Accepted(each, entry.reason) for each, entry in entries if entry is not None)
    left = tuple(each for each, entry in entries if entry is None)
    return Aspect(aspect.name, aspect.own, aspect.shared, aspect.assumptions, aspect.undecided, left, accepted)
