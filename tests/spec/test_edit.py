"""Places and values as people name them on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solutio_topology.errors import SolutioError
from solutio_topology.spec.edit import check_place, put, typed
from solutio_topology.spec.override import parse_path
from solutio_topology.yamlio import read_document
from solutio_topology.yamlio.edit import Put

DATA: dict[str, Any] = read_document((Path(__file__).parents[2] / "topology.yaml").read_bytes())[0]


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("services.api.image.tag", "1.10", "1.10"),
        ("services.api.image.tag", "2026", "2026"),
        ("services.api.image.tag", "true", "true"),
        ("services.api.title", "[draft] API", "[draft] API"),
        ("services.api.replicas", "3", 3),
        ("services.api.replicas", "{min: 2, max: 4}", {"min": 2, "max": 4}),
        ("services.api.env.LEVEL", "5", "5"),
        ("services.api.settings.depth", "5", 5),
        ("services.api.settings.depth", "five", "five"),
        ("services.pg.storage", "20Gi", "20Gi"),
        ("services.pg.storage", "{size: 20Gi, class: fast}", {"size": "20Gi", "class": "fast"}),
        ("services.pg.major", "17", 17),
        ("pods.org-e.orgs", "[a, b]", ["a", "b"]),
        ("edges.api-pg.order", "false", False),
        ("platform.kubernetes", "1.35", "1.35"),
        ("costs.items.doks.monthly", "150.5", 150.5),
        ("paths.web-request", "cf -> ing", "cf -> ing"),
        ("paths.web-request", "[cf, ing]", ["cf", "ing"]),
        ("ignore[0].until", "2027-01-31", "2027-01-31"),
        ("x.owner", "{team: a}", {"team": "a"}),
    ],
)
def test_a_value_gets_the_type_that_its_place_wants(path: str, text: str, value: Any) -> None:
    found = typed(parse_path(path), text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("service.api.size", "the topology has no key 'service'; did you mean 'services'?"),
        ("services.ap.size", "there is no service 'ap'; did you mean 'api'?"),
        ("services.api.imag.tag", "services.api has no key 'imag'; did you mean 'image'?"),
        ("services.api.image.tag.x", "services.api.image.tag is a single value"),
        ("pods.orge.domain", "there is no tenant pod 'orge'; did you mean 'org-e'?"),
        ("pods.org-e.services.ap.size", "there is no service 'ap'; did you mean 'api'?"),
        ("environments.prd.zone", "there is no environment 'prd'; did you mean 'prod'?"),
        ("rings.canary.services.api.size", "there is no ring 'canary'"),
        ("edges.api-pq.database", "there is no edge 'api-pq'; did you mean 'api-pg'?"),
    ],
)
def test_an_unknown_place_is_said_with_what_comes_near(path: str, said: str) -> None:
    with pytest.raises(SolutioError) as error:
        check_place(parse_path(path), DATA)
    assert said in error.value.message


@pytest.mark.parametrize(
    "path",
    [
        "services.api.image.tag",
        "pods.org-e.services.api.image.tag",
        "sizes.huge",
        "x.any.thing",
        "services.api.env.NEW",
    ],
)
def test_a_place_that_may_be_is_taken(path: str) -> None:
    check_place(parse_path(path), DATA)


def test_rings_in_a_list_become_a_map_when_one_gets_something() -> None:
    place = ("rings", "canary", "services", "api", "image", "tag")
    as_map = Put(("rings",), {"canary": {}, "all": {}})
    assert put(place, "2", {"rings": ["canary", "all"]}) == [as_map, Put(place, "2")]
    assert put(place, "2", {"rings": {"canary": {}, "all": {}}}) == [Put(place, "2")]
