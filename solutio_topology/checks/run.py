"""All checks of one environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.checks.check import BothCheck, GraphCheck, ManifestCheck, guarded
from solutio_topology.checks.path_rules import REFUTED, edge_findings, path_findings
from solutio_topology.checks.paths import HopProof, PathProof, prove_edges, prove_paths
from solutio_topology.checks.registry import CHECKS
from solutio_topology.findings import Finding

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent


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


Checked = dict[int, tuple[Finding, ...]]
"""The findings of rules by their position among the checks."""
_AT_HOME = frozenset("NPT")
"""Families of rules that ask who can talk to whom, as proofs do: they share long answers, and stay together."""
OVER_MANIFESTS = tuple(number for number, check in enumerate(CHECKS) if isinstance(check, ManifestCheck))
"""The rules over the evidence alone."""
AWAY = frozenset(
    number
    for number, check in enumerate(CHECKS)
    if not isinstance(check, GraphCheck) and check.rule.code[0] not in _AT_HOME
)
"""Rules over evidence that can be checked apart from the others without doing work twice."""


class Begun(Struct, frozen=True):
    """Rules that are being checked elsewhere, and what waits for their findings."""

    taken: frozenset[int] = frozenset()
    wait: Callable[[], Checked] = dict


def nobody(_intent: Intent, _evidence: Evidence) -> Begun:
    """Nothing is checked elsewhere."""
    return Begun()


def check_all(
    intent: Intent,
    evidence: Evidence,
    *,
    precise: bool = True,
    whole: Intent | None = None,
    begin: Callable[[Intent, Evidence], Begun] = nobody,
    tell: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> Outcome:
    """Every rule of one environment, the proofs of its edges and paths included.

    `whole` is the intent with every tenant pod, where `intent` holds only those that stand for the others.
    Without `precise` the evidence of what holds names files but no lines; what does not hold is always precise.
    `begin` may begin with some rules over evidence elsewhere, while the others are checked here.
    """
    evidence = on_platform(intent, evidence)
    begun = begin(intent, evidence)
    tell("proving every edge", 0, 0)
    proofs = prove_edges(intent, evidence if precise else replace(evidence, precise=False))
    if not precise and any(proof.cause for proof in proofs.values()):
        proofs = prove_edges(intent, evidence)
    paths = prove_paths(intent, proofs)
    checked = check_some(intent, evidence, frozenset(range(len(CHECKS))) - begun.taken, partial(tell, "checking rules"))
    refuted = [*guarded(REFUTED, lambda: [*edge_findings(intent, proofs), *path_findings(intent, paths)])]
    found = [*check_graph(whole or intent), *_in_order(checked | begun.wait()), *refuted]
    ordered = sorted(dict.fromkeys(found), key=lambda finding: finding.sort_key)
    return Outcome(intent.graph.name, tuple(ordered), tuple(proofs.values()), paths)


def on_platform(intent: Intent, evidence: Evidence) -> Evidence:
    """The evidence, judged as the platform is: its version of Kubernetes, where its Secrets come from."""
    platform = intent.graph.platform
    version = evidence.kubernetes or platform.kubernetes
    return replace(evidence, kubernetes=version, secrets_elsewhere=platform.secrets.provider == "none")


def check_some(
    intent: Intent,
    evidence: Evidence,
    numbers: frozenset[int],
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Checked:
    """The findings of those rules over evidence that have these positions."""
    found: Checked = {}
    for number, check in enumerate(CHECKS):
        tell(number, len(CHECKS))
        if number not in numbers or isinstance(check, GraphCheck):
            continue
        given = (evidence,) if isinstance(check, ManifestCheck) else (intent, evidence)
        found[number] = tuple(guarded(check.rule, partial(check.find, *given)))
    return found


def _in_order(checked: Checked) -> Iterator[Finding]:
    """The findings of the rules over the evidence alone, then of those over both."""
    for kind in (ManifestCheck, BothCheck):
        yield from (each for number in sorted(checked) if isinstance(CHECKS[number], kind) for each in checked[number])
