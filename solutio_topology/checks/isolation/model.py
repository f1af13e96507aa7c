"""What can be said to an auditor about one tenant pod."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.findings import Verdict

if TYPE_CHECKING:
    from solutio_topology.checks.paths.model import Fact
    from solutio_topology.findings import Finding
    from solutio_topology.manifests.facts import Assumption


class Shared(Struct, frozen=True):
    """Something that the tenant pod shares, with whom, and what makes that no fault."""

    fact: Fact
    why: str


class Accepted(Struct, frozen=True):
    """A finding that the topology acknowledges, with the reason that it gives."""

    finding: Finding
    reason: str


class Aspect(Struct, frozen=True):
    """One side of a tenant pod's isolation: what is its own, what it shares, and what contradicts it."""

    name: str
    own: tuple[Fact, ...]
    shared: tuple[Shared, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    undecided: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Refuted by what is found and not acknowledged, undecided by what the manifests leave open, else as strong
        as what it rests on."""
        if self.findings:
            return Verdict.REFUTED
        if self.undecided:
            return Verdict.UNDECIDED
        return Verdict.ASSUMED if self.assumptions else Verdict.PROVEN


class Statement(Struct, frozen=True):
    """What one dedicated tenant pod has for itself and what it shares, in one environment."""

    environment: str
    pod: str
    tier: str
    orgs: tuple[str, ...]
    aspects: tuple[Aspect, ...]

    @property
    def verdict(self) -> Verdict:
        """The weakest of the aspects' verdicts."""
        return max((aspect.verdict for aspect in self.aspects), key=lambda verdict: verdict.rank)

    @property
    def shared(self) -> tuple[Shared, ...]:
        """Everything that it shares, over all aspects."""
        return tuple(shared for aspect in self.aspects for shared in aspect.shared)
