"""Validating: the topology's graph, then what its manifests really say."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology import store
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.layout_rules import stale_findings, unfinished_findings
from solutio_topology.checks.run import Outcome, check_all
from solutio_topology.checks.suppress import Suppressed, suppress
from solutio_topology.manifests import read_files, read_tree
from solutio_topology.workflows.project import Project
from solutio_topology.workflows.render import Fresh, check_environment, render_environment

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.manifests import Facts


@dataclass(frozen=True)
class Validation:
    """What is left to report over all environments, what was acknowledged, and what was proved in each."""

    findings: tuple[Finding, ...]
    acknowledged: tuple[tuple[Finding, str], ...]
    outcomes: tuple[Outcome, ...]


def validate(
    project: Project, environments: tuple[str, ...], *, manifests: Path | None = None, precise: bool = True
) -> Validation:
    """Check the environments; `manifests` is a folder to judge instead of ``rendered/``.

    Without `precise` the evidence of what holds names files but no lines, which is faster.
    """
    outcomes = tuple(judge(project, name, manifests, precise=precise) for name in environments)
    found = tuple(dict.fromkeys(finding for outcome in outcomes for finding in outcome.findings))
    complete = manifests is None and set(environments) == set(project.topology.environments)
    left = _suppressed(project, found, complete=complete)
    return Validation(left.findings, left.acknowledged, outcomes)


def judge(project: Project, environment: str, manifests: Path | None = None, *, precise: bool = True) -> Outcome:
    """Everything that one environment's manifests say, held against its topology."""
    fresh = render_environment(project, environment)
    evidence, extra, notes = gather(project, fresh, manifests)
    outcome = check_all(Intent(fresh.graph, project.source.locate, datetime.date.today()), evidence, precise=precise)
    findings = sorted((*outcome.findings, *extra), key=lambda finding: finding.sort_key)
    return replace(outcome, findings=tuple(_with_excerpt(project, each) for each in findings), notes=notes)


def gather(
    project: Project, fresh: Fresh, manifests: Path | None
) -> tuple[Evidence, tuple[Finding, ...], tuple[str, ...]]:
    """The evidence to judge: a folder that was named, else ``rendered/``, else the fresh bytes."""
    from solutio_topology.reach import solve

    name = fresh.graph.name
    if manifests is not None:
        facts = read_tree(manifests, display=str(manifests))
        return _evidence(project, facts, solve(facts), frozenset()), (), ()
    wanted = {path: data for path, data in fresh.files.items() if path.startswith(f"rendered/{name}/")}
    folder = project.root / "rendered" / name
    if not folder.is_dir():
        facts = read_files(_manifests(wanted))
        note = f"{name}: nothing is rendered yet; judged what would be rendered"
        return _evidence(project, facts, solve(facts), frozenset(wanted)), (), (note,)
    if store.unfinished(project.root, name):
        findings = tuple(unfinished_findings(name))
    else:
        findings = tuple(stale_findings(name, check_environment(project, name)))
    facts = read_tree(folder, display=f"rendered/{name}")
    files = frozenset(path.relative_to(project.root).as_posix() for path in folder.rglob("*") if path.is_file())
    return _evidence(project, facts, solve(facts), files), findings, ()


def _manifests(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if path.endswith((".yaml", ".yml", ".json"))}


def _evidence(project: Project, facts: Facts, connections: object, files: frozenset[str]) -> Evidence:
    from solutio_topology.manifests.facts import Key
    from solutio_topology.reach import Connections

    assert isinstance(connections, Connections)
    groups = {workload.key.kind: workload.key.group for workload in facts.workloads}
    mapping = {
        Key(groups.get(each.kind, "apps"), each.kind, each.namespace, each.name): (each.pod, each.service)
        for each in project.topology.mapping
    }
    return Evidence(facts, connections, files, mapping)


def _with_excerpt(project: Project, finding: Finding) -> Finding:
    excerpt = finding.excerpt or project.source.excerpt(finding.location)
    return replace(finding, excerpt=excerpt) if excerpt else finding


def _suppressed(project: Project, findings: tuple[Finding, ...], *, complete: bool) -> Suppressed:
    """Take out what is acknowledged. Entries are judged unused only when every environment was looked at."""
    entries = project.topology.ignore
    elsewhere = frozenset() if complete else frozenset(range(len(entries)))
    return suppress(findings, entries, project.source.locate, datetime.date.today(), used_elsewhere=elsewhere)
