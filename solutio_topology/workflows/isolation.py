"""Saying what dedicated tenant pods have for themselves and what they share, proved from the manifests."""

from __future__ import annotations

import datetime
import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology import store
from solutio_topology.checks.inputs import Intent
from solutio_topology.checks.isolation.statement import Accepting, statements
from solutio_topology.checks.run import check_graph
from solutio_topology.checks.suppress import matches
from solutio_topology.errors import SolutioError
from solutio_topology.workflows.project import expand_environment
from solutio_topology.workflows.validate import evidence_of, gather

if TYPE_CHECKING:
    from solutio_topology.checks.isolation.model import Statement
    from solutio_topology.findings import Finding
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.spec.topology import Ignore
    from solutio_topology.workflows.project import Project


def state(
    project: Project, environment: str, pod: str | None = None, *, manifests: Path | None = None
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """The statements of the dedicated tenant pods of an environment, or of one; and notes on what was judged.

    Raises SolutioError for a tenant pod that does not exist there or is the shared one, and FileError where rendering
    was cut off.
    """
    if manifests is None:
        store.refuse_unfinished(project.root, environment)
    graph = expand_environment(project, environment)
    pods = _chosen(graph, pod)
    material = gather(project, graph, manifests)
    evidence = evidence_of(project, material)
    stale, notes = material.find(), material.notes
    intent = Intent(graph, project.source.locate)
    found = tuple(statements(intent, evidence, pods, _accepting(project), check_graph(intent)))
    if stale:
        notes = (*notes, f"rendered/{environment} is not what the topology renders to now: {stale[0].message}")
    return found, notes


def _chosen(graph: EnvironmentGraph, name: str | None) -> list[str]:
    dedicated = [pod.pod for pod in graph.pods if pod.dedicated]
    if name is None:
        return dedicated
    known = [pod.pod for pod in graph.pods]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else f": there is {', '.join(known)}"
        raise SolutioError(f"{graph.name} has no tenant pod {name!r}{guess}", remedy="name one of the environment's")
    if name not in dedicated:
        raise SolutioError(
            f"{name} is a shared tenant pod: its organizations share all of it, and the application keeps them apart",
            remedy=f"name a dedicated one: {', '.join(dedicated) or 'this environment has none'}",
        )
    return [name]


def _accepting(project: Project) -> Accepting:
    today = datetime.date.today()
    live = [each for each in project.topology.ignore if each.until is None or each.until >= today]

    def accepting(finding: Finding) -> Ignore | None:
        return next((entry for entry in live if matches(entry, finding)), None)

    return accepting
