"""Whom a change touches, following the graph: services, those that need them, paths, tenant pods, organizations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from solutio_topology.diff.model import Blast, Side
from solutio_topology.diff.objects import ObjectChange
from solutio_topology.graph.ref import Ref

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph


def blast(changes: Iterable[ObjectChange], before: Side, after: Side) -> Blast:
    """Everything that the changed objects have to do with, on both sides. Without a topology: what their labels say."""
    touched = {Ref(each.pod, each.service) for each in changes if each.service}
    pods = {each.pod for each in changes if each.pod} | {ref.pod for ref in touched}
    depending: set[Ref] = set()
    paths: set[str] = set()
    orgs: set[str] = set()
    for graph in filter(None, (before.graph, after.graph)):
        needing = _needing(graph, touched)
        depending |= needing - touched
        paths |= _paths(graph, touched)
        affected = pods | {ref.pod for ref in needing}
        orgs |= {org for pod in graph.pods if pod.pod in affected for org in pod.tenant.orgs}
        pods |= {ref.pod for ref in needing}
    return Blast(_names(touched), _names(depending), tuple(sorted(paths)), tuple(sorted(pods)), tuple(sorted(orgs)))


def _names(refs: Iterable[Ref]) -> tuple[str, ...]:
    return tuple(sorted(str(ref) for ref in refs))


def _needing(graph: EnvironmentGraph, touched: set[Ref]) -> set[Ref]:
    """Services in the cluster that open connections to a touched one, directly or over others."""
    found: set[Ref] = set()
    todo = list(touched)
    while todo:
        for link in graph.incoming.get(todo.pop(), ()):
            if link.client not in found and graph.node(link.client).in_cluster:
                found.add(link.client)
                todo.append(link.client)
    return found


def _paths(graph: EnvironmentGraph, touched: set[Ref]) -> set[str]:
    """Declared paths on which a touched service stands."""
    services = {ref.service for ref in touched}
    found = set()
    for name, path in graph.topology.paths.items():
        steps = path if isinstance(path, list) else [step.strip() for step in path.replace("→", "->").split("->")]
        if services & set(steps):
            found.add(name)
    return found
