"""Manifests that no cluster would take: the checks answer, and none of them breaks."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.isolation.statement import statements
from solutio_topology.checks.run import check_all
from solutio_topology.manifests import Facts, read_files
from solutio_topology.reach import solve
from solutio_topology.yamlio import emit, read_manifests
from tests.checks.isolation_cases import ISOLATION
from tests.checks.world import FILES, NEIGHBOUR, intent

JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    70000,
    1.5,
    "",
    "x",
    "a/b",
    "2001:db8::/64",
    [],
    {},
    [None],
    [[]],
    {"x": None},
    ["x"],
)
Path = tuple[str | int, ...]


@cache
def _objects() -> dict[str, list[Any]]:
    return {name: [each.value for each in read_manifests(text.encode())[0]] for name, text in FILES.items()}


@cache
def _intent() -> Intent:
    return intent()


@cache
def _places() -> list[tuple[str, Path]]:
    return [(name, path) for name, values in _objects().items() for path in _walk(values, ())]


def _walk(value: Any, path: Path) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return (
        [path, *(found for key, item in items for found in _walk(item, (*path, key)))]
        if path
        else [found for key, item in items for found in _walk(item, (key,))]
    )


def _spoiled(objects: dict[str, list[Any]], name: str, path: Path, junk: Any) -> Facts:
    """The facts of the files once something else stands at one place of one of them."""
    files = {**objects, name: copy.deepcopy(objects[name])}
    owner: Any = files[name]
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = junk
    return read_files(
        {file: emit([each for each in values if isinstance(each, dict)]) for file, values in files.items()}
    )


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.data())
def test_no_junk_breaks_a_rule(data: st.DataObject) -> None:
    name, path = data.draw(st.sampled_from(_places()))
    facts = _spoiled(_objects(), name, path, data.draw(st.sampled_from(JUNK)))
    outcome = check_all(_intent(), Evidence(facts, solve(facts), frozenset(FILES)))
    broken = [
        each.message for each in outcome.findings if each.name == "rule-crashed" or "proof failed" in each.message
    ]
    assert broken == []


_MEETING = [case for case in ISOLATION if all(edit.file for edit in case.edits)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_no_junk_breaks_a_statement_about_isolation(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(_MEETING))
    texts = dict(NEIGHBOUR)
    for edit in case.edits:
        texts[edit.file] = edit.on(texts[edit.file])
    objects = {name: [each.value for each in read_manifests(text.encode())[0]] for name, text in texts.items()}
    name = data.draw(st.sampled_from([edit.file for edit in case.edits]))
    path = data.draw(st.sampled_from(_walk(objects[name], ())))
    facts = _spoiled(objects, name, path, data.draw(st.sampled_from(JUNK)))
    evidence = Evidence(facts, solve(facts), frozenset(texts))
    found = list(statements(intent(neighbour=True), evidence, ["suite", "loft"], lambda _: None))
    assert [each.pod for each in found] == ["suite", "loft"]
