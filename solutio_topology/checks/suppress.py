"""Findings that the topology acknowledges: with a reason, until a date, and only as long as they are there."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.findings import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.spec.topology import Ignore

UNUSED = Rule(
    code="S008",
    name="unused-ignore",
    severity=Severity.WARNING,
    summary="An ignore entry that suppresses nothing.",
    rationale="It would hide the same fault when it comes back, for a reason that no longer holds.",
    example="ignore: [{rule: A004, subject: service atlas, reason: …}] while nothing finds A004 there",
    remedy="remove the entry",
)
EXPIRED = Rule(
    code="S009",
    name="expired-ignore",
    severity=Severity.WARNING,
    summary="An ignore entry past its date.",
    rationale="The fault was accepted for a time, and the time is over.",
    example="ignore: [{rule: G010, …, until: 2026-01-01}]",
    remedy="mend the fault, or give the entry a new date with a new reason",
)
RULES = (UNUSED, EXPIRED)


class Suppressed(Struct, frozen=True):
    """What is left to report, and what was acknowledged with its reason."""

    findings: tuple[Finding, ...]
    acknowledged: tuple[tuple[Finding, str], ...]


def suppress(
    findings: Iterable[Finding],
    entries: Iterable[Ignore],
    locate: Callable[[str], Location],
    today: datetime.date,
    *,
    used_elsewhere: frozenset[int] = frozenset(),
) -> Suppressed:
    """Take out what is acknowledged. An entry past its date suppresses nothing, and says so."""
    left: list[Finding] = []
    acknowledged: list[tuple[Finding, str]] = []
    entries = list(entries)
    live = {index: entry for index, entry in enumerate(entries) if entry.until is None or entry.until >= today}
    used = set(used_elsewhere)
    for finding in findings:
        matching = [index for index, entry in live.items() if matches(entry, finding)]
        used.update(matching)
        if matching:
            acknowledged.append((finding, entries[matching[0]].reason))
        else:
            left.append(finding)
    left += _about_entries(entries, live, used, locate)
    return Suppressed(tuple(sorted(left, key=lambda each: each.sort_key)), tuple(acknowledged))


def matches(entry: Ignore, finding: Finding) -> bool:
    """Whether an entry speaks of a finding; a ``*`` at the end of the subject stands for any rest."""
    if entry.rule != finding.code:
        return False
    if entry.subject.endswith("*"):
        return finding.subject.startswith(entry.subject[:-1])
    return finding.subject == entry.subject


def _about_entries(
    entries: list[Ignore], live: dict[int, Ignore], used: set[int], locate: Callable[[str], Location]
) -> Iterable[Finding]:
    for index, entry in enumerate(entries):
        where = locate(f"ignore.{index}")
        subject = f"ignore {entry.rule} {entry.subject}"
        if index not in live:
            yield EXPIRED.finding(f"{subject} ended on {entry.until}", where, subject=subject)
        elif index not in used:
            yield UNUSED.finding(f"{subject} suppresses nothing", where, subject=subject)
