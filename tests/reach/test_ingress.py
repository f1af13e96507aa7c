"""Ingresses: class, host, path, backend, TLS; and the list's pseudo source for unknown controllers."""

from __future__ import annotations

from solutio_topology.reach.ingress import ingress_routes
from solutio_topology.reach.listing import corpus_list
from solutio_topology.reach.model import EntityNode
from solutio_topology.reach.wiring import HttpRoute

from .objects import Doc, backend, ingress, ingress_class, pod, policy, service, world
from .reading import facts_of_docs

API = service("api", {"app": "api"}, {"name": "http", "port": 80, "targetPort": 3000})
PODS = pod("api", [("http", 3000, "TCP")])
NGINX = "k8s.io/ingress-nginx"
CONTROLLER = pod("ingress-nginx/nginx", image="registry.k8s.io/ingress-nginx/controller:v1.12.0@sha256:abc")


def _routes(*docs: Doc) -> list[HttpRoute]:
    return ingress_routes(facts_of_docs(list(docs)))


def _kinds(route: HttpRoute) -> list[str]:
    return [each.kind for each in route.problems]


def test_a_host_and_path_lead_to_the_pods() -> None:
    [route] = _routes(
        API,
        PODS,
        CONTROLLER,
        ingress_class("nginx", NGINX),
        ingress("api", ("a.example.com", "/v1", "api", 80), ingressClassName="nginx"),
    )
    assert (route.host, route.path, route.path_type, route.backend) == ("a.example.com", "/v1", "Prefix", "default/api")
    assert [(str(each.workload), each.port) for each in route.targets] == [("default/api[Pod]", 3000)]
    assert (route.service_port, route.problems, route.served) == (80, (), True)
    assert [str(each) for each in route.controller.nodes] == ["ingress-nginx/nginx[Pod]"]
    assert route.controller.assumed is None


def test_a_port_name_and_a_default_backend() -> None:
    found = _routes(API, PODS, ingress("api", ("a.example.com", "/", "api", "http"), defaultBackend=backend("api", 80)))
    assert [(each.host, each.path, each.service_port, each.served) for each in found] == [
        ("a.example.com", "/", 80, True),
        ("", "", 80, True),
    ]


def test_the_services_target_port_is_not_routed() -> None:
    [route] = _routes(API, PODS, ingress("api", ("a.example.com", "/", "api", 3000)))
    assert (_kinds(route), route.served, route.targets) == (["service-port-missing"], False, ())


def test_a_backend_that_does_not_exist_or_selects_nothing() -> None:
    missing, empty = _routes(API, ingress("x", ("a.example.com", "/", "nope", 80), ("b.example.com", "/", "api", 80)))
    assert (_kinds(missing), missing.service) == (["backend-missing"], None)
    assert _kinds(empty) == ["selects-nothing"]
    assert not missing.served
    assert not empty.served


def test_the_class_decides_who_serves() -> None:
    def controller(*docs: Doc, **spec: object) -> tuple[str, str]:
        [route] = _routes(API, PODS, *docs, ingress("api", ("h", "/", "api", 80), **spec))
        return ", ".join(map(str, route.controller.nodes)), route.controller.reason

    nginx = ingress_class("nginx", NGINX)
    assert controller(CONTROLLER, nginx, ingressClassName="nginx") == ("ingress-nginx/nginx[Pod]", "")
    assert controller(nginx, ingressClassName="nginx") == ("", f"no pods of {NGINX} are in the manifests")
    assert controller(CONTROLLER, nginx, ingressClassName="other") == (
        "",
        "no IngressClass named other is in the manifests",
    )
    assert controller(CONTROLLER, nginx) == ("", "it names no class, and no IngressClass is the default")
    default = ingress_class("nginx", NGINX, default=True)
    assert controller(CONTROLLER, default) == ("ingress-nginx/nginx[Pod]", "")
    cilium = ingress_class("cilium", "cilium.io/ingress-controller")
    assert controller(cilium, ingressClassName="cilium") == (str(EntityNode("ingress")), "")


def test_a_flag_tells_two_controllers_of_one_image_apart() -> None:
    first, second = (pod(f"nginx/{name}", image="ingress-nginx/controller:v1") for name in ("in", "out"))
    first["spec"]["containers"][0]["args"] = ["--controller-class=example.com/in"]
    second["spec"]["containers"][0]["args"] = ["--controller-class=example.com/out"]
    chosen = ingress_class("out", "example.com/out")
    [route] = _routes(API, PODS, first, second, chosen, ingress("api", ("h", "/", "api", 80), ingressClassName="out"))
    assert [str(each) for each in route.controller.nodes] == ["nginx/out[Pod]"]


def test_the_secret_of_a_host() -> None:
    tls = [{"hosts": ["a.example.com"], "secretName": "a"}, {"hosts": ["*.example.org"], "secretName": "wild"}]
    hosts = ("a.example.com", "b.example.com", "x.example.org", "x.y.example.org")
    found = _routes(API, PODS, ingress("api", *((host, "/", "api", 80) for host in hosts), tls=tls))
    assert [each.tls_secret for each in found] == ["default/a", "", "default/wild", ""]


def _from_controller(*docs: Doc) -> list[tuple[str, object]]:
    rows = corpus_list(world(*docs))
    return [(each["dst"], each["connections"]) for each in rows if each["src"] == "{ingress-controller}"]


def test_an_unknown_controller_is_a_source_of_its_own_in_the_list() -> None:
    docs = (API, PODS, ingress("api", ("h", "/", "api", 80)))
    expected = [("default/api[Pod]", {"TCP": [[3000, 3000]]})]
    assert _from_controller(*docs) == expected
    anyone = policy("in", ingress=[{"from": [{"namespaceSelector": {}}]}])
    assert _from_controller(*docs, anyone) == expected
    one = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]
    assert _from_controller(*docs, policy("in", ingress=[{"from": one}])) == []


def test_a_known_controller_is_not() -> None:
    docs = (API, PODS, CONTROLLER, ingress_class("nginx", NGINX, default=True), ingress("api", ("h", "/", "api", 80)))
    assert _from_controller(*docs) == []


def test_the_list_speaks_of_ipv6_only_where_policies_do() -> None:
    block = [{"ipBlock": {"cidr": "2001:db8::/32"}}]
    assert {each["src"] for each in corpus_list(world(pod("a")))} == {"0.0.0.0-255.255.255.255", "default/a[Pod]"}
    sources = {each["src"] for each in corpus_list(world(pod("a"), policy("p", ingress=[{"from": block}])))}
    assert sources == {"2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "default/a[Pod]"}
