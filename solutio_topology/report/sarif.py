"""SARIF 2.1.0, as GitHub code scanning takes it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from solutio_topology import __version__
from solutio_topology.findings import Finding, Location, Rule, Severity
from solutio_topology.report.model import Report

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> str:
    """The report as one SARIF log."""
    from solutio_topology.checks.registry import rules

    known = rules()
    driver = {
        "name": "solutio",
        "version": __version__,
        "informationUri": "https://solutio.dev",
        "rules": [_rule(rule) for rule in known],
    }
    places = {rule.code: index for index, rule in enumerate(known)}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, places) for finding in report.findings],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.rationale},
        "help": {"text": f"{rule.remedy}\n\nExample: {rule.example}"},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    identity = f"{finding.code} {finding.subject} {finding.location.file} {finding.location.pointer}"
    return {
        "ruleId": finding.code,
        **({"ruleIndex": places[finding.code]} if finding.code in places else {}),
        "level": _LEVEL[finding.severity],
        "message": {"text": f"{finding.message}. {finding.remedy}"},
        "locations": [_location(finding.location)],
        "relatedLocations": [
            {"id": index, **_location(each.location), "message": {"text": each.message}}
            for index, each in enumerate(finding.related, 1)
            if each.location.file
        ],
        "partialFingerprints": {"solutio/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }


def _location(location: Location) -> dict[str, Any]:
    """GitHub refuses results without a file: what has none is told of the topology."""
    place: dict[str, Any] = {"artifactLocation": {"uri": location.file or "topology.yaml"}}
    if location.line:
        place["region"] = {"startLine": location.line, "startColumn": max(location.column, 1)}
    return {"physicalLocation": place}
