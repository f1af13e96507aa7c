"""``A``: pods that get requests before they are ready, and pods that stay where nobody looks after them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import Check, ManifestCheck
from solutio_topology.checks.walk import maps, part
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence

NOT_READY = Rule(
    code="A016",
    name="unready-pods-answer",
    severity=Severity.WARNING,
    summary="A Service sends requests to pods that are not ready.",
    rationale="Their readiness probe no longer counts: every rollout, and every pod that is not well, fails requests.",
    example="publishNotReadyAddresses: true on the Service of a Deployment",
    remedy="leave it out; only pods that must find each other before they are ready need it",
)
STAYS = Rule(
    code="A017",
    name="tolerates-everything",
    severity=Severity.WARNING,
    summary="Pods that tolerate every taint.",
    rationale="They start on nodes that are being drained, and stay on nodes that are gone: nothing moves them.",
    example="tolerations: [{operator: Exists}] on a Deployment",
    remedy="name the taint of the pods' own pool; only what runs on every node tolerates them all",
)


def _not_ready(evidence: Evidence) -> Iterator[Finding]:
    governing = {
        (each.key.namespace, part(each.body, "spec", "serviceName")) for each in evidence.of_kind("StatefulSet", "apps")
    }
    for source in evidence.of_kind("Service"):
        space, name = source.key.namespace, source.key.name
        service = evidence.services.find(space, name)
        early = part(source.body, "spec", "publishNotReadyAddresses") is True
        peers = service is not None and service.headless and (space, name) in governing
        if early and not peers:
            where = evidence.locate(source.place.at("spec", "publishNotReadyAddresses"))
            yield NOT_READY.finding(f"{source.key} leads to pods that are not ready", where, subject=str(source.key))


def _stays(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        for index, each in maps(workload.pod_spec.get("tolerations")):
            every = each.get("operator") == "Exists" and not each.get("key") and not each.get("effect")
            if every and workload.key.kind != "DaemonSet":
                where = evidence.locate(workload.pod_place.at("tolerations", index))
                yield STAYS.finding(f"{workload.key} tolerates every taint", where, subject=str(workload.key))


CHECKS: tuple[Check, ...] = (ManifestCheck(NOT_READY, _not_ready), ManifestCheck(STAYS, _stays))
