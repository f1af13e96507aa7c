"""What tenant pods have for themselves and what they share, as a page for a customer's auditor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.report.markdown import cell

if TYPE_CHECKING:
    from solutio_topology.checks.isolation.model import Statement


def render(statements: Iterable[Statement]) -> str:
    """A chapter for each tenant pod: the verdicts, what is its own, what it shares, what the proof rests on."""
    return "\n".join(line for statement in statements for line in _chapter(statement)) + "\n"


def _chapter(statement: Statement) -> Iterator[str]:
    yield f"## Isolation of {statement.pod} in {statement.environment}: {statement.verdict}"
    served = ", ".join(statement.orgs) or "no organization"
    yield from ("", f"Tier {statement.tier}; serves {served}.", "")
    yield from ("| aspect | verdict | own | shared | accepted | findings |", "|---|---|---|---|---|---|")
    for each in statement.aspects:
        counts = (len(each.own), len(each.shared), len(each.accepted), len(each.findings))
        yield f"| {each.name} | {each.verdict} | {' | '.join(map(str, counts))} |"
    yield from _table("Its own", "aspect | what | place", _own(statement))
    yield from _table("Shared", "aspect | what | why it is no fault | place", _shared(statement))
    yield from _table("Accepted", "aspect | rule | what | reason", _accepted(statement))
    yield from _table("Assumed", "aspect | name | what | source", _assumed(statement))
    yield from _table("Not known", "aspect | what | place", _undecided(statement))
    yield from _table("Contradicted", "aspect | rule | what | place | what to do", _findings(statement))
    yield ""


def _table(title: str, head: str, rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    found = list(rows)
    if found:
        yield from ("", f"### {title}", "", f"| {head} |", "|" + "---|" * (head.count("|") + 1))
        yield from ("| " + " | ".join(cell(str(each)) for each in row) + " |" for row in found)


def _own(statement: Statement) -> Iterator[tuple[object, ...]]:
    return ((a.name, fact.statement, f"`{fact.location}`") for a in statement.aspects for fact in a.own)


def _shared(statement: Statement) -> Iterator[tuple[object, ...]]:
    return (
        (a.name, each.fact.statement, each.why, f"`{each.fact.location}`")
        for a in statement.aspects
        for each in a.shared
    )


def _accepted(statement: Statement) -> Iterator[tuple[object, ...]]:
    return (
        (a.name, each.finding.code, each.finding.message, each.reason) for a in statement.aspects for each in a.accepted
    )


def _assumed(statement: Statement) -> Iterator[tuple[object, ...]]:
    return ((a.name, each.name, each.statement, each.source) for a in statement.aspects for each in a.assumptions)


def _undecided(statement: Statement) -> Iterator[tuple[object, ...]]:
    return ((a.name, fact.statement, f"`{fact.location}`") for a in statement.aspects for fact in a.undecided)


def _findings(statement: Statement) -> Iterator[tuple[object, ...]]:
    return (
        (a.name, each.code, each.message, f"`{each.location}`", each.remedy)
        for a in statement.aspects
        for each in a.findings
    )
