"""The Gateway API: who attaches where, for which hosts, and what needs a ReferenceGrant."""

from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.reach.gateway import hosts_of
from solutio_topology.reach.ingress import ingress_routes
from solutio_topology.reach.wiring import HttpRoute

from .objects import Doc, namespace, pod, service
from .reading import facts_of_docs

API = service("api", {"app": "api"}, {"port": 80, "targetPort": 3000})
PODS = pod("api", [("", 3000, "TCP")])
HTTP = {"name": "http", "port": 80, "protocol": "HTTP"}
ALL = {"allowedRoutes": {"namespaces": {"from": "All"}}}


def _meta(name: str) -> Doc:
    where, _, short = name.rpartition("/")
    return {"name": short, **({"namespace": where} if where else {})}


def gateway(name: str, *listeners: Doc, gateway_class: str = "cilium") -> Doc:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": _meta(name),
        "spec": {"gatewayClassName": gateway_class, "listeners": list(listeners)},
    }


def route(name: str, parent: str, *hosts: str, kind: str = "HTTPRoute", to: str = "api", **ref: Any) -> Doc:
    target: Doc = {**_meta(to), "port": 80} if to else {}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": _meta(name),
        "spec": {
            "parentRefs": [{**_meta(parent), **ref}],
            "hostnames": list(hosts),
            "rules": [{"backendRefs": [target]} if to else {"filters": [{"type": "RequestRedirect"}]}],
        },
    }


def grant(where: str, kind: str, source: str, target: str, **only: str) -> Doc:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1beta1",
        "kind": "ReferenceGrant",
        "metadata": {"name": "grant", "namespace": where},
        "spec": {
            "from": [{"group": "gateway.networking.k8s.io", "kind": kind, "namespace": source}],
            "to": [{"group": "", "kind": target, **only}],
        },
    }


def _routes(*docs: Doc) -> list[HttpRoute]:
    return ingress_routes(facts_of_docs(list(docs)))


def _kinds(found: list[HttpRoute]) -> list[list[str]]:
    return [[problem.kind for problem in each.problems] for each in found]


def test_a_route_leads_from_a_listener_to_the_pods() -> None:
    [found] = _routes(API, PODS, gateway("gw", HTTP), route("r", "gw", "a.example.com"))
    assert (found.host, found.path, found.path_type, found.protocol) == ("a.example.com", "/", "Prefix", "HTTP")
    assert (str(found.gateway), found.served) == ("Gateway default/gw", True)
    assert [(str(each.workload), each.port) for each in found.targets] == [("default/api[Pod]", 3000)]
    assert [str(each) for each in found.controller.nodes] == ["ingress"]
    assert found.controller.assumed is not None
    assert found.controller.assumed.name == "gateway-class-cilium"


def test_a_gateway_class_in_the_manifests_is_no_assumption() -> None:
    def made(controller: str) -> Doc:
        return {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "GatewayClass",
            "metadata": {"name": "edge"},
            "spec": {"controllerName": controller},
        }

    docs = (API, PODS, gateway("gw", HTTP, gateway_class="edge"), route("r", "gw"))
    [found] = _routes(made("io.cilium/gateway-controller"), *docs)
    assert ([str(each) for each in found.controller.nodes], found.controller.assumed) == (["ingress"], None)
    [found] = _routes(made("example.com/other"), *docs)
    assert found.controller.reason == "the pods that example.com/other makes for a Gateway are not in the manifests"
    [found] = _routes(*docs)
    assert found.controller.reason == "no GatewayClass named edge is in the manifests"


def test_every_listener_that_fits_serves() -> None:
    secure = {
        "name": "https",
        "port": 443,
        "protocol": "HTTPS",
        "hostname": "*.example.com",
        "tls": {"certificateRefs": [{"name": "wild"}]},
    }
    found = _routes(API, PODS, gateway("gw", HTTP, secure), route("r", "gw", "a.example.com", "a.example.org"))
    assert [(each.host, each.tls_secret) for each in found] == [
        ("a.example.com", ""),
        ("a.example.org", ""),
        ("a.example.com", "default/wild"),
    ]
    [found_one] = _routes(
        API, PODS, gateway("gw", HTTP, secure), route("r", "gw", "a.example.com", sectionName="https")
    )
    assert found_one.tls_secret == "default/wild"


