"""Names and Services: what a cluster would resolve and where it would send."""

from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Facts
from solutio_topology.reach.routing import ServiceMap, resolve_host, service_targets
from solutio_topology.reach.wiring import Resolution, Targets

from .objects import Doc, pod, service
from .reading import facts_of_docs

WEB = {"app": "web"}


def _facts(*docs: Doc) -> Facts:
    return facts_of_docs(list(docs))


def _targets(*docs: Doc, port: int | str = 80, by_endpoints: bool = False) -> Targets:
    facts = _facts(*docs)
    return service_targets(facts, facts.services[0], port, by_endpoints=by_endpoints)


def _said(found: Targets) -> list[tuple[str, int, str]]:
    return [(str(each.workload), each.port, each.protocol) for each in found.targets]


def _kinds(found: Targets) -> list[tuple[str, bool]]:
    return [(each.kind, each.fatal) for each in found.problems]


def test_a_port_name_is_resolved_on_every_pod() -> None:
    found = _targets(
        service("web", {"tier": "web"}, {"port": 80, "targetPort": "http"}),
        pod("a", [("http", 8080, "TCP")], tier="web"),
        pod("b", [("http", 9090, "TCP")], tier="web"),
    )
    assert _said(found) == [("default/a[Pod]", 8080, "TCP"), ("default/b[Pod]", 9090, "TCP")]
    assert _kinds(found) == [("ports-differ", False), ("selects-several", False)]
    assert not found.broken


def test_a_port_name_that_no_pod_has_is_fatal_and_one_that_some_lack_is_not() -> None:
    named = service("web", {"tier": "web"}, {"port": 80, "targetPort": "http"})
    lacking = pod("a", [("other", 8080, "TCP")], tier="web")
    found = _targets(named, lacking)
    assert _kinds(found) == [("target-port-missing", True)]
    assert found.broken
    assert found.problems[0].statement == (
        "Service default/web port 80 leads to the TCP port named http; Pod default/a names: other (TCP)"
    )
    found = _targets(named, lacking, pod("b", [("http", 8080, "TCP")], tier="web"))
    assert _said(found) == [("default/b[Pod]", 8080, "TCP")]
    assert ("target-port-missing", False) in _kinds(found)


def test_a_port_name_of_another_protocol_is_another_port() -> None:
    found = _targets(
        service("web", WEB, {"port": 80, "targetPort": "http", "protocol": "UDP"}),
        pod("web", [("http", 8080, "TCP")]),
    )
    assert found.broken


def test_an_undeclared_number_is_a_remark() -> None:
    found = _targets(service("web", WEB, {"port": 80, "targetPort": 8080}), pod("web"))
    assert (_said(found), _kinds(found)) == ([("default/web[Pod]", 8080, "TCP")], [("port-undeclared", False)])


def test_the_target_port_is_the_port_when_it_is_left_out() -> None:
    found = _targets(service("web", WEB, {"port": 80}), pod("web", [("", 80, "TCP")]))
    assert (_said(found), _kinds(found)) == ([("default/web[Pod]", 80, "TCP")], [])


def test_a_service_that_selects_nothing() -> None:
    found = _targets(service("web", WEB, {"port": 80}), pod("web", app="wed"), pod("other/web"))
    assert (_kinds(found), found.broken) == ([("selects-nothing", True)], True)


def test_a_port_that_the_service_does_not_have_and_that_is_its_target() -> None:
    found = _targets(service("web", WEB, {"port": 80, "targetPort": 8080}), pod("web"), port=8080)
    assert _kinds(found) == [("service-port-missing", True)]
    assert found.problems[0].statement.endswith("8080 is its targetPort, which only the Service itself uses")


def test_one_number_on_two_protocols_is_two_ports() -> None:
    found = _targets(
        service("dns", WEB, {"name": "t", "port": 53}, {"name": "u", "port": 53, "protocol": "UDP"}),
        pod("web", [("", 53, "TCP"), ("", 53, "UDP")]),
        port=53,
    )
    assert _said(found) == [("default/web[Pod]", 53, "TCP"), ("default/web[Pod]", 53, "UDP")]


def test_a_headless_service_maps_no_ports_but_its_endpoints_do() -> None:
    docs = (
        service("web", WEB, {"port": 80, "targetPort": 8080}, clusterIP="None"),
        pod("web", [("", 8080, "TCP")]),
    )
    assert _said(_targets(*docs)) == [("default/web[Pod]", 80, "TCP")]
    assert _kinds(_targets(*docs)) == [("headless-port", True)]
    assert _said(_targets(*docs, by_endpoints=True)) == [("default/web[Pod]", 8080, "TCP")]


def test_host_network_pods_behind_a_service_are_remarked() -> None:
    found = _targets(service("web", WEB, {"port": 80}), pod("web", [("", 80, "TCP")], host=True))
    assert _kinds(found) == [("host-network", False)]


SLICE = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {"name": "db-1", "labels": {"kubernetes.io/service-name": "db"}},
    "addressType": "IPv4",
    "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
    "endpoints": [{"addresses": ["203.0.113.7"]}],
}


