"""What every format is made from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.findings import Finding, Severity, Verdict

if TYPE_CHECKING:
    from solutio_topology.checks.run import Outcome


class Report(Struct, frozen=True):
    """The result of a command, ready to be told."""

    command: str
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...] = ()
    acknowledged: tuple[tuple[Finding, str], ...] = ()
    error: str = ""
    """What kept the command from deciding; empty when it did."""

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.error and self.count(Severity.ERROR) == 0

    def hops(self, outcome: Outcome) -> Counter[Verdict]:
        """How many edges have which verdict."""
        found: Counter[Verdict] = Counter()
        for proof in outcome.edges:
            found[proof.verdict] += outcome.weight(proof.pod)
        return found

    @property
    def verdicts(self) -> dict[str, int]:
        """Edges per verdict over all environments, every verdict named."""
        total: Counter[Verdict] = Counter()
        for outcome in self.outcomes:
            total += self.hops(outcome)
        return {verdict.value: total[verdict] for verdict in Verdict}


def summary(report: Report) -> list[str]:
    """The lines with which every run for people ends."""
    lines = []
    for outcome in report.outcomes:
        counted = report.hops(outcome)
        told = ", ".join(f"{counted[verdict]} {verdict}" for verdict in Verdict)
        paths = sum(outcome.weight(path.pod) for path in outcome.paths)
        lines.append(f"{outcome.environment}: {paths} paths, {counted.total()} hops: {told}")
    counts = ", ".join(_plural(report.count(severity), severity.value) for severity in Severity)
    known = f"; {len(report.acknowledged)} acknowledged" if report.acknowledged else ""
    lines.append(f"{counts}{known}")
    return lines


def taken_on_word(report: Report) -> list[tuple[str, int, str]]:
    """What hops rest on that no manifest holds: the assumption's name, how many hops rest on it, and its source."""
    found = Counter(
        (assumption.name, assumption.source)
        for outcome in report.outcomes
        for proof in outcome.edges
        for assumption in {each.name: each for each in proof.assumptions}.values()
    )
    return [(name, count, source) for (name, source), count in sorted(found.items())]


def _plural(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 or word == 'info' else 's'}"
