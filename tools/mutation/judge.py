"""Whether the checks catch a mutant: the same ones that ``solutio validate`` uses, without the stale-file findings."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache

from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.run import Outcome, check_all
from solutio_topology.checks.suppress import suppress
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


@dataclass(frozen=True)
class Judgement:
    """What the checks say of one state of a tree."""

    evidence: Evidence
    outcome: Outcome
    found: dict[Said, Finding]
    """Errors and warnings that the topology does not acknowledge, and notes for information."""


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
        return tuple(each for each in self.new if each.severity != "info")


def try_out(mutant: Mutant) -> Trial:
    """Damage the tree and judge it."""
    tree = load(mutant.tree)
    return Trial(
        mutant, sound(mutant.tree), judge(tree, tree.damaged(mutant.item.file, mutant.item.index, mutant.edit))
    )


@cache
def sound(name: str) -> Judgement:
    """The judgement of a tree as it is."""
    tree = load(name)
    return judge(tree, tree.files)


_remembered = cache(read_manifests)


def judge(tree: Tree, files: dict[str, bytes]) -> Judgement:
    """What the checks say of some files."""
    facts = read_files(files, parse=lambda data: _remembered(data) if data in tree.known else read_manifests(data))
    evidence = Evidence(facts, solve(facts), frozenset(files) | tree.others)
    outcome = check_all(tree.intent, evidence, precise=False)
    every = frozenset(range(len(tree.ignore)))
    left = suppress(outcome.findings, tree.ignore, tree.intent.locate, TODAY, used_elsewhere=every)
    found = {(each.code, each.subject, each.message): each for each in left.findings}
    return Judgement(evidence, outcome, found)