def test_without_a_selector_the_endpoint_slices_say_where() -> None:
    db = service("db", None, {"name": "pg", "port": 5432})
    found = _targets(db, SLICE, port=5432)
    assert [(each.address, each.port, each.protocol) for each in found.addresses] == [("203.0.113.7", 5432, "TCP")]
    assert not found.broken
    assert _kinds(_targets(db, port=5432)) == [("no-endpoints", True)]
    unnamed = service("db", None, {"name": "other", "port": 5432})
    assert _kinds(_targets(unnamed, SLICE, port=5432)) == [("no-endpoints", True)]


def test_one_pod_of_a_stateful_set_may_be_selected_by_its_name() -> None:
    pods = _stateful("pg", 2, "pg")
    chosen = service("data/pg-1", {"statefulset.kubernetes.io/pod-name": "pg-1"}, {"port": 5432})
    missing = service("data/pg-2", {"statefulset.kubernetes.io/pod-name": "pg-2"}, {"port": 5432})
    assert _said(_targets(chosen, pods, port=5432)) == [("data/pg[StatefulSet]", 5432, "TCP")]
    assert _kinds(_targets(missing, pods, port=5432)) == [("selects-nothing", True)]


# Names


def _stateful(name: str, replicas: int, governing: str) -> Doc:
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": "data"},
        "spec": {
            "replicas": replicas,
            "serviceName": governing,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c"}]}},
        },
    }


NAMES = ServiceMap(
    _facts(
        service("web", WEB, {"port": 80}),
        service("data/pg", {"app": "pg"}, {"port": 5432}, clusterIP="None"),
        service("data/other", {"app": "pg"}, {"port": 5432}, clusterIP="None"),
        service("mail", None, type="ExternalName", externalName="smtp.example.com"),
        service("alias", None, type="ExternalName", externalName="pg.data.svc.cluster.local"),
        service("ring", None, type="ExternalName", externalName="ring.default.svc.cluster.local"),
        _stateful("pg", 2, "pg"),
    )
)


def _resolve(host: str, namespace: str = "default") -> Resolution:
    return resolve_host(NAMES, namespace, host)


@pytest.mark.parametrize(
    "host",
    ["pg.data", "pg.data.svc", "pg.data.svc.cluster.local", "PG.data.svc.cluster.local.", "alias", "alias.default"],
)
def test_names_of_a_service(host: str) -> None:
    found = _resolve(host)
    assert found.service is not None
    assert str(found.service.key) == "Service data/pg"


def test_a_short_name_is_of_the_own_namespace() -> None:
    assert _resolve("pg", "data").service is not None
    assert _resolve("pg").reason == "namespace default has no Service pg; namespace data has one"


@pytest.mark.parametrize("host", ["pg-1.pg.data.svc.cluster.local", "pg-0.pg.data", "pg-1.pg.data.svc"])
def test_names_of_a_pod_of_a_headless_service(host: str) -> None:
    assert [str(each) for each in _resolve(host).workloads] == ["data/pg[StatefulSet]"]


def test_a_pod_name_works_through_the_search_path() -> None:
    assert _resolve("pg-0.pg", "data").workloads


@pytest.mark.parametrize("host", ["pg-2.pg.data", "pg-x.pg.data", "pg-0.other.data"])
def test_pods_that_are_not_there_have_no_name(host: str) -> None:
    found = _resolve(host)
    assert (found.workloads, found.fqdn) == ((), "")
    assert found.reason.startswith("no pod of Service data/")


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("nope.data", "namespace data has no Service nope"),
        ("nope.data.svc.cluster.local", "namespace data has no Service nope"),
        ("nope.nowhere.svc", "namespace nowhere has no Service nope"),
        ("bad host", "'bad host' is no DNS name"),
        ("ring", "ExternalName Services point at each other"),
    ],
)
def test_names_that_lead_nowhere(host: str, reason: str) -> None:
    assert (_resolve(host).reason, _resolve(host).fqdn) == (reason, "")


@pytest.mark.parametrize(
    ("host_network", "policy", "resolves"),
    [
        (False, None, True),
        (False, "Default", False),
        (False, "None", False),
        (True, None, False),
        (True, "ClusterFirst", False),
        (True, "ClusterFirstWithHostNet", True),
    ],
)
def test_the_dns_policy_of_the_client_counts(host_network: bool, policy: str | None, resolves: bool) -> None:
    asking = pod("client", host=host_network)
    if policy:
        asking["spec"]["dnsPolicy"] = policy
    facts = _facts(asking, service("web", WEB, {"port": 80}), pod("web"))
    client = facts.workloads[0]
    found = resolve_host(facts, "default", "web", client)
    assert (found.service is not None) == resolves
    assert resolves == (found.reason == "")
    assert resolve_host(facts, "default", "api.example.com", client).fqdn == "api.example.com"


def test_names_and_addresses_outside() -> None:
    assert _resolve("api.example.com").fqdn == "api.example.com"
    assert _resolve("mail").fqdn == "smtp.example.com"
    assert _resolve("203.0.113.7").address == "203.0.113.7"
    assert _resolve("[2001:db8::1]").address == "2001:db8::1"
