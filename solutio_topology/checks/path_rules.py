"""``P``: declared edges and paths that are not real."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.findings import Finding, Related, Rule, Severity, Verdict

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Intent
    from solutio_topology.checks.paths.model import HopProof, PathProof
    from solutio_topology.checks.paths.prove import Proofs

REFUTED = Rule(
    code="P001",
    name="edge-not-realized",
    severity=Severity.ERROR,
    summary="A declared edge is not real: something between its ends keeps packets from passing.",
    rationale="The topology promises a connection that the manifests do not make; it fails when it is first used.",
    example="the Service pg maps 5432 while the policy of api lets 5433 out",
    remedy="change the object that is named, or the edge",
)
UNDECIDED = Rule(
    code="P002",
    name="edge-undecided",
    severity=Severity.ERROR,
    summary="Whether a declared edge is real, the manifests do not say.",
    rationale="An answer that is not known must not count as yes.",
    example="a policy for pods that is meant for a pod on the node's network",
    remedy="say it in the manifests, or acknowledge it with an ignore",
)
BROKEN_PATH = Rule(
    code="P003",
    name="path-is-no-chain",
    severity=Severity.ERROR,
    summary="A declared path has two neighbours without an edge between them.",
    rationale="What is not declared is closed, so the path cannot work.",
    example="paths: {x: front -> pg} without an edge from front to pg",
    remedy="declare the edge, or correct the path",
)
RULES = (REFUTED, UNDECIDED, BROKEN_PATH)


def edge_findings(intent: Intent, proofs: Proofs) -> Iterator[Finding]:
    """A finding per edge that is refuted or undecided. A composed edge is told by its parts."""
    for proof in proofs.values():
        if proof.cause is None or proof.link.edge.realized_by:
            continue
        rule = REFUTED if proof.verdict is Verdict.REFUTED else UNDECIDED
        yield _finding(intent, rule, proof)


def _finding(intent: Intent, rule: Rule, proof: HopProof) -> Finding:
    cause = proof.cause
    assert cause is not None
    declared = Related(intent.locate(proof.link.pointer), f"edge {proof.link.key} is declared here")
    return rule.finding(
        f"{proof.name}: {cause.message}",
        cause.location,
        subject=f"edge {proof.link.key} of {proof.pod}",
        remedy=cause.remedy,
        related=(*(Related(fact.location, fact.statement) for fact in cause.related), declared),
    )


def path_findings(intent: Intent, paths: tuple[PathProof, ...]) -> Iterator[Finding]:
    """A finding per path that is no chain of edges."""
    for path in paths:
        if path.missing:
            yield BROKEN_PATH.finding(
                f"path {path.name}: {path.missing}",
                intent.locate(f"paths.{path.name}"),
                subject=f"path {path.name} of {path.pod}",
            )
