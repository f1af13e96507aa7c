"""Workflow commands that GitHub turns into annotations."""

from __future__ import annotations

from solutio_topology.findings import Finding, Severity
from solutio_topology.report.model import Report, summary

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One command a finding, then the summary."""
    return "\n".join([*(_command(finding) for finding in report.findings), *summary(report)]) + "\n"


def _command(finding: Finding) -> str:
    at = finding.location
    places = {"file": at.file, "line": str(at.line or ""), "col": str(at.column or "")}
    places["title"] = f"{finding.code} {finding.name}"
    told = ",".join(f"{key}={_property(value)}" for key, value in places.items() if value)
    return f"::{_COMMAND[finding.severity]} {told}::{_data(f'{finding.message}. {finding.remedy}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
