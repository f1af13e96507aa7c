from __future__ import annotations

import copy
from typing import Any

import pytest

from solutio_topology.graph.expand import expand, public_host
from solutio_topology.graph.ref import Ref
from solutio_topology.spec.tenancy import TenantPod
from solutio_topology.spec.topology import Environment
from tests.graph.sample import BASE, COMPONENTS, graph


def test_the_shared_tenant_pod_comes_first_and_owns_every_service() -> None:
    found = graph()
    assert [(pod.pod, list(pod.nodes)) for pod in found.pods] == [
        ("all", ["cf", "ing", "api", "job", "pg"]),
        ("one", ["api", "pg"]),
    ]


def test_a_dedicated_pod_gets_the_edges_that_touch_it_but_none_from_a_shared_workload() -> None:
    own = graph().pods[1]
    assert [(link.key, str(link.client), str(link.server)) for link in own.links] == [
        ("ing-api", "all/ing", "one/api"),
        ("api-pg", "one/api", "one/pg"),
    ]


def test_an_edge_opened_by_its_target_swaps_client_and_server_but_not_the_drawing() -> None:
    edges = {"api-pg": {"from": "api", "to": "pg", "openedBy": "to"}}
    (link, _) = graph(edges=edges).links
    assert (link.drawn, link.client, link.server) == (
        (Ref("all", "api"), Ref("all", "pg")),
        Ref("all", "pg"),
        Ref("all", "api"),
    )
    assert list(link.ports) == ["http"]


def test_a_link_knows_the_public_host_of_its_server() -> None:
    found = {(link.key, link.server.pod): (link.host, link.public) for link in graph().links}
    assert found[("ing-api", "one")] == ("api-one.example.com", "api-one.example.com")
    assert found[("ing-api", "all")] == ("api.example.com", "api.example.com")
    assert found[("api-pg", "one")] == (None, None)


def test_a_tier_pool_is_added_per_tenant_pod_and_everything_dedicated_runs_on_it() -> None:
    found = graph()
    assert found.platform.pools["one"].dedicated
    assert [node.pool for node in found.pods[1].nodes.values()] == ["one", "one"]
    assert found.node(Ref("all", "pg")).pool == "apps"


def test_overrides_of_the_environment_and_then_of_the_tenant_pod_are_merged() -> None:
    data = copy.deepcopy(BASE)
    data["environments"]["prod"]["services"] = {"api": {"env": {"B": "2"}, "replicas": 1}}
    data["pods"]["one"]["services"] = {"api": {"env": {"A": "3"}, "replicas": 5}}
    found = graph(**data)
    shared, own = (found.node(Ref(pod, "api")) for pod in ("all", "one"))
    assert (shared.env, shared.replicas) == ({"A": "1", "B": "2"}, 1)
    assert (own.env, own.replicas) == ({"A": "3", "B": "2"}, 5)


def test_the_platform_gets_what_the_services_need_and_says_why() -> None:
    found = graph()
    assert found.controller_reasons == {
        "cert-manager": "edge ing-api has a public host that needs a certificate",
        "external-secrets": "platform.secrets.provider is external-secrets",
        "metrics-server": "service api scales by its CPU use",
        "operator": "service pg (store) needs it",
    }


def test_the_network_holds_every_edge_as_drawn() -> None:
    network = graph().network
    assert sorted(f"{a}>{b}" for a, b in network.edges()) == [
        "all/api>all/pg",
        "all/cf>all/ing",
        "all/ing>all/api",
        "all/ing>one/api",
        "all/job>all/pg",
        "one/api>one/pg",
    ]


@pytest.mark.parametrize(
    ("pattern", "suffix", "domain", "shared", "host"),
    [
        ("api{-pod}.{zone}", "", None, True, "api.example.com"),
        ("api{-pod}.{zone}", "", None, False, "api-one.example.com"),
        ("api{-pod}.{zone}", "-staging", None, False, "api-one-staging.example.com"),
        ("{zone}", "-staging", None, True, "staging.example.com"),
        ("{zone}", "", None, True, "example.com"),
        ("api{-pod}.{zone}", "", "video.acme.com", False, "api.video.acme.com"),
        ("api{suffix}.{zone}", "-staging", None, True, "api-staging.example.com"),
    ],
)
def test_public_hosts(pattern: str, suffix: str, domain: str | None, shared: bool, host: str) -> None:
    environment = Environment(zone="example.com", suffix=suffix)
    tenant = TenantPod(tier="t", domain=domain)
    assert public_host(pattern, environment, tenant, "one", shared=shared) == host


PODS = {
    "one": {"tier": "own", "orgs": ["o"]},
    "two": {"tier": "own", "orgs": ["p"], "services": {"api": {"replicas": 3}}},
    "all": {"tier": "basic"},
}
STATES: list[dict[str, Any]] = [
    {"pods": PODS},
    {"pods": {**PODS, "two": {"tier": "own", "orgs": ["p"]}}},
    {"pods": {**PODS, "three": {"tier": "own", "orgs": ["q"]}}},
    {"pods": {"two": PODS["two"], "all": PODS["all"]}},
    {"pods": {**PODS, "all": {"tier": "basic", "services": {"job": {"replicas": 2}}}}},
    {"pods": {**PODS, "more": {"tier": "basic"}}},
    {"pods": {"one": PODS["one"], "two": PODS["two"]}},
    {"pods": PODS, "environments": {"prod": {"zone": "example.org"}}},
    {"pods": PODS, "services": {**BASE["services"], "api": {"component": "app", "layer": "apps", "env": {"A": "2"}}}},
]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_graph_that_is_made_like_another_is_as_one_that_is_not(before: dict[str, Any], after: dict[str, Any]) -> None:
    like, wanted = graph(**before), graph(**after)
    found = expand(wanted.topology, "prod", COMPONENTS.__getitem__, like)
    assert found == wanted


def test_what_is_the_same_in_another_state_is_taken_over() -> None:
    like = graph(**STATES[0])
    found = expand(graph(**STATES[1]).topology, "prod", COMPONENTS.__getitem__, like)
    taken = {pod.pod for pod in found.pods if any(pod is other for other in like.pods)}
    assert taken == {"all", "one"}
