"""The rules about files on disk, and about what the topology acknowledges."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from solutio_topology.checks.layout_rules import RULES as LAYOUT
from solutio_topology.checks.layout_rules import stale_findings, unfinished_findings
from solutio_topology.checks.suppress import RULES as SUPPRESS
from solutio_topology.checks.suppress import suppress
from solutio_topology.findings import Finding, Location, Severity
from solutio_topology.spec.topology import Ignore

LAYOUT_RULES = frozenset(rule.code for rule in (*LAYOUT, *SUPPRESS))
TODAY = datetime.date(2026, 11, 24)


@dataclass(frozen=True)
class Drift:
    """How a disk differs, by hand."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


def test_files_that_differ_are_told_one_by_one() -> None:
    drift = Drift(missing=("a",), changed=("b",), orphaned=("c",), edited=("d",), foreign=("e",))
    assert [(each.code, each.subject) for each in stale_findings("live", drift)] == [
        ("F001", "a"),
        ("F001", "b"),
        ("F001", "c"),
        ("F002", "d"),
        ("F002", "e"),
    ]
    assert list(stale_findings("live", Drift())) == []


def test_a_half_written_tree_is_a_finding() -> None:
    assert [each.code for each in unfinished_findings("live")] == ["F003"]


def _finding(code: str, subject: str) -> Finding:
    return Finding(code, "some-fault", Severity.ERROR, "wrong", "mend it", Location("a.yaml", 3, 1), subject)


def _ignore(rule: str, subject: str, until: str | None = None) -> Ignore:
    return Ignore.model_validate({"rule": rule, "subject": subject, "reason": "known and accepted", "until": until})


def _suppress(*entries: Ignore) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    found = [
        _finding("R001", "Service shop/api"),
        _finding("R002", "Service shop/api"),
        _finding("R001", "Service b/c"),
    ]
    result = suppress(found, entries, lambda pointer: Location("topology.yaml", 9, 1, pointer), TODAY)
    left = [(each.code, each.subject) for each in result.findings]
    return left, [(each.subject, reason) for each, reason in result.acknowledged]


def test_an_entry_takes_out_what_it_names_and_nothing_else() -> None:
    left, acknowledged = _suppress(_ignore("R001", "Service shop/api"))
    assert left == [("R001", "Service b/c"), ("R002", "Service shop/api")]
    assert acknowledged == [("Service shop/api", "known and accepted")]


def test_a_star_stands_for_any_rest() -> None:
    left, acknowledged = _suppress(_ignore("R001", "Service *"))
    assert left == [("R002", "Service shop/api")]
    assert len(acknowledged) == 2


def test_an_entry_that_names_nothing_is_a_finding() -> None:
    left, _ = _suppress(_ignore("R009", "Service shop/api"))
    assert ("S008", "ignore R009 Service shop/api") in left
    assert len(left) == 4


def test_an_entry_past_its_date_suppresses_nothing_and_is_a_finding() -> None:
    left, acknowledged = _suppress(_ignore("R001", "Service *", until="2026-11-23"))
    assert ("S009", "ignore R001 Service *") in left
    assert acknowledged == []
    assert _suppress(_ignore("R001", "Service *", until="2026-11-24"))[0] == [("R002", "Service shop/api")]
