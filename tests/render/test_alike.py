"""What is made once for tenant pods that are alike is what would be made of each."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.render.alike import Alike, Known
from solutio_topology.render.kustomize import own_and_patches
from solutio_topology.render.template import _read
from solutio_topology.yamlio import emit

Body = dict[str, Any]
FOUR = ("acme", "bank", "yolk", "zoo1", "qqqq", "n-os", "cust", "x.yz", "null", "fals", "face", "e100", "o777", "5kib")
FIVE = ("cust0", "cust1", "menu1", "api-1", "bzqqq", "zzzzz", "bank2", "false", "o-k-o", "acme1")
PARTS = (
    "",
    "{0}",
    "{0}",
    "{1}",
    "cust",
    "men",
    "acme",
    "ZQQQ",
    "-",
    ".",
    ":",
    " ",
    "\n",
    "0x",
    "1",
    "5",
    "f",
    "'",
    '"',
)
TEXT = st.lists(st.sampled_from(PARTS), max_size=5).map("".join)
SCALAR = st.one_of(TEXT, st.booleans(), st.none(), st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9))
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
PODS = st.one_of(
    *(
        st.lists(st.tuples(st.sampled_from(first), st.sampled_from(FIVE)), min_size=4, max_size=7)
        for first in (FOUR, FIVE)
    )
)
"""Names of one length each: only then one tenant pod's work is another's."""


def body(value: Any) -> Body:
    """An object of Kubernetes that holds a value."""
    return {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "thing", "labels": {}}, "spec": value}


def named(value: Any, names: tuple[str, ...]) -> Any:
    """The value with names where their numbers stand."""
    if isinstance(value, str):
        return value.replace("{0}", names[0]).replace("{1}", names[1])
    if isinstance(value, dict):
        return {named(key, names): named(item, names) for key, item in value.items()}
    return [named(item, names) for item in value] if isinstance(value, list) else value


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(VALUE, min_size=1, max_size=2), PODS)
def test_each_gets_the_yaml_that_is_written_for_it_alone(values: list[Any], pods: list[tuple[str, str]]) -> None:
    known = Known()
    for names in pods:
        objects = tuple(body(named(value, names)) for value in values)
        assert Alike.of(names, known).made(emit, objects, "YAML") == emit(objects)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(VALUE, VALUE, PODS)
def test_each_gets_the_patches_that_are_its_own(common: Any, value: Any, pods: list[tuple[str, str]]) -> None:
    known = Known()
    base = (body(common),)
    work = partial(own_and_patches, base)
    for names in pods:
        objects = (body(named(value, names)),)
        alike = Alike.of(names, known, emit(base))
        assert alike.made(work, objects, "patches") == work(objects)


def test_what_is_alike_is_made_once() -> None:
    known = Known()
    made = []

    def work(objects: tuple[Body, ...]) -> bytes:
        made.append(objects[0]["spec"]["who"])
        return emit(objects)

    for name in ("acme", "bank", "cost", "customer-one", "zoo1", "customer-two", "customer-six"):
        Alike.of([name], known).made(work, (body({"who": f"solutio-{name}"}),), "YAML")
    # The first two of each length, and then the same with a stand-in.
    assert made == [
        *("solutio-acme", "solutio-bank", "solutio-ZQQQ"),
        *("solutio-customer-one", "solutio-customer-two", "solutio-ZQQQQQQQQQQQ"),
    ]


@pytest.mark.parametrize("name", ["a", "api", "null", "alse", "0day", "9000", "face", "e100", "ACME", "a_b", "-abc"])
def test_a_name_that_could_be_taken_for_something_else_is_never_taken_out(name: str) -> None:
    assert Alike.of([name], Known()).words == ()


def test_a_name_that_stands_in_what_all_have_in_common_is_never_taken_out() -> None:
    assert Alike.of(["metrics"], Known(), b"port: metrics").words == ()
    assert Alike.of(["acme"], Known(), b"port: metrics").words == ((b"acme", b"ZQQQ"),)


def test_a_name_that_only_seems_to_stand_there_is_not_taken_out() -> None:
    known = Known()
    objects = (body({"a": "men", "x" * 49: "b", "c": "cust"}),)
    for name in ("menu1", "cust0") * 3:  # As `marshal` writes it: text, a kind of value, a length.
        assert Alike.of([name], known).made(emit, objects, "YAML") == emit(objects)


def test_work_that_is_seen_to_treat_names_differently_is_not_remembered() -> None:
    known = Known()

    def work(objects: tuple[Body, ...]) -> list[str]:
        return sorted(text for each in objects for text in each["spec"])

    for name in ("yolk", "zone", "yarn"):  # Behind what stands beside them; the stand-ins are before it.
        objects = (body([name, "middle"]),)
        assert Alike.of([name], known).made(work, objects, "sorted") == work(objects)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from((*PARTS, "a: ", "\n- ", "[", "]", "{", "}", ", ", "|\n  ")), max_size=9), PODS)
def test_each_reads_what_it_reads_alone(parts: list[str], pods: list[tuple[str, str]]) -> None:
    known = Known()
    for names in pods:
        text = named("".join(parts), names)
        assert Alike.of(names, known).made(_read, text, "documents") == _read(text)


def test_what_looks_like_a_stand_in_stays() -> None:
    known = Known()
    for name in ("acme", "bank", "yolk", "zoo1"):
        objects = (body({"who": name, "what": "ZQQQ"}),)
        assert Alike.of([name], known).made(emit, objects, "YAML") == emit(objects)
