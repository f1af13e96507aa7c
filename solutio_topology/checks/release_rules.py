"""``R``: HelmReleases and the charts at hand that they are expanded from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import ManifestCheck
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence

UNEXPANDED = Rule(
    code="R050",
    name="release-not-expanded",
    severity=Severity.ERROR,
    summary="A HelmRelease cannot be expanded from the chart at hand.",
    rationale="With --charts the chart's real pods are the evidence; a chart of another version, or one that helm "
    "refuses with these values, proves nothing. What a model says of it is taken instead, and stays assumed.",
    example="version: 4.15.1 in the release, where the folder of charts holds ingress-nginx-4.11.0.tgz",
    remedy="put the version that the release asks for into the folder, or correct the release's values",
)


def _unexpanded(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.unexpanded:
        subject = each.message.partition(":")[0]
        yield UNEXPANDED.finding(each.message, evidence.locate(each.place), subject=subject, remedy=each.remedy)


CHECKS = (ManifestCheck(UNEXPANDED, _unexpanded),)
