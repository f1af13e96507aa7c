from __future__ import annotations

from solutio_topology.manifests.facts import Ingress

from .reading import document, facts_of, notes_of

API = "networking.k8s.io/v1"


def _ingress(spec: str, *, version: str = API, more: str = "") -> Ingress:
    (ingress,) = facts_of(document("Ingress", spec, version=version, more=more)).ingresses
    return ingress


def _rules(ingress: Ingress) -> list[tuple[str, str, str, str, int | str | None]]:
    return [(rule.host, rule.path, rule.path_type, rule.backend.service, rule.backend.port) for rule in ingress.rules]


def test_rules_tls_and_the_default_backend() -> None:
    ingress = _ingress(
        "ingressClassName: nginx\ntls: [{hosts: [a.example.com], secretName: cert}]\n"
        "defaultBackend: {service: {name: rest, port: {number: 80}}}\n"
        "rules:\n- host: a.example.com\n  http:\n    paths:\n"
        "    - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {name: http}}}}\n"
        "    - {backend: {service: {name: web, port: {number: 8080}}}}\n"
    )
    assert (ingress.ingress_class, [(block.hosts, block.secret) for block in ingress.tls]) == (
        "nginx",
        [(("a.example.com",), "cert")],
    )
    assert _rules(ingress) == [
        ("a.example.com", "/api", "Prefix", "api", "http"),
        ("a.example.com", "/", "ImplementationSpecific", "web", 8080),
        ("", "", "", "rest", 80),
    ]


def test_the_forms_of_before_v1() -> None:
    ingress = _ingress(
        "backend: {serviceName: rest, servicePort: 80}\n"
        "rules: [{http: {paths: [{path: /, backend: {serviceName: web, servicePort: http}}]}}]",
        version="extensions/v1beta1",
        more="  annotations: {kubernetes.io/ingress.class: old}\n",
    )
    assert ingress.ingress_class == "old"
    assert _rules(ingress) == [("", "/", "ImplementationSpecific", "web", "http"), ("", "", "", "rest", 80)]


def test_a_backend_that_is_no_service_is_said() -> None:
    spec = "defaultBackend: {resource: {kind: Bucket, name: b}}"
    assert notes_of(document("Ingress", spec, version=API)) == ["6:19 a backend that is no Service cannot be followed"]


def test_classes() -> None:
    more = "  annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}\n"
    (found,) = facts_of(
        document("IngressClass", "controller: k8s.io/ingress-nginx", version=API, more=more)
    ).ingress_classes
    assert (found.name, found.controller, found.is_default) == ("x", "k8s.io/ingress-nginx", True)
