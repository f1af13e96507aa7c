"""Whether the checks catch a mutant: the same ones that ``solutio validate`` uses, without the stale-file findings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

from solutio_topology.checks.check import Check, GraphCheck, ManifestCheck, guarded
from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.path_rules import REFUTED, edge_findings
from solutio_topology.checks.paths import HopProof, prove_edges
from solutio_topology.checks.registry import CHECKS
from solutio_topology.checks.run import on_platform
from solutio_topology.checks.suppress import matches
from solutio_topology.findings import Finding
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.yamlio import read_manifests
from tools.mutation.operator import Mutant
from tools.mutation.tree import Tree, load

TODAY = datetime.date(2026, 1, 1)
"""The day on which acknowledgements are judged: fixed, so that the answer does not depend on the calendar."""
Said = tuple[str, str, str]
"""Code, subject and message of a finding: lines move, faults do not."""
EDGES = -1
"""Stands for the proof of the edges in an order; other numbers are places in `CHECKS`."""


@dataclass
class Order:
    """In which order the checks are asked: those first that caught something last, and never the graph's own."""

    steps: list[int] = field(
        default_factory=lambda: [EDGES, *(at for at, each in enumerate(CHECKS) if not isinstance(each, GraphCheck))]
    )

    def caught_by(self, step: int) -> None:
        """Ask a check first from now on."""
        self.steps.remove(step)
        self.steps.insert(0, step)


@dataclass(frozen=True)
class Judgement:
    """What the checks say of one state of a tree."""

    evidence: Evidence
    found: dict[Said, Finding]
    """Errors and warnings that the topology does not acknowledge, and notes for information."""
    edges: tuple[HopProof, ...]
    """The proofs of all edges; empty where a check before them has caught the mutant."""


@dataclass(frozen=True)
class Trial:
    """A mutant, with what the checks say of the tree before and after."""

    mutant: Mutant
    before: Judgement
    after: Judgement

    @property
    def new(self) -> tuple[Finding, ...]:
        """What is found and is not in the sound tree."""
        return tuple(each for said, each in self.after.found.items() if said not in self.before.found)

    @property
    def catching(self) -> tuple[Finding, ...]:
        """The errors and warnings among them: with one of these the mutant is caught."""
        return tuple(each for each in self.new if _catches(each))


def try_out(mutant: Mutant, order: Order | None = None) -> Trial:
    """Damage the tree and judge it, up to the first check that catches the mutant."""
    tree, before = load(mutant.tree), sound(mutant.tree)
    files = tree.damaged(mutant.item.file, mutant.item.index, mutant.edit)
    return Trial(mutant, before, judge(tree, files, order or Order(), before.found))


@cache
def sound(name: str) -> Judgement:
    """The judgement of a tree as it is."""
    tree = load(name)
    return judge(tree, tree.files, Order())


_remembered = cache(read_manifests)


def judge(tree: Tree, files: dict[str, bytes], order: Order, known: Mapping[Said, Finding] | None = None) -> Judgement:
    """What the checks say of some files; with `known`, up to the first that says more."""
    facts = read_files(files, parse=lambda data: _remembered(data) if data in tree.known else read_manifests(data))
    evidence = Evidence(facts, solve(facts), frozenset(files) | tree.others, precise=False)
    evidence = on_platform(tree.intent, evidence)
    found: dict[Said, Finding] = {}
    edges: tuple[HopProof, ...] = ()
    for step in tuple(order.steps):
        if step == EDGES:
            proofs = prove_edges(tree.intent, evidence)
            edges = tuple(proofs.values())
            said = guarded(REFUTED, partial(edge_findings, tree.intent, proofs))
        else:
            said = _found_by(CHECKS[step], tree, evidence)
        told = {(each.code, each.subject, each.message): each for each in _left(tree, said)}
        found |= told
        if known is not None and any(key not in known and _catches(each) for key, each in told.items()):
            order.caught_by(step)
            break
    return Judgement(evidence, found, edges)


def _catches(finding: Finding) -> bool:
    """Whether a finding catches a mutant: an error or a warning, and not that a rule crashed over it."""
    return finding.severity != "info" and finding.name != "rule-crashed"


def _found_by(check: Check, tree: Tree, evidence: Evidence) -> Iterator[Finding]:
    if isinstance(check, GraphCheck):
        return guarded(check.rule, partial(check.find, tree.intent))
    if isinstance(check, ManifestCheck):
        return guarded(check.rule, partial(check.find, evidence))
    return guarded(check.rule, partial(check.find, tree.intent, evidence))


def _left(tree: Tree, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that the topology does not acknowledge."""
    live = [each for each in tree.ignore if each.until is None or each.until >= TODAY]
    return (found for found in findings if not any(matches(each, found) for each in live))
