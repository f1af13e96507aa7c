"""What tenant pods have for themselves and what they share, as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.findings import Verdict
from solutio_topology.report.as_json import SCHEMA_VERSION, finding, place

if TYPE_CHECKING:
    from solutio_topology.checks.isolation.model import Aspect, Statement
    from solutio_topology.checks.paths.model import Fact


def render(statements: Iterable[Statement], notes: Iterable[str] = ()) -> str:
    """All statements as one JSON object."""
    found = list(statements)
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": "isolation",
        "ok": all(each.verdict in (Verdict.PROVEN, Verdict.ASSUMED) for each in found),
        "pods": [_statement(each) for each in found],
        "notes": list(notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "environment": statement.environment,
        "pod": statement.pod,
        "tier": statement.tier,
        "orgs": list(statement.orgs),
        "verdict": statement.verdict.value,
        "aspects": [_aspect(each) for each in statement.aspects],
    }


def _aspect(aspect: Aspect) -> dict[str, Any]:
    return {
        "name": aspect.name,
        "verdict": aspect.verdict.value,
        "own": [_fact(each) for each in aspect.own],
        "shared": [{**_fact(each.fact), "why": each.why} for each in aspect.shared],
        "assumptions": [
            {"name": each.name, "statement": each.statement, "source": each.source} for each in aspect.assumptions
        ],
        "undecided": [_fact(each) for each in aspect.undecided],
        "findings": [finding(each) for each in aspect.findings],
        "accepted": [{**finding(each.finding), "reason": each.reason} for each in aspect.accepted],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {"statement": fact.statement, **place(fact.location)}
