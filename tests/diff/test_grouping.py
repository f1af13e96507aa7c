"""Equal things of many tenant pods, told once."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.diff.grouping import anonymous, group_findings, group_names
from solutio_topology.findings import Finding, Location, Severity

PODS = frozenset({"acme", "acme-north", "blue", "default"})


def _finding(pod: str, message: str = "pool {} is too small") -> Finding:
    return Finding("K002", "too-small", Severity.WARNING, message.format(pod), "", Location("t"), f"pool {pod} of prod")


def test_findings_that_differ_in_the_tenant_pod_alone_are_one() -> None:
    findings = [*map(_finding, ("acme", "blue", "acme-north")), _finding("blue", "pool {} is empty"), _finding("other")]
    assert [(each.first.message, each.more) for each in group_findings(findings, PODS)] == [
        ("pool acme is too small", 2),
        ("pool blue is empty", 0),
        ("pool other is too small", 0),
    ]


def test_few_names_are_told_as_they_are() -> None:
    assert group_names(["acme-data", "blue-data"], PODS) == ("acme-data", "blue-data")


def test_of_many_names_neighbours_are_counted() -> None:
    names = ["platform", "acme-data", "blue-data", "acme-north-data", "acme-apps", "default-data"]
    assert group_names(names, PODS, most=3) == ("platform", "acme-data (and 2 alike)", "acme-apps", "default-data")


@given(st.text("ab- .", max_size=14), st.from_regex(r"[ab]([ab-]{0,3}[ab])?", fullmatch=True))
def test_whole_names_are_replaced_as_a_pattern_replaces_them(text: str, pod: str) -> None:
    whole = re.compile(rf"(?<![A-Za-z0-9]){re.escape(pod)}(?![A-Za-z0-9])")
    assert anonymous(text, pod) == whole.sub("{pod}", text)
