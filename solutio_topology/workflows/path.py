"""Showing paths with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology import store
from solutio_topology.checks.inputs import Intent
from solutio_topology.checks.paths import PathProof, prove_edges, prove_paths
from solutio_topology.checks.paths.prove import hops_of
from solutio_topology.errors import SolutioError
from solutio_topology.workflows.equals import judged
from solutio_topology.workflows.prints import Prints
from solutio_topology.workflows.project import Project, charts_at, expand_environment
from solutio_topology.workflows.validate import evidence_of, gather

if TYPE_CHECKING:
    from solutio_topology.checks.paths.prove import Proofs
    from solutio_topology.graph.model import EnvironmentGraph


class Shown(Struct, frozen=True):
    """Paths, and for whom else they hold."""

    paths: tuple[PathProof, ...]
    equal: Mapping[str, tuple[str, ...]]
    """Tenant pod → those that are equal to it but for their names."""


def prove(
    project: Project,
    environment: str,
    first: str | None,
    second: str | None,
    *,
    pod: str | None = None,
    manifests: Path | None = None,
    charts: Path | None = None,
) -> Shown:
    """The declared paths, the one named `first`, or the shortest from `first` to `second`, in each tenant pod.

    Of tenant pods that are equal three are shown, `pod` among them. Raises SolutioError for names that do not exist and
    for services between which no path is declared, and FileError where rendering was cut off.
    """
    if manifests is None:
        store.refuse_unfinished(project.root, environment)
    graph = expand_environment(project, environment)
    helm = charts_at(charts, kubernetes=graph.platform.kubernetes)
    material, prints = gather(project, graph, manifests, fresh=False), Prints(project.root, environment)
    seen = judged(graph, material.paths, material.read, prints, hashes={}, prefix=material.prefix, first=pod)
    graph, evidence = seen.graph, evidence_of(project, material, helm, seen)
    intent = Intent(graph, project.source.locate)
    proofs = prove_edges(intent, evidence)
    if first is None or second is None:
        found = prove_paths(intent, proofs)
        chosen = tuple(path for path in found if first is None or path.name == first)
    else:
        chosen = _between(graph, proofs, first, second)
    left = tuple(path for path in chosen if pod is None or path.pod == pod)
    if not left:
        known = ", ".join(project.topology.paths)
        raise SolutioError(f"there is no such path in {environment}", remedy=f"name one of: {known}; or FROM and TO")
    return Shown(left, {} if pod else seen.stands_for)


def _between(graph: EnvironmentGraph, proofs: Proofs, first: str, second: str) -> tuple[PathProof, ...]:
    """The shortest chain of edges between two services, for each tenant pod that has the last one."""
    for name in (first, second):
        if name not in graph.topology.services:
            raise SolutioError(f"there is no service {name!r}", remedy="name services of the topology")
    found = []
    shared, known = graph.pods[0].pod, hops_of(proofs)
    for pod in graph.pods:
        chain = _chain(graph, pod.pod, first, second)
        if chain is None:
            continue
        hops = tuple(proof for a, b in chain if (proof := known.get((pod.pod, a, b)) or known.get((shared, a, b))))
        path = PathProof(f"{first} -> {second}", pod.pod, hops)
        if any(hop.pod == pod.pod for hop in hops):
            found.append(path)
    return tuple(found)


def _chain(graph: EnvironmentGraph, pod: str, first: str, second: str) -> list[tuple[str, str]] | None:
    """Neighbours along the shortest path of services, over the edges of the pod and of the shared one."""
    import networkx as nx

    shared = graph.pods[0].pod
    services: nx.DiGraph[str] = nx.DiGraph()
    for link in graph.links:
        if link.owner in {pod, shared}:
            services.add_edge(link.drawn[0].service, link.drawn[1].service)
    try:
        nodes: list[str] = nx.shortest_path(services, first, second)
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return None
    return list(pairwise(nodes))
