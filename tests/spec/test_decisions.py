"""Decisions as people write them: short forms, names that must exist, and the page that explains them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from solutio_topology import catalog
from solutio_topology.errors import InputError
from solutio_topology.spec.decisions import Decision, Recognition, Rejected
from solutio_topology.spec.load import load_text
from solutio_topology.yamlio import read_document

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "solutio_topology/workflows/starter.yaml").read_text()
PAGE = (ROOT / "docs/decisions.md").read_text()


def _load(decisions: str) -> dict[str, Decision]:
    text = f"{STARTER}\ndecisions:\n  a: {{title: A, chosen: x, {decisions}}}\n"
    return load_text(text.encode(), "topology.yaml", known_components=catalog.names()).topology.decisions


def test_short_forms_say_what_the_long_ones_say() -> None:
    found = _load("rejected: {MongoDB: null, MySQL: slow, Files: {reason: slow}}")["a"]
    assert found.alternatives() == {
        "MongoDB": Rejected(),
        "MySQL": Rejected(reason="slow"),
        "Files": Rejected(reason="slow"),
    }
    assert (found.status, found.date, found.supersedes) == ("accepted", None, [])


@pytest.mark.parametrize(
    ("decisions", "code", "message"),
    [
        ("supersedes: [b]", "S006", "decisions.a.supersedes[0]: there is no decision 'b'"),
        ("components: [rail]", "S006", "there is no component 'rail'; did you mean 'rails'?"),
        ("recognise: {components: [rail]}", "S006", "decisions.a.recognise.components[0]: there is no component"),
        ("rejected: {B: {allowed: {wep: why}}}", "S006", "there is no service 'wep'; did you mean 'web'?"),
        ("rejected: {B: {recognize: {}}}", "S003", "has no key 'recognize'; did you mean 'recognise'?"),
        ("rejected: [B]", "S005", "decisions.a.rejected: a list is not a map"),
        ("rejected: {B: {recognise: {images: ['*']}}}", "S005", "'*' does not have the right shape"),
        ("rejected: {B: {recognise: {hosts: [localhost]}}}", "S005", "'localhost' does not have the right shape"),
        ("rejected: {'B ': null}", "S005", "the name 'B ' does not have the right shape"),
        ("status: done", "S005", "'done' is none of proposed, accepted, rejected, deprecated, superseded"),
        ("date: 2026-02-30", "S005", "'2026-02-30' is no day of the calendar"),
        ("id: 0", "S005", "the number 0 is out of range"),
        ("placement: moon", "S005", "'moon' is none of"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(decisions: str, code: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _load(decisions)
    (finding,) = caught.value.findings
    assert (finding.code, finding.location.line) == (code, len(STARTER.splitlines()) + 3)
    assert message in finding.message


def test_the_page_names_every_field_and_its_example_is_valid() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    value, _, faults = read_document(block.encode())
    assert faults == []
    for each in value["decisions"].values():
        Decision.model_validate(each)
    rows = set(re.findall(r"^\| `([a-z]+)` \|", PAGE, re.MULTILINE))
    assert rows == set(Recognition.model_fields) - {"known"}
    fields: dict[str, Any] = {**Decision.model_fields, **Rejected.model_fields}
    assert [name for name in fields if not re.search(rf"\b{name}\b", PAGE)] == []


def test_the_page_names_every_rule_of_the_family() -> None:
    from solutio_topology.checks.registry import rules

    assert set(re.findall(r"`(D[0-9]{3})`", PAGE)) == {rule.code for rule in rules() if rule.code[0] == "D"}
