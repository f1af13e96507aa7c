"""Manifests that no cluster would take: the checks answer, and none of them breaks."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.run import check_all
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.yamlio import emit, read_manifests
from tests.checks.world import FILES, intent

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


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.data())
def test_no_junk_breaks_a_rule(data: st.DataObject) -> None:
    name, path = data.draw(st.sampled_from(_places()))
    files = dict(_objects())
    files[name] = copy.deepcopy(files[name])
    owner: Any = files[name]
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = data.draw(st.sampled_from(JUNK))
    facts = read_files(
        {file: emit([each for each in values if isinstance(each, dict)]) for file, values in files.items()}
    )
    outcome = check_all(_intent(), Evidence(facts, solve(facts), frozenset(FILES)))
    broken = [
        each.message for each in outcome.findings if each.name == "rule-crashed" or "proof failed" in each.message
    ]
    assert broken == []
