"""Rings: a later one waits for all before it, whatever else waits for what; never in a circle, never for too many."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.render import render
from solutio_topology.render.model import Rendered
from solutio_topology.render.rings import gated
from tests.graph.sample import BASE, graph
from tests.render.worlds import changed, find, small

RINGS = ["canary", "early", "all"]
STAGES = ["data", "migrate", "apps", "media"]
CHAIN = {"data": ["platform-configs"], "migrate": ["data"], "apps": ["migrate"], "media": ["data"]}
Needs = dict[str, list[str]]


@st.composite
def fleets(draw: st.DrawFn) -> tuple[dict[str, str], Needs]:
    """Tenant pods with their rings, and Kustomizations that need each other across tenant pods, never in a circle."""
    pods = {f"p{number}": draw(st.sampled_from(RINGS)) for number in range(draw(st.integers(1, 5)))}
    needs: Needs = {}
    for pod in draw(st.permutations(sorted(pods))):
        earlier = sorted(needs)
        for stage in STAGES:
            own = [each if "-" in each else f"{pod}-{each}" for each in CHAIN[stage]]
            more = draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else []
            needs[f"{pod}-{stage}"] = [*own, *more]
    return pods, needs


def _body(name: str, needs: list[str]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"dependsOn": [{"name": need} for need in needs]}}


def _gated(pods: dict[str, str], needs: Needs) -> Needs:
    """What waits for what once there are gates."""
    tenants = {pod: {"tier": "own", "ring": ring} for pod, ring in pods.items()}
    found = graph(pods=tenants, rings=RINGS)
    by_pod = {pod: [_body(f"{pod}-{stage}", needs[f"{pod}-{stage}"]) for stage in STAGES] for pod in pods}
    held, waits = gated(found, by_pod)
    bodies = [body for each in held.values() for body in each]
    all_needs = {body["metadata"]["name"]: [need["name"] for need in body["spec"]["dependsOn"]] for body in bodies}
    return all_needs | {f"platform-ring-{ring}": list(names) for ring, names in waits.items()}


def _above(needs: Needs, names: list[str]) -> set[str]:
    """Everything that is applied before some Kustomizations, themselves included."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += needs.get(name, [])
    return found


@given(fleets())
def test_there_is_no_circle(fleet: tuple[dict[str, str], Needs]) -> None:
    TopologicalSorter(_gated(*fleet)).prepare()


@given(fleets())
def test_everything_waits_for_the_rings_before_unless_they_need_it(fleet: tuple[dict[str, str], Needs]) -> None:
    pods, needs = fleet
    found = _gated(pods, needs)
    for pod, ring in pods.items():
        before = [
            f"{each}-{stage}" for each, own in pods.items() if RINGS.index(own) < RINGS.index(ring) for stage in STAGES
        ]
        for stage in STAGES:
            name = f"{pod}-{stage}"
            if name not in _above(needs, before):
                assert set(before) <= _above(found, [name]), name


@given(fleets())
def test_what_waited_for_what_still_does_and_little_is_added(fleet: tuple[dict[str, str], Needs]) -> None:
    pods, needs = fleet
    found = _gated(pods, needs)
    assert all(found[name][: len(before)] == before for name, before in needs.items())
    added = sum(map(len, found.values())) - sum(map(len, needs.values()))
    assert added <= 4 * len(pods) + len(RINGS)


def test_without_rings_nothing_changes() -> None:
    assert not [path for path in small() if "ring-" in path]


def test_a_gate_is_rendered_between_two_rings_that_have_tenant_pods() -> None:
    files = render(changed(("rings", RINGS), ("pods.one.ring", "canary")))
    assert [path for path in files if "ring-" in path] == [
        f"{tree}/prod/platform/ring-canary/{name}.yaml"
        for tree in ("overlays", "rendered")
        for name in ("kustomization", "ring")
    ]
    assert find(files, "ConfigMap", "ring-canary", "flux-system")["data"] == {"tenant-pods": "one"}
    assert _waits(files, "platform-ring-canary") == ["one-apps"]
    first = ["all-secrets", "all-data"]["platform-configs" in _waits(files, "all-data")]
    assert _waits(files, first) == ["platform-configs", "platform-ring-canary"]
    assert "platform-ring-canary" not in _waits(files, "one-data")


def _waits(files: Mapping[str, Rendered], name: str) -> list[str]:
    return [need["name"] for need in find(files, "Kustomization", name, "flux-system")["spec"]["dependsOn"]]


def test_each_tenant_pod_runs_the_version_of_its_ring_or_its_own() -> None:
    tag = {"api": {"image": {"tag": "2"}}}
    services = BASE["services"] | {"api": {"component": "app", "layer": "apps", "image": {"name": "api", "tag": "1"}}}
    pods = {
        "all": {"tier": "basic"},
        "one": {"tier": "own", "ring": "canary"},
        "two": {"tier": "own", "ring": "canary", "services": {"api": {"image": {"tag": "3"}}}},
    }
    found = graph(services=services, pods=pods, rings={"canary": {"services": tag}, "all": {}})
    tags = {pod.pod: pod.nodes["api"].service.image.tag for pod in found.pods if pod.nodes["api"].service.image}
    assert tags == {"all": "1", "one": "2", "two": "3"}
