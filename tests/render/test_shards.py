"""Shards and artifacts: who reconciles which tenant pod, and from what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.render import render
from solutio_topology.render.flux import SHARD_KEY, shard_of
from tests.render.worlds import changed, find, kinds

GIT = {"url": "https://git.example.com/small"}
OCI = {"kind": "oci", "url": "oci://registry.example.com/fleet/", "tag": "stable", "secret": "registry"}
names = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)


def sharded(*shards: str, repository: dict[str, Any] = GIT) -> EnvironmentGraph:
    return changed(("platform.repository", repository), ("platform.flux", {"shards": list(shards)}))


def placed(graph: EnvironmentGraph, shards: list[str], pods: list[str]) -> dict[str, str | None]:
    """The shard of each tenant pod, had the platform these shards."""
    flux = graph.platform.flux.model_copy(update={"shards": shards})
    platform = graph.platform.model_copy(update={"flux": flux})
    other = EnvironmentGraph(graph.name, graph.topology, graph.environment, platform, graph.pods, graph.controllers)
    return {pod: shard_of(other, pod) for pod in pods}


GRAPH = changed()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(names, min_size=1, max_size=6, unique=True), names, st.lists(names, max_size=30, unique=True))
def test_a_new_shard_takes_its_share_and_moves_nobody_else(shards: list[str], new: str, pods: list[str]) -> None:
    before, after = placed(GRAPH, shards, pods), placed(GRAPH, [*shards, new], pods)
    assert all(after[pod] in (before[pod], new) for pod in pods)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(names, min_size=2, max_size=6, unique=True), st.lists(names, max_size=30, unique=True))
def test_a_shard_that_goes_moves_its_own_tenant_pods_only(shards: list[str], pods: list[str]) -> None:
    before, after = placed(GRAPH, shards, pods), placed(GRAPH, shards[1:], pods)
    assert all(after[pod] == before[pod] for pod in pods if before[pod] != shards[0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.permutations(["a", "b", "c", "d"]), st.lists(names, max_size=30, unique=True))
def test_the_order_of_the_shards_means_nothing(shards: list[str], pods: list[str]) -> None:
    assert placed(GRAPH, list(shards), pods) == placed(GRAPH, sorted(shards), pods)


def test_tenant_pods_are_spread_evenly() -> None:
    pods = [f"cust-{index}" for index in range(1000)]
    counted = list(placed(GRAPH, ["a", "b", "c", "d"], pods).values())
    assert all(200 < counted.count(shard) < 300 for shard in "abcd")


def test_without_shards_nothing_carries_a_key() -> None:
    for body in (*kinds(render(GRAPH), "Kustomization"), *kinds(render(GRAPH), "GitRepository")):
        assert SHARD_KEY not in body.get("metadata", {}).get("labels", {})


@pytest.mark.parametrize("repository", [GIT, OCI], ids=["git", "oci"])
def test_a_tenant_pod_and_its_source_are_in_one_shard_and_the_platform_in_none(repository: dict[str, Any]) -> None:
    graph = sharded("a", "b", repository=repository)
    files = render(graph)
    for body in kinds(files, "Kustomization"):
        if "sourceRef" not in body.get("spec", {}):
            continue
        ref = body["spec"]["sourceRef"]
        source = find(files, ref["kind"], ref["name"], "flux-system")
        pod = body["metadata"]["labels"]["topology.solutio.dev/pod"]
        wanted = None if pod == "platform" else shard_of(graph, pod)
        assert body["metadata"]["labels"].get(SHARD_KEY) == wanted
        assert source["metadata"]["labels"].get(SHARD_KEY) == wanted


def test_an_artifact_for_the_platform_and_one_for_each_tenant_pod() -> None:
    files = render(sharded(repository=OCI))
    assert {body["metadata"]["name"]: body["spec"] for body in kinds(files, "OCIRepository")} == {
        f"small-{pod}": {
            "interval": "5m",
            "url": f"oci://registry.example.com/fleet/prod/{pod}",
            "ref": {"tag": "stable"},
            "secretRef": {"name": "registry"},
        }
        for pod in ("platform", "all", "one")
    }
    assert kinds(files, "GitRepository") == []


def test_how_an_artifact_is_pushed_stands_in_the_list_of_its_tenant_pod() -> None:
    text = render(sharded(repository=OCI))["rendered/prod/one/outside.md"].text or ""
    (command,) = [line for line in text.splitlines() if line.startswith("flux push artifact")]
    assert command == (
        "flux push artifact oci://registry.example.com/fleet/prod/one:stable --path=. "
        "--ignore-paths='/*,!/rendered,/rendered/*,!/rendered/prod,/rendered/prod/*,!/rendered/prod/one' "
        '--source="$(git config --get remote.origin.url)" '
        '--revision="$(git branch --show-current)@sha1:$(git rev-parse HEAD)"'
    )


def test_the_controllers_of_the_shards_are_assumed_by_name() -> None:
    text = render(sharded("a", "b"))["rendered/prod/outside.md"].text or ""
    own = [line.rpartition("--watch-label-selector=")[2] for line in text.splitlines() if "of their own run" in line]
    assert own == ["sharding.fluxcd.io/key=a`", "sharding.fluxcd.io/key=b`"]
