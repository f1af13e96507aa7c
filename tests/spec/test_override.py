from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutio_topology import catalog
from solutio_topology.errors import InputError, SolutioError
from solutio_topology.spec.load import Loaded, load_text
from solutio_topology.spec.override import override, parse_override, parse_path
from solutio_topology.spec.plain import value_at
from solutio_topology.spec.source import dotted
from solutio_topology.yamlio import Pointer

REAL = (Path(__file__).parents[2] / "topology.yaml").read_bytes()


def _load(*arguments: str) -> Loaded:
    values = [parse_override(each) for each in arguments]
    return load_text(REAL, "topology.yaml", known_components=catalog.names(), overrides=values)


def _faults(*arguments: str) -> list[tuple[str, int, int, str]]:
    with pytest.raises(InputError) as caught:
        _load(*arguments)
    found = caught.value.findings
    return [(each.location.file, each.location.line, each.location.column, each.message) for each in found]


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("services.api.replicas.min", ("services", "api", "replicas", "min")),
        ("pods.default.orgs[0]", ("pods", "default", "orgs", 0)),
        ('services.api.files."/etc/a.b/c.conf".content', ("services", "api", "files", "/etc/a.b/c.conf", "content")),
        ("x", ("x",)),
        ("a[0][1].b", ("a", 0, 1, "b")),
    ],
)
def test_a_path_names_a_place(text: str, pointer: Pointer) -> None:
    assert parse_path(text) == pointer


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", "[0]", "a[x]", "a[0", 'a."b', "a]b", "a b[-1]"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(SolutioError, match="names no place of a topology"):
        parse_path(text)


plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1)


@given(st.tuples(plain), st.lists(plain | st.integers(0, 99)))
def test_what_is_printed_as_a_pointer_is_read_as_the_same(first: tuple[str], rest: list[str | int]) -> None:
    pointer = (*first, *rest)
    assert parse_path(dotted(pointer)) == pointer


def test_values_are_yaml_and_take_effect_before_anything_is_validated() -> None:
    topology = _load(
        "services.api.replicas.min=4",
        "platform.pools.apps.size=s-8vcpu-16gb",
        "pods.org-e.orgs=[a, b]",
        "pods.default.orgs[1]=second",
        'platform.kubernetes="1.35"',
        "platform.highAvailability=true",
        "services.api.env.MODE=a=b",
    ).topology
    replicas = topology.services["api"].replicas
    assert replicas is not None
    assert not isinstance(replicas, int)
    assert (replicas.min, replicas.max) == (4, 8)
    assert topology.platform.pools["apps"].size == "s-8vcpu-16gb"
    assert topology.pods["org-e"].orgs == ["a", "b"]
    assert topology.pods["default"].orgs == ["org-a", "second", "org-c"]
    assert (topology.platform.kubernetes, topology.platform.high_availability) == ("1.35", True)
    assert topology.services["api"].env == {"RAILS_LOG_LEVEL": "info", "MODE": "a=b"}


def test_the_last_of_two_values_holds() -> None:
    assert _load("platform.region=a", "platform.region=b").topology.platform.region == "b"


def test_what_is_wrong_is_told_at_its_argument() -> None:
    assert _faults("services.api.replicas.min=many", "services.api.pool=ap") == [
        ("--set services.api.pool", 1, 19, "services.api.pool: there is no pool 'ap'; did you mean 'apps'?"),
        ("--set services.api.replicas.min", 1, 27, "services.api.replicas.min: 'many' is not a whole number"),
    ]


def test_the_map_around_a_value_is_its_doing() -> None:
    assert _faults("services.api.replicas.min=9") == [
        ("--set services.api.replicas.min", 1, 27, "services.api.replicas: min 9 is more than max 8")
    ]


def test_what_else_is_wrong_stays_where_it_stands() -> None:
    line = next(number for number, text in enumerate(REAL.decode().splitlines(), 1) if "lk-redis:" in text)
    found = _faults("services.lkredis.component=rediss", "edges.lk-redis.from=lkk")
    assert [each[0] for each in found] == ["--set edges.lk-redis.from", "--set services.lkredis.component"]
    loaded = _load("platform.region=here")
    assert loaded.source.locate("edges.lk-redis").line == line
    where = loaded.source.locate("platform.region")
    assert (where.file, where.pointer, loaded.source.excerpt(where)) == (
        "--set platform.region",
        "platform.region",
        "platform.region=here",
    )


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "services.api.image.name.x=1",
            "services.api.image.name.x: services.api.image.name is 'solutio-api', in which nothing can stand",
        ),
        ("pods.default.orgs[7]=x", "pods.default.orgs[7]: pods.default.orgs is a list of 3"),
        ("pods.default.orgs.first=x", "pods.default.orgs.first: pods.default.orgs is a list of 3"),
        ("services[0]=x", "services[0]: services is a map, and [0] counts in a list"),
    ],
)
def test_a_place_that_cannot_be(argument: str, message: str) -> None:
    assert [each[3] for each in _faults(argument)] == [message]


@pytest.mark.parametrize("argument", ["services.api.replicas", "", "=3", "a=[", "a={", "a='", "a=\t- x: *y"])
def test_an_argument_that_cannot_be_read(argument: str) -> None:
    with pytest.raises(SolutioError):
        _load(argument)


trees = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(plain, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(plain, trees, max_size=4), st.lists(plain, min_size=1, max_size=4), st.integers())
def test_the_value_is_there_afterwards_and_nothing_else_has_changed(
    data: dict[str, Any], path: list[str], value: int
) -> None:
    before = copy.deepcopy(data)
    findings: list[Any] = []
    given_value = parse_override(f"{'.'.join(path)}={value}")
    after, mounts = override(data, given_value, findings)
    assert data == before
    if findings:
        assert (after, mounts) == (before, ())
        return
    assert value_at(after, tuple(path)) == value
    assert {key: each for key, each in after.items() if key != path[0]} == {
        key: each for key, each in before.items() if key != path[0]
    }
