"""Proofs of hops and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from solutio_topology.checks.places import Where
from solutio_topology.findings import Location, Verdict

if TYPE_CHECKING:
    from solutio_topology.graph.model import Link
    from solutio_topology.manifests.facts import Assumption


class Fact(Struct, frozen=True):
    """One piece of evidence: an object and where it says so."""

    statement: str
    where: Where

    @property
    def location(self) -> Location:
        """File, line and column."""
        return self.where.location

    def __str__(self) -> str:
        return f"{self.statement} ({self.location})" if self.location.file else self.statement


class Cause(Struct, frozen=True):
    """Why a hop is not real, or not known to be: what breaks it, where, what to change, what it disagrees with."""

    message: str
    where: Where
    remedy: str
    related: tuple[Fact, ...] = ()

    @property
    def location(self) -> Location:
        """File, line and column."""
        return self.where.location


class HopProof(Struct, frozen=True):
    """What is known about one edge of one tenant pod."""

    link: Link
    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    cause: Cause | None = None

    @property
    def name(self) -> str:
        """``default: api -> pg``."""
        pod = self.link.server.pod if self.link.client.pod == self.link.server.pod else self.pod
        return f"{pod}: {self.link.drawn[0].service} -> {self.link.drawn[1].service}"

    @property
    def pod(self) -> str:
        """The tenant pod that the edge belongs to."""
        return self.link.owner


class PathProof(Struct, frozen=True):
    """A declared path of one tenant pod: as strong as its weakest hop."""

    name: str
    pod: str
    hops: tuple[HopProof, ...]
    missing: str = ""
    """Why it is no chain of edges; then there are no hops to speak of."""

    @property
    def verdict(self) -> Verdict:
        """The weakest of the hops' verdicts."""
        if self.missing or not self.hops:
            return Verdict.REFUTED
        return max((hop.verdict for hop in self.hops), key=lambda verdict: verdict.rank)


class Gathering(Struct):
    """A proof in the making: evidence so far, and the first thing that breaks it."""

    facts: list[Fact] = field(default_factory=list)
    assumptions: dict[str, Assumption] = field(default_factory=dict)
    cause: Cause | None = None
    undecided: Cause | None = None

    def say(self, statement: str, where: Where) -> None:
        """Add a piece of evidence."""
        fact = Fact(statement, where)
        if fact not in self.facts:
            self.facts.append(fact)

    def assume(self, assumption: Assumption | None) -> None:
        """Note that the proof rests on something that the YAML does not hold."""
        if assumption is not None:
            self.assumptions.setdefault(f"{assumption.name} {assumption.statement}", assumption)

    def refute(self, message: str, where: Where, remedy: str, *related: Fact) -> None:
        """Note what breaks the hop; the first one counts, because the others may follow from it."""
        if self.cause is None:
            self.cause = Cause(message, where, remedy, related)

    def doubt(self, message: str, where: Where, remedy: str) -> None:
        """Note what the manifests do not decide."""
        if self.undecided is None:
            self.undecided = Cause(message, where, remedy)

    def proof(self, link: Link) -> HopProof:
        """The finished proof."""
        cause = self.cause or self.undecided
        if self.cause:
            verdict = Verdict.REFUTED
        elif self.undecided:
            verdict = Verdict.UNDECIDED
        else:
            verdict = Verdict.ASSUMED if self.assumptions else Verdict.PROVEN
        return HopProof(link, verdict, tuple(self.facts), tuple(self.assumptions.values()), cause)
