"""``R``: the mapping from workloads that are not ours to the services of the topology."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck
from solutio_topology.checks.walk import closest
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent

MAPPING = Rule(
    code="R051",
    name="mapping-broken",
    severity=Severity.ERROR,
    summary="`mapping` names a workload that is not in the folder of --manifests, or one workload for two services.",
    rationale="The service's pods are then not found, or the wrong ones are, and its hops are judged by that.",
    example="mapping: [{service: api, pod: default, kind: Deployment, namespace: shop, name: apii}]",
    remedy="name a workload of the manifests, each for one service of one tenant pod",
)


def _mapping(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Only where a folder was named: the rendered manifests carry the labels and need no mapping."""
    if not evidence.elsewhere:
        return
    known = {(each.key.kind, each.key.namespace, each.key.name) for each in evidence.facts.workloads}
    names = [f"{kind} {namespace}/{name}" for kind, namespace, name in known]
    taken: dict[tuple[str, str, str], str] = {}
    for index, each in enumerate(intent.graph.topology.mapping):
        key, told = (each.kind, each.namespace, each.name), f"{each.kind} {each.namespace}/{each.name}"
        owner = f"{each.service} of {each.pod}"
        fault = ""
        if key not in known:
            fault = f"{told}, mapped to {owner}, is not in the manifests{closest(told, names)}"
        elif taken.setdefault(key, owner) != owner:
            fault = f"{told} is mapped to {owner}, and to {taken[key]} as well"
        if fault:
            yield MAPPING.finding(fault, intent.locate(f"mapping.{index}.name"), subject=told)


CHECKS = (BothCheck(MAPPING, _mapping),)
