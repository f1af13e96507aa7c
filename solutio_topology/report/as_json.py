"""JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from solutio_topology import __version__
from solutio_topology.checks.paths import HopProof, PathProof
from solutio_topology.findings import Finding, Location, Severity
from solutio_topology.report.model import Report

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """The whole report as one JSON object."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The object that `render` writes."""
    counts = {severity.value: report.count(severity) for severity in Severity}
    found: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": report.command,
        "ok": report.ok,
        "summary": {**counts, "acknowledged": len(report.acknowledged), "hops": report.verdicts},
        "findings": [finding(each) for each in report.findings],
        "acknowledged": [{**finding(each), "reason": reason} for each, reason in report.acknowledged],
        "environments": [
            {
                "name": outcome.environment,
                "paths": [path(each) for each in outcome.paths],
                "hops": [hop(each) for each in outcome.edges],
                "notes": list(outcome.notes),
                "equal": {pod: list(others) for pod, others in sorted(outcome.stands_for.items())},
            }
            for outcome in report.outcomes
        ],
    }
    if report.error:
        found["error"] = report.error
    return found


def finding(found: Finding) -> dict[str, Any]:
    """A finding as the contract says."""
    at = found.location
    return {
        "code": found.code,
        "name": found.name,
        "severity": found.severity.value,
        "message": found.message,
        "remedy": found.remedy,
        "file": at.file,
        "line": at.line,
        "column": at.column,
        "pointer": at.pointer,
        "subject": found.subject,
        "related": [
            {"file": each.location.file, "line": each.location.line, "message": each.message} for each in found.related
        ],
    }


def hop(proof: HopProof) -> dict[str, Any]:
    """A hop with its evidence."""
    found: dict[str, Any] = {
        "edge": proof.link.key,
        "pod": proof.pod,
        "from": str(proof.link.drawn[0]),
        "to": str(proof.link.drawn[1]),
        "verdict": proof.verdict.value,
        "evidence": [{"statement": fact.statement, **place(fact.location)} for fact in proof.facts],
        "assumptions": [
            {"name": each.name, "statement": each.statement, "source": each.source} for each in proof.assumptions
        ],
    }
    if proof.cause:
        found["cause"] = {
            "message": proof.cause.message,
            "remedy": proof.cause.remedy,
            **place(proof.cause.location),
            "related": [{"statement": fact.statement, **place(fact.location)} for fact in proof.cause.related],
        }
    return found


def path(proof: PathProof) -> dict[str, Any]:
    """A path by its hops."""
    found: dict[str, Any] = {
        "name": proof.name,
        "pod": proof.pod,
        "verdict": proof.verdict.value,
        "hops": [{"edge": each.link.key, "pod": each.pod, "verdict": each.verdict.value} for each in proof.hops],
    }
    return {**found, "missing": proof.missing} if proof.missing else found


def place(location: Location) -> dict[str, Any]:
    """File, line and column of a place, and by what it was made of that."""
    found: dict[str, Any] = {"file": location.file, "line": location.line, "column": location.column}
    return {**found, "via": location.via} if location.via else found
