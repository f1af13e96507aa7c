"""``R056``: objects under different names that do one and the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import Check, ManifestCheck
from solutio_topology.checks.walk import maps, part, related
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object

TWICE = Rule(
    code="R056",
    name="done-twice",
    severity=Severity.WARNING,
    summary="Two objects under different names do one and the same: scale a workload, run a job, serve a host.",
    rationale="Autoscalers stop, controllers undo each other's work, a migration runs beside itself, a second public "
    "address is paid for and forgotten.",
    example="two HorizontalPodAutoscalers with one scaleTargetRef",
    remedy="keep one of them",
)


def _scales(body: dict[str, Any]) -> Iterator[Any]:
    ref = part(body, "spec", "scaleTargetRef")
    yield part(ref, "kind"), part(ref, "name")


def _database(body: dict[str, Any]) -> Iterator[Any]:
    yield part(body, "spec", "cluster", "name"), part(body, "spec", "name")


def _backup(body: dict[str, Any]) -> Iterator[Any]:
    yield part(body, "spec", "cluster", "name"), part(body, "spec", "schedule"), part(body, "spec", "method")


def _certificate(body: dict[str, Any]) -> Iterator[Any]:
    yield part(body, "spec", "secretName")


def _release(body: dict[str, Any]) -> Iterator[Any]:
    if name := part(body, "spec", "releaseName"):
        yield part(body, "spec", "storageNamespace"), part(body, "spec", "targetNamespace"), name


def _job(body: dict[str, Any]) -> Iterator[Any]:
    """What runs; a Job that has run already (an export of a cluster) does not count."""
    template = part(body, "spec", "template") or part(body, "spec", "jobTemplate", "spec", "template")
    if template and not body.get("status"):
        yield part(body, "spec", "schedule"), part(template, "spec")


def _served(body: dict[str, Any]) -> Iterator[Any]:
    """The hosts and paths of an Ingress. A canary stands beside another one on purpose."""
    if part(body, "metadata", "annotations", "nginx.ingress.kubernetes.io/canary") == "true":
        return
    for _, rule in maps(part(body, "spec", "rules")):
        for _, path in maps(part(rule, "http", "paths")):
            yield part(body, "spec", "ingressClassName"), rule.get("host"), path.get("path"), path.get("pathType")


def _balanced(body: dict[str, Any]) -> Iterator[Any]:
    spec = part(body, "spec")
    if part(spec, "type") == "LoadBalancer" and part(spec, "selector"):
        yield (
            part(spec, "selector"),
            [(port.get("port"), port.get("protocol")) for _, port in maps(part(spec, "ports"))],
        )


def _listening(body: dict[str, Any]) -> Iterator[Any]:
    yield part(body, "spec", "gatewayClassName"), part(body, "spec", "listeners")


def _routed(body: dict[str, Any]) -> Iterator[Any]:
    for _, rule in maps(part(body, "spec", "rules")):
        yield part(body, "spec", "parentRefs"), part(body, "spec", "hostnames"), rule.get("matches")


_WORK: dict[tuple[str, str], Callable[[dict[str, Any]], Iterator[Any]]] = {
    ("autoscaling", "HorizontalPodAutoscaler"): _scales,
    ("postgresql.cnpg.io", "Database"): _database,
    ("postgresql.cnpg.io", "ScheduledBackup"): _backup,
    ("cert-manager.io", "Certificate"): _certificate,
    ("helm.toolkit.fluxcd.io", "HelmRelease"): _release,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _job,
    ("networking.k8s.io", "Ingress"): _served,
    ("gateway.networking.k8s.io", "Gateway"): _listening,
    ("gateway.networking.k8s.io", "HTTPRoute"): _routed,
    ("gateway.networking.k8s.io", "GRPCRoute"): _routed,
    ("", "Service"): _balanced,
}
"""What objects of a kind do: those of one namespace that yield one value do it twice."""


def _twice(evidence: Evidence) -> Iterator[Finding]:
    first: dict[str, Object] = {}
    told = set()
    for (group, kind), work in _WORK.items():
        for each in evidence.of_kind(kind, group):
            for done in work(each.body):
                key = json.dumps([kind, each.key.namespace, done], sort_keys=True, default=str)
                known = first.setdefault(key, each)
                if known.key != each.key and each.key not in told:
                    told.add(each.key)
                    yield TWICE.finding(
                        f"{each.key} does what {known.key} does",
                        evidence.locate(each.place),
                        subject=str(each.key),
                        related=related(evidence, (known.place, "the first one")),
                    )


CHECKS: tuple[Check, ...] = (ManifestCheck(TWICE, _twice),)
