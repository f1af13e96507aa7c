"""What is found of one of several equal tenant pods, told for each."""

from __future__ import annotations

import pytest

from solutio_topology.diff.members import NOBODY, Members
from solutio_topology.diff.model import Danger
from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.values import ABSENT, ValueChange
from solutio_topology.manifests.facts import Key, Object, Place
from solutio_topology.manifests.shared import InseparableError
from solutio_topology.manifests.tokens import names_of

PODS = ("acme", "blue", "coal", "dune-7", "elm", "alone")
NAMES = names_of([(pod, None, f"team-{pod}") for pod in PODS])
MEMBERS = Members(NAMES, {"acme": ("dune-7", "elm")}, frozenset({"acme", "blue", "coal"}))


def each(*found: str) -> list[str]:
    return list(MEMBERS.each(found, str))


def test_what_is_of_the_first_is_told_for_those_that_were_not_looked_at() -> None:
    assert each("team-acme/api of acme") == [
        "team-acme/api of acme", "team-dune-7/api of dune-7", "team-elm/api of elm",
    ]  # fmt: skip
    assert each("team-blue/api", "alone", "acmeland", "nobody") == ["team-blue/api", "alone", "acmeland", "nobody"]
    assert each("acme to alone") == ["acme to alone", "dune-7 to alone", "elm to alone"]


def test_what_is_of_two_members_is_told_of_them() -> None:
    assert each("acme to blue") == ["acme to blue"]
    assert MEMBERS.partial(("acme", "acme to blue"), str)
    assert not MEMBERS.partial(("acme", "acme to alone"), str)
    with pytest.raises(InseparableError):
        MEMBERS.each_apart(("acme to blue",), str)


def test_without_classes_everything_is_as_it_was_found() -> None:
    assert list(NOBODY.each(("acme", "blue"), str)) == ["acme", "blue"]
    assert NOBODY.waits({"acme": {"blue"}}) == {"acme": {"blue"}}


def test_who_waits_for_whom() -> None:
    found = MEMBERS.waits({"acme-apps": {"acme-data", "gate"}, "gate": {"alone"}, "end": {"acme-apps", "blue-apps"}})
    assert found == {
        "acme-apps": {"acme-data", "gate"},
        "dune-7-apps": {"dune-7-data", "gate"},
        "elm-apps": {"elm-data", "gate"},
        "gate": {"alone"},
        "end": {"acme-apps", "blue-apps", "dune-7-apps", "elm-apps"},
    }


def test_names_are_replaced_at_every_depth_and_the_rest_is_shared() -> None:
    spec = {"image": "api:1", "args": ["--quiet"]}
    body = {"metadata": {"namespace": "team-acme", "labels": {"acme": "acme.example"}}, "spec": spec}
    source = Object(Key("", "Pod", "team-acme", "api"), "v1", {"pod": "acme"}, {}, body, Place(3))
    change = ObjectChange(source, source, (ValueChange(("spec", "host"), ABSENT, "acme.example"),))
    _, found, _ = MEMBERS.each((change,), lambda one: str(one.key))
    assert found.after is not None
    assert found.after.key == Key("", "Pod", "team-dune-7", "api")
    assert found.after.body["metadata"] == {"namespace": "team-dune-7", "labels": {"dune-7": "dune-7.example"}}
    assert found.after.body["spec"] is spec
    assert found.raw == (ValueChange(("spec", "host"), ABSENT, "dune-7.example"),)
    assert found.raw[0].before is ABSENT


def test_a_text_with_what_stands_for_a_name_elsewhere_keeps_it() -> None:
    danger = Danger("downtime", Key("", "Pod", "team-acme", "api"), "acme", "api", "\0001 acme \0", "wait")
    assert [one.message for one in MEMBERS.each((danger,), lambda one: one.pod)] == [
        "\0001 acme \0", "\0001 dune-7 \0", "\0001 elm \0",
    ]  # fmt: skip
