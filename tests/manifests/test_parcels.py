"""Parsed files go from process to process, and are what they were; equal parts of them are kept once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.manifests import locate, read_files
from solutio_topology.manifests.interned import Interned
from solutio_topology.manifests.parcels import parcel, unparcel
from solutio_topology.manifests.read import read_parsed

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s, labels: {app: web}}\nspec: {hostNetwork: %s}\n"
FILES = {
    "a.yaml": f"# made\n\n---\n{POD % ('a', 'true')}---\n\n---\n{POD % ('b', '1')}".encode(),
    "b.yaml": f"\ufeff{POD % ('c', 'true')}---\nb: [\n---\n{POD % ('d', '1.0')}".encode(),
    "c.yaml": b"\xff",
    "d/kustomization.yaml": b"resources: [x.yaml]\n",
    "e.yaml": b"",
}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=20,
)


def test_what_another_process_read_is_what_is_read_here() -> None:
    here = read_files(FILES)
    halves = [parcel(list(FILES.items())[:1]), parcel(list(FILES.items())[1:])]
    kept = Interned()
    there = read_parsed(each for half in halves for each in unparcel(half, kept))
    assert [each.text for each in there.documents] == [each.text for each in here.documents]
    assert repr(there.objects) == repr(here.objects)
    assert there.unreadable == here.unreadable != ()
    assert there.builds == here.builds
    places = [each.place for each in (*here.objects, *here.unreadable)]
    assert [locate(there, place) for place in places] == [locate(here, place) for place in places]


def test_equal_parts_are_one() -> None:
    first, second, *_ = read_files(FILES).objects
    assert first.labels is second.labels
    assert first.body["spec"] is not second.body["spec"]


@given(st.lists(values, max_size=6))
def test_what_is_kept_reads_as_what_it_stands_for(found: list[Any]) -> None:
    kept = Interned()
    assert repr([kept.intern(value) for value in found]) == repr(found)


@given(values)
def test_the_same_value_is_the_same_part(value: Any) -> None:
    kept = Interned()
    again = [value]
    assert kept.intern([value]) is kept.intern(again)
