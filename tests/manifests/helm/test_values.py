"""Values of releases, merged as Flux merges them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.manifests import read_files
from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.helm.values import merged, values_of

MAPS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: base, namespace: hall}
data:
  values.yaml: |
    door: {name: front, open: false}
    replicas: 1
  more.yaml: "door: {open: true}\\nlabels: [a, b]"
  port: "8080"
  word: "yes"
  quoted: '"8080"'
  broken: "{"
  list: "[1]"
"""
RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r, namespace: hall}
spec:
"""


def _values(spec: str) -> tuple[dict[str, Any], tuple[str, ...], list[str]]:
    facts = read_files({"a.yaml": (MAPS + "---" + RELEASE + spec).encode()})
    into = Collector(objects=list(facts.objects))
    (source,) = [each for each in facts.objects if each.key.kind == "HelmRelease"]
    found, unseen = values_of(source, Cursor(source.body, source.place, into.unreadable), into.find)
    return found, unseen, [each.message for each in into.unreadable]


def test_config_maps_in_order_and_the_releases_own_values_on_top() -> None:
    spec = """
  valuesFrom:
  - {kind: ConfigMap, name: base}
  - {kind: ConfigMap, name: base, valuesKey: more.yaml}
  values: {replicas: 3, labels: [c]}
"""
    wanted = {"door": {"name": "front", "open": True}, "replicas": 3, "labels": ["c"]}
    assert _values(spec) == (wanted, (), [])


@pytest.mark.parametrize(
    ("path", "key", "wanted"),
    [
        ("door.port", "port", {"door": {"port": 8080}}),
        ("door.port", "quoted", {"door": {"port": "8080"}}),
        ("a[1].b", "word", {"a": [None, {"b": "yes"}]}),
        (r"notes.example\.com/x", "word", {"notes": {"example.com/x": "yes"}}),
    ],
)
def test_one_value_for_one_path(path: str, key: str, wanted: dict[str, Any]) -> None:
    spec = f"\n  valuesFrom: [{{kind: ConfigMap, name: base, valuesKey: {key}, targetPath: '{path}'}}]"
    assert _values(spec) == (wanted, (), [])


def test_what_is_not_in_the_manifests_is_not_seen() -> None:
    spec = """
  valuesFrom:
  - {kind: Secret, name: keys}
  - {kind: ConfigMap, name: elsewhere}
  - {kind: ConfigMap, name: perhaps, optional: true}
  - {kind: ConfigMap, name: base, valuesKey: none, optional: true}
"""
    unseen = ("values of Secret keys are not seen", "values of ConfigMap elsewhere are not seen")
    assert _values(spec) == ({}, unseen, [])


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("valuesFrom: [{kind: ConfigMap, name: base, valuesKey: none}]", "has no key none: Flux refuses"),
        ("valuesFrom: [{kind: ConfigMap, name: base, valuesKey: broken}]", "in ConfigMap base cannot be read"),
        ("valuesFrom: [{kind: ConfigMap, name: base, valuesKey: list}]", "cannot be read: it is no map"),
        ("valuesFrom: [{kind: ConfigMap, name: base, valuesKey: port, targetPath: 'a[x]'}]", "a[x] is no path"),
        ("valuesFrom: [{kind: ConfigMap, name: base, valuesKey: port, targetPath: 'a[99999999]'}]", "is no path"),
        ("values: [1]", "values must be a map"),
    ],
)
def test_values_that_cannot_be_read_are_noted(spec: str, note: str) -> None:
    found, unseen, notes = _values(f"\n  {spec}")
    assert (found, unseen) == ({}, ())
    assert len(notes) == 1
    assert note in notes[0]


_VALUES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)
_MAPS = st.dictionaries(st.sampled_from("abc"), _VALUES, max_size=3)


@given(_MAPS, _MAPS)
def test_merging_twice_changes_nothing_and_the_last_one_wins(under: dict[str, Any], over: dict[str, Any]) -> None:
    once = merged(under, over)
    assert merged(once, over) == once
    assert merged(under, {}) == merged({}, under) == under
    assert once.keys() == under.keys() | over.keys()
    assert all(once[key] == value for key, value in over.items() if not isinstance(value, dict))