@pytest.mark.parametrize(
    ("docs", "kind"),
    [
        ((route("r", "nope", "a.example.com"),), "gateway-missing"),
        ((gateway("gw", HTTP), route("r", "gw", sectionName="https")), "listener-missing"),
        ((gateway("gw", HTTP), route("r", "gw", port=8080)), "listener-missing"),
        ((gateway("gw", {**HTTP, "protocol": "TLS"}), route("r", "gw")), "protocol-mismatch"),
        (
            (gateway("gw", {**HTTP, "allowedRoutes": {"kinds": [{"kind": "GRPCRoute"}]}}), route("r", "gw")),
            "protocol-mismatch",
        ),
        ((gateway("edge/gw", HTTP), route("r", "edge/gw")), "namespace-not-allowed"),
        (
            (gateway("gw", {**HTTP, "hostname": "b.example.com"}), route("r", "gw", "a.example.com")),
            "hostname-mismatch",
        ),
    ],
)
def test_a_route_that_no_listener_takes(docs: tuple[Doc, ...], kind: str) -> None:
    [found] = _routes(API, PODS, *docs)
    assert ([each.kind for each in found.problems], found.served, found.listener) == ([kind], False, None)


def test_listeners_may_allow_other_namespaces() -> None:
    chosen = {"allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"edge": "yes"}}}}}
    docs = (API, PODS, route("r", "edge/gw"))
    assert _kinds(_routes(*docs, gateway("edge/gw", {**HTTP, **ALL}))) == [[]]
    assert _kinds(_routes(*docs, gateway("edge/gw", {**HTTP, **chosen}))) == [["namespace-not-allowed"]]
    assert _kinds(_routes(*docs, gateway("edge/gw", {**HTTP, **chosen}), namespace("default", edge="yes"))) == [[]]


def test_backends_of_other_namespaces_need_a_grant() -> None:
    docs = (
        service("data/api", {"app": "api"}, {"port": 80}),
        pod("data/api", [("", 80, "TCP")]),
        gateway("gw", HTTP),
        route("r", "gw", to="data/api"),
    )
    assert _kinds(_routes(*docs)) == [["backend-not-granted"]]
    assert _kinds(_routes(*docs, grant("data", "HTTPRoute", "default", "Service"))) == [[]]
    assert _kinds(_routes(*docs, grant("data", "HTTPRoute", "default", "Service", name="api"))) == [[]]
    for wrong in (
        grant("data", "HTTPRoute", "default", "Service", name="other"),
        grant("data", "GRPCRoute", "default", "Service"),
        grant("data", "HTTPRoute", "other", "Service"),
        grant("default", "HTTPRoute", "default", "Service"),
    ):
        assert _kinds(_routes(*docs, wrong)) == [["backend-not-granted"]]


def test_certificates_of_other_namespaces_need_a_grant() -> None:
    tls = {"certificateRefs": [{"name": "wild", "namespace": "certs"}]}
    secure = {"name": "https", "port": 443, "protocol": "HTTPS", "tls": tls}
    docs = (API, PODS, gateway("gw", secure), route("r", "gw"))
    assert _kinds(_routes(*docs)) == [["certificate-not-granted"]]
    assert _kinds(_routes(*docs, grant("certs", "Gateway", "default", "Secret"))) == [[]]


def test_other_routes() -> None:
    passed = {"name": "tls", "port": 443, "protocol": "TLS", "tls": {"mode": "Passthrough"}}
    docs = (API, PODS, gateway("gw", HTTP, passed))
    [grpc] = _routes(*docs, route("r", "gw", "a.example.com", kind="GRPCRoute"))
    [tls] = _routes(*docs, route("r", "gw", "a.example.com", kind="TLSRoute"))
    assert (grpc.protocol, grpc.served) == ("GRPC", True)
    assert (tls.protocol, tls.path, tls.served) == ("TLS", "", True)


def test_a_redirect_has_no_backend_and_is_no_fault() -> None:
    [found] = _routes(API, PODS, gateway("gw", HTTP), route("r", "gw", "a.example.com", to=""))
    assert ([each.kind for each in found.problems], found.served, found.backend) == (["no-backend"], True, "")


@pytest.mark.parametrize(
    ("listener", "route_host", "expected"),
    [
        ("", "a.example.com", ["a.example.com"]),
        ("a.example.com", "a.example.com", ["a.example.com"]),
        ("*.example.com", "a.example.com", ["a.example.com"]),
        ("*.example.com", "b.a.example.com", ["b.a.example.com"]),
        ("*.example.com", "example.com", []),
        ("*.example.com", "a.example.org", []),
        ("a.example.com", "*.example.com", ["a.example.com"]),
        ("*.example.com", "*.a.example.com", ["*.a.example.com"]),
        ("*.a.example.com", "*.example.com", ["*.a.example.com"]),
        ("*.example.com", "badexample.com", []),
        ("a.example.com", "b.example.com", []),
    ],
)
def test_hosts_are_the_intersection(listener: str, route_host: str, expected: list[str]) -> None:
    assert hosts_of(listener, (route_host,)) == expected
    assert hosts_of(listener, ()) == [listener]
