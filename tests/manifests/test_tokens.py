"""Whole names in text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.manifests.tokens import HOLE, Names, names_of

ACME = names_of([("acme", "acme.example", None), ("globex", None, "legacy"), ("org-7", None, None)])


@pytest.mark.parametrize(
    ("text", "pods"),
    [
        ("namespace: solutio-acme", {"acme"}),
        ("host: api.acme.example", {"acme"}),
        ("secretName: api-acme-example-tls", {"acme"}),
        ("acmeland, xacme, acme2", set()),
        ("ACME_acme/acme:1", {"acme"}),
        ("flux-org-7-data", {"org-7"}),
        ("org-70 org 7 org-7x", set()),
        ("org.7", {"org-7"}),
        ("legacy", {"globex"}),
        ("acme-globex", {"acme", "globex"}),
        ("", set()),
    ],
)
def test_who_is_spoken_of(text: str, pods: set[str]) -> None:
    assert ACME.mentioned(text) == pods


def test_names_are_taken_out_whole_and_longer_ones_first() -> None:
    data = b"acme.example acme-example acme acmeland globex"
    holes = ACME.without("acme", data).split(b" ")
    assert holes[3:] == [b"acmeland", b"globex"]
    assert all(hole.startswith(HOLE) for hole in holes[:3])
    assert len(set(holes[:3])) == 3


@pytest.mark.parametrize(
    ("names", "entangled"),
    [
        ([("acme", None, None), ("acme-eu", None, None), ("globex", None, None)], {"acme", "acme-eu"}),
        ([("a-b", None, None), ("b-c", None, None)], {"a-b", "b-c"}),
        ([("cust-1", None, None), ("cust-2", None, None)], set()),
        ([("x", "same.example", None), ("y", "same.example", None)], {"x", "y"}),
        ([("x", "shop.example", None), ("shop", None, None)], {"x", "shop"}),
    ],
)
def test_names_that_could_hide_in_each_other(
    names: list[tuple[str, str | None, str | None]], entangled: set[str]
) -> None:
    assert names_of(names).entangled == entangled


pods = st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}", fullmatch=True)
words = st.lists(st.sampled_from(["api", "solutio-", "\n", ": ", ".", "-", "/", "x", "7"]), max_size=12)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(pods, min_size=2, max_size=5, unique=True), words, st.data())
def test_a_text_of_one_turned_into_a_text_of_another_is_equal_without_names(
    names: list[str], rest: list[str], data: st.DataObject
) -> None:
    """The law that classes stand on: what names make different is equal without them, and nothing else is."""
    known = names_of([(name, None, None) for name in names])
    one, two = names[:2]
    parts = [data.draw(st.sampled_from([part, "@"])) for part in rest]
    first, second = ("".join(parts).replace("@", f" {name} ") for name in (one, two))
    if {one, two} & known.entangled or known.mentioned("".join(parts)) & {one, two}:
        return
    assert known.without(one, first.encode()) == known.without(two, second.encode())
    assert known.renamed(first, one, two) == second


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(pods, min_size=2, max_size=5, unique=True), st.text("abcx-7. \n", max_size=30))
def test_nobody_is_spoken_of_in_secret(names: list[str], text: str) -> None:
    """Taking out the names of one never hides another, unless the two are entangled."""
    known = names_of([(name, None, None) for name in names])
    for one in set(names) - known.entangled:
        left = known.without(one, text.encode()).decode()
        assert known.mentioned(text) - {one} - known.entangled <= known.mentioned(left)


def test_without_tenant_pods_nobody_is_spoken_of() -> None:
    assert Names({}).mentioned("anything") == frozenset()


@given(st.lists(st.sampled_from(["acme", "acme.example", "acme-example", "x", "-", ".", "/", " ", "7"]), max_size=10))
def test_a_text_that_is_taken_apart_is_put_together_again(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = ACME.apart(text, "acme")
    assert ACME.filled(pieces, "acme") == text
    holes = "".join(piece if isinstance(piece, str) else f"\0{piece}" for piece in pieces)
    assert holes.encode() == ACME.without("acme", text.encode())


def test_one_that_is_called_otherwise_now_has_the_names_of_both() -> None:
    names = names_of([("acme", "old.example", None), ("acme", "new.example", None)])
    assert names.by_pod == {"acme": ("acme", "old.example", "old-example", "new.example", "new-example")}
    assert names.mentioned("old.example") == names.mentioned("new-example-tls") == {"acme"}


@given(st.text("ab1-. \0", max_size=16), st.from_regex(r"[ab]([ab1-]{0,3}[ab1])?", fullmatch=True))
def test_names_are_taken_out_as_a_pattern_takes_them_out(text: str, name: str) -> None:
    names = names_of([(name, None, None)])
    whole = re.compile(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])")
    assert names.without(name, text.encode()) == whole.sub("\0" + "0", text).encode()
