"""Validating: the topology's graph, then what its manifests really say."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology import store
from solutio_topology.checks.equal import for_all
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.layout_rules import stale_findings, unfinished_findings
from solutio_topology.checks.run import Outcome, check_all
from solutio_topology.checks.suppress import Suppressed, suppress
from solutio_topology.manifests.read import SUFFIXES, every_path, manifest_paths, read_manifest
from solutio_topology.workflows.apart import Apart
from solutio_topology.workflows.equals import Judged, judged
from solutio_topology.workflows.prints import Prints
from solutio_topology.workflows.project import Project, charts_at, expand_environment
from solutio_topology.workflows.reading import read_all
from solutio_topology.workflows.render import Tell, compare_environment, quiet, render_environment

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.manifests import Facts
    from solutio_topology.manifests.helm.charts import Charts


Find = Callable[[], tuple["Finding", ...]]


class Validation(Struct, frozen=True):
    """What is left to report over all environments, what was acknowledged, and what was proved in each."""

    findings: tuple[Finding, ...]
    acknowledged: tuple[tuple[Finding, str], ...]
    outcomes: tuple[Outcome, ...]


def validate(
    project: Project,
    environments: tuple[str, ...],
    *,
    manifests: Path | None = None,
    charts: Path | None = None,
    precise: bool = True,
    apart: Apart | None = None,
    tell: Tell = quiet,
) -> Validation:
    """Check the environments; `manifests` is a folder to judge instead of ``rendered/``, `charts` one of Helm charts.

    Without `precise` the evidence of what holds names files but no lines, which is faster. `apart` may have read
    the manifests of the first environment already.
    """
    outcomes = tuple(
        judge(project, name, manifests, charts, precise=precise, apart=apart, tell=tell) for name in environments
    )
    found = tuple(dict.fromkeys(finding for outcome in outcomes for finding in outcome.findings))
    complete = manifests is None and set(environments) == set(project.topology.environments)
    left = _suppressed(project, found, complete=complete)
    return Validation(left.findings, left.acknowledged, outcomes)


def judge(
    project: Project,
    environment: str,
    manifests: Path | None = None,
    charts: Path | None = None,
    *,
    precise: bool = True,
    apart: Apart | None = None,
    tell: Tell = quiet,
) -> Outcome:
    """Everything that one environment's manifests say, held against its topology.

    Of a tree that is half old and half new nothing is said but that.
    """
    if manifests is None and store.unfinished(project.root, environment):
        return Outcome(environment, tuple(unfinished_findings(environment)))
    graph = expand_environment(project, environment)
    material = gather(project, graph, manifests, tell=tell)
    prints = Prints(project.root, environment)
    found = judged(graph, material.paths, material.read, prints, hashes=material.hashes, prefix=material.prefix)
    prints.save()
    helm = charts_at(charts, kubernetes=graph.platform.kubernetes)
    apart = apart or Apart()
    facts = apart.facts(found.files, tell) if helm is None else read_all(found.files, helm, tell)
    evidence = replace(
        _evidence(project, facts, found.paths if manifests is None else frozenset()), elsewhere=manifests is not None
    )
    intent, whole = (Intent(each, project.source.locate, datetime.date.today()) for each in (found.graph, graph))
    outcome = check_all(intent, evidence, precise=precise, whole=whole, begin=apart.begin, tell=tell)
    told = for_all(outcome.findings, found.names, found.stands_for)
    findings = sorted({*told, *material.find()}, key=lambda finding: finding.sort_key)
    return replace(
        outcome,
        findings=tuple(_with_excerpt(project, each) for each in findings),
        notes=(*material.notes, *_notes(environment, found)),
        stands_for=found.stands_for,
    )


def _notes(environment: str, found: Judged) -> Iterator[str]:
    if found.stands_for:
        equal = sum(len(others) for others in found.stands_for.values())
        yield f"{environment}: {equal} tenant pods are byte for byte equal to others but for their names, and proved so"


class Material(Struct, frozen=True):
    """The files to judge, and what there is to say of the tree itself."""

    prefix: str
    """What every path begins with."""
    paths: tuple[str, ...]
    read: Callable[[str], bytes]
    find: Find = tuple
    """Waits for what was found about the tree itself."""
    notes: tuple[str, ...] = ()
    is_elsewhere: bool = False
    """Whether it is a folder that was named."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """Of the files that need not be read to know their content."""


def gather(
    project: Project, graph: EnvironmentGraph, manifests: Path | None, *, fresh: bool = True, tell: Tell = quiet
) -> Material:
    """The files to judge: of a folder that was named, else ``rendered/``, else what would be rendered.

    Without `fresh` nobody asks whether ``rendered/`` is what would be rendered now.
    """
    name = graph.name
    if manifests is not None:
        shown = {f"{manifests}/{path.relative_to(manifests).as_posix()}": path for path in manifest_paths(manifests)}
        return Material(f"{manifests}/", tuple(shown), lambda path: read_manifest(shown[path]), is_elsewhere=True)
    folder = project.root / "rendered" / name
    if not folder.is_dir():
        files = render_environment(project, name).files
        paths = tuple(path for path in files if path.startswith(f"rendered/{name}/"))
        return Material(
            f"rendered/{name}/",
            paths,
            files.__getitem__,
            notes=(f"{name}: nothing is rendered yet; judged what would be",),
        )
    find, hashes = _of_the_tree(project, graph, fresh=fresh, tell=tell)
    paths = tuple(f"rendered/{name}/{path.relative_to(folder).as_posix()}" for path in every_path(folder))
    return Material(f"rendered/{name}/", paths, lambda path: read_manifest(project.root / path), find, hashes=hashes)


def _of_the_tree(
    project: Project, graph: EnvironmentGraph, *, fresh: bool, tell: Tell
) -> tuple[Find, Mapping[str, str]]:
    """What gives the findings of the tree itself, and the hashes of files that need not be read."""
    if not fresh:
        return tuple, {}
    found = compare_environment(project, graph, apart=True, tell=tell)
    return (lambda: tuple(stale_findings(graph.name, found.drift))), found.hashes


def evidence_of(
    project: Project, material: Material, charts: Charts | None = None, found: Judged | None = None
) -> Evidence:
    """All that the files say, or what those say that are judged. HelmReleases are expanded from `charts`."""
    if found is None:
        files: Mapping[str, bytes] = {path: material.read(path) for path in material.paths if path.endswith(SUFFIXES)}
    else:
        files = found.files
    paths = frozenset(found.paths if found else material.paths)
    evidence = _evidence(project, read_all(files, charts), frozenset() if material.is_elsewhere else paths)
    return replace(evidence, elsewhere=material.is_elsewhere)


def _evidence(project: Project, facts: Facts, files: frozenset[str]) -> Evidence:
    from solutio_topology.manifests.facts import Key
    from solutio_topology.reach import solve

    groups = {workload.key.kind: workload.key.group for workload in facts.workloads}
    mapping = {
        Key(groups.get(each.kind, "apps"), each.kind, each.namespace, each.name): (each.pod, each.service)
        for each in project.topology.mapping
    }
    return Evidence(facts, solve(facts), files, mapping)


def _with_excerpt(project: Project, finding: Finding) -> Finding:
    excerpt = finding.excerpt or project.source.excerpt(finding.location)
    return replace(finding, excerpt=excerpt) if excerpt else finding


def _suppressed(project: Project, findings: tuple[Finding, ...], *, complete: bool) -> Suppressed:
    """Take out what is acknowledged. Entries are judged unused only when every environment was looked at."""
    entries = project.topology.ignore
    elsewhere = frozenset() if complete else frozenset(range(len(entries)))
    return suppress(findings, entries, project.source.locate, datetime.date.today(), used_elsewhere=elsewhere)
