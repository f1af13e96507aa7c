"""Every rule fires where it should, says what is wrong, and keeps silent where something only comes near."""

from __future__ import annotations

import pytest

from solutio_topology.checks.registry import rules
from solutio_topology.findings import Finding
from tests.checks.cases import CASES
from tests.checks.test_files import FILE_RULES
from tests.checks.test_layout import LAYOUT_RULES
from tests.checks.test_mapping import MAPPING_RULES
from tests.checks.test_releases import RELEASE_RULES
from tests.checks.world import Case, judge, sound


def test_the_sound_world_has_no_fault_but_its_retired_ingress() -> None:
    assert [(each.code, each.subject) for each in sound().findings] == [("G006", "service gate")]


def _id(case: Case) -> str:
    return f"{case.code} {case.says[:40]}"


def _of(case: Case, findings: tuple[Finding, ...]) -> list[str]:
    return [each.message for each in findings if each.code == case.code]


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_it_fires(case: Case) -> None:
    outcome = judge(*case.edits, neighbour=case.neighbour)
    assert [each.message for each in outcome.findings if each.name == "rule-crashed"] == []
    assert any(case.says in message for message in _of(case, outcome.findings)), _of(case, outcome.findings)


@pytest.mark.parametrize("case", [case for case in CASES if case.near], ids=_id)
def test_it_keeps_silent_where_something_comes_near(case: Case) -> None:
    assert _of(case, judge(*case.near, neighbour=case.neighbour).findings) == []


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_it_names_its_place(case: Case) -> None:
    for each in judge(*case.edits, neighbour=case.neighbour).findings:
        if each.code == case.code:
            assert each.location.file, each
            assert each.location.line > 0, each
            assert each.subject, each
            assert each.remedy, each


def test_every_rule_has_a_case() -> None:
    known = {rule.code for rule in rules()}
    tested = {case.code for case in CASES} | FILE_RULES | LAYOUT_RULES | RELEASE_RULES | MAPPING_RULES
    assert known - tested == set()
    assert tested - known == set()
