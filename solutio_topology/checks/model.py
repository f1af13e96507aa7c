"""What a check is: a rule, and the function that looks for it in the intent, in the evidence, or in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solutio_topology.findings import Finding, Related, Rule

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Place


@dataclass(frozen=True, slots=True)
class IntentCheck:
    """Looks at the topology alone."""

    rule: Rule
    find: Callable[[Intent], Iterable[Finding]]

    def run(self, intent: Intent | None, evidence: Evidence | None) -> Iterable[Finding]:
        """Its findings; none without a topology."""
        del evidence
        return self.find(intent) if intent else ()


@dataclass(frozen=True, slots=True)
class EvidenceCheck:
    """Looks at the manifests alone: any manifests, ours or not."""

    rule: Rule
    find: Callable[[Evidence], Iterable[Finding]]

    def run(self, intent: Intent | None, evidence: Evidence | None) -> Iterable[Finding]:
        """Its findings; none without manifests."""
        del intent
        return self.find(evidence) if evidence else ()


@dataclass(frozen=True, slots=True)
class MeetingCheck:
    """Holds the topology against the manifests."""

    rule: Rule
    find: Callable[[Intent, Evidence], Iterable[Finding]]

    def run(self, intent: Intent | None, evidence: Evidence | None) -> Iterable[Finding]:
        """Its findings; none where one of the two is missing."""
        return self.find(intent, evidence) if intent and evidence else ()


Check = IntentCheck | EvidenceCheck | MeetingCheck


def related(evidence: Evidence, *said: tuple[Place, str]) -> tuple[Related, ...]:
    """Second places of a finding, each with what stands there."""
    return tuple(Related(evidence.locate(place), message) for place, message in said)


def closest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of the known names comes near, else empty."""
    import difflib

    found = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)
    return f"; did you mean {found[0]!r}?" if found else ""
