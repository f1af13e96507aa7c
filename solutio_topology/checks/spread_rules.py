"""``A019``: pods that are to be spread over something that nodes do not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent

UNKNOWN_KEY = Rule(
    code="A019",
    name="topology-key-unknown",
    severity=Severity.WARNING,
    summary="Pods are kept apart by a label that no node has.",
    rationale="Nodes without the label are all one place, or none: the pods land together, or nowhere.",
    example="topologyKey: kubernetes.io/hostnme",
    remedy="use kubernetes.io/hostname, topology.kubernetes.io/zone, or a label of platform.pools",
)

_KINDS = (
    *(("Deployment", "apps"), ("StatefulSet", "apps"), ("DaemonSet", "apps"), ("ReplicaSet", "apps"), ("Pod", "")),
    *(("Job", "batch"), ("CronJob", "batch")),
    *(("Cluster", "postgresql.cnpg.io"), ("HelmRelease", "helm.toolkit.fluxcd.io")),
)
_KEYS = frozenset({"kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region"})
_OF_PROVIDERS = ("doks.digitalocean.com/", "eks.amazonaws.com/", "cloud.google.com/", "kubernetes.azure.com/")
_OF_EVERY_NODE = ("node.kubernetes.io/", "beta.kubernetes.io/", "failure-domain.beta.kubernetes.io/")
_BY_TOPOLOGY = "topology.solutio.dev/pool"


def _unknown_keys(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    known = {*_KEYS, _BY_TOPOLOGY, *(key for pool in intent.graph.platform.pools.values() for key in pool.labels)}
    for source in (each for kind, group in _KINDS for each in evidence.of_kind(kind, group)):
        for steps, key in _keys(source.body.get("spec"), ("spec",)):
            if key not in known and not key.startswith((*_OF_PROVIDERS, *_OF_EVERY_NODE)):
                where = evidence.locate(source.place.at(*steps))
                message = f"{source.key} keeps pods apart by {key}, which no node is known to have"
                yield UNKNOWN_KEY.finding(message, where, subject=str(source.key))


def _keys(value: Any, steps: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        if isinstance(key := value.get("topologyKey"), str):
            yield (*steps, "topologyKey"), key
        for name, child in value.items():
            if isinstance(child, (dict, list)):
                yield from _keys(child, (*steps, name))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            if isinstance(child, (dict, list)):
                yield from _keys(child, (*steps, index))


CHECKS: tuple[Check, ...] = (BothCheck(UNKNOWN_KEY, _unknown_keys),)
