"""All checks of one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.checks.alone import check_manifests
from solutio_topology.checks.check import BothCheck, GraphCheck, guarded
from solutio_topology.checks.path_rules import REFUTED, edge_findings, path_findings
from solutio_topology.checks.paths import HopProof, PathProof, prove_edges, prove_paths
from solutio_topology.checks.registry import CHECKS
from solutio_topology.findings import Finding

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent


Found = Callable[[], tuple[Finding, ...]]
"""Gives the findings of some rules."""


class Outcome(Struct, frozen=True):
    """What the checks found in one environment, and what they proved."""

    environment: str
    findings: tuple[Finding, ...]
    edges: tuple[HopProof, ...] = ()
    paths: tuple[PathProof, ...] = ()
    notes: tuple[str, ...] = field(default=())
    stands_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tenant pod → the tenant pods that were found to be equal to it: what is proved of it is proved of them."""

    def weight(self, pod: str) -> int:
        """For how many tenant pods a proof about one holds."""
        return 1 + len(self.stands_for.get(pod, ()))


def check_graph(intent: Intent) -> tuple[Finding, ...]:
    """The rules over the intent alone."""
    return tuple(
        finding
        for check in CHECKS
        if isinstance(check, GraphCheck)
        for finding in guarded(check.rule, partial(check.find, intent))
    )


def check_all(
    intent: Intent,
    evidence: Evidence,
    *,
    precise: bool = True,
    whole: Intent | None = None,
    manifests: Callable[[Evidence], Found] | None = None,
) -> Outcome:
    """Every rule of one environment, the proofs of its edges and paths included.

    `whole` is the intent with every tenant pod, where `intent` holds only those that stand for the others.
    Without `precise` the evidence of what holds names files but no lines; what does not hold is always precise.
    `manifests` begins with the rules over the evidence alone elsewhere, while the others run here.
    """
    evidence = on_platform(intent, evidence)
    alone = manifests(evidence) if manifests else partial(check_manifests, evidence)
    proofs = prove_edges(intent, evidence if precise else replace(evidence, precise=False))
    if not precise and any(proof.cause for proof in proofs.values()):
        proofs = prove_edges(intent, evidence)
    paths = prove_paths(intent, proofs)
    found = [*_both(intent, evidence)]
    found += guarded(REFUTED, lambda: [*edge_findings(intent, proofs), *path_findings(intent, paths)])
    found = [*check_graph(whole or intent), *alone(), *found]
    ordered = sorted(dict.fromkeys(found), key=lambda finding: finding.sort_key)
    return Outcome(intent.graph.name, tuple(ordered), tuple(proofs.values()), paths)


def on_platform(intent: Intent, evidence: Evidence) -> Evidence:
    """The evidence, judged as the platform is: its version of Kubernetes, where its Secrets come from."""
    platform = intent.graph.platform
    version = evidence.kubernetes or platform.kubernetes
    return replace(evidence, kubernetes=version, secrets_elsewhere=platform.secrets.provider == "none")


def _both(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for check in CHECKS:
        if isinstance(check, BothCheck):
            yield from guarded(check.rule, partial(check.find, intent, evidence))
