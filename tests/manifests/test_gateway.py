from __future__ import annotations

from solutio_topology.manifests.facts import Operator, Requirement, Selector

from .reading import document, facts_of, notes_of

API = "gateway.networking.k8s.io/v1"


def test_a_listener_with_defaults_and_one_with_everything() -> None:
    spec = """\
gatewayClassName: cilium
infrastructure: {annotations: {lb: x}}
listeners:
- {name: http, port: 80, protocol: HTTP}
- name: https
  port: 443
  protocol: HTTPS
  hostname: '*.example.com'
  tls: {certificateRefs: [{name: own}, {name: far, namespace: certs}]}
  allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {team: a}}}, kinds: [{kind: HTTPRoute}]}
"""
    (gateway,) = facts_of(document("Gateway", spec, version=API)).gateways
    plain, full = gateway.listeners
    assert (gateway.gateway_class, gateway.infrastructure_annotations) == ("cilium", {"lb": "x"})
    assert (plain.hostname, plain.tls_mode, plain.certificates, plain.allowed_from) == ("", "", (), "Same")
    assert (full.hostname, full.tls_mode) == ("*.example.com", "Terminate")
    assert full.certificates == (("default", "own"), ("certs", "far"))
    assert (full.allowed_from, full.allowed_selector, full.allowed_kinds) == (
        "Selector",
        Selector((Requirement("team", Operator.IN, ("a",)),)),
        ("HTTPRoute",),
    )


def test_a_route_with_defaults_and_one_with_everything() -> None:
    bare = document(
        "HTTPRoute", "parentRefs: [{name: g}]\nrules: [{backendRefs: [{name: web, port: 80}]}]", version=API
    )
    full = document(
        "GRPCRoute",
        "hostnames: [a.example.com]\n"
        "parentRefs: [{kind: Gateway, name: g, namespace: edge, sectionName: https, port: 443}]\n"
        "rules:\n- matches: [{path: {type: Exact, value: /api}}, {path: {value: /web}}, {method: GET}]\n"
        "  backendRefs: [{name: web, namespace: shop, port: 80}, {name: dark, port: 80, weight: 0}]\n",
        version=API,
    )
    first, second = facts_of(f"{bare}---\n{full}").routes
    (parent,), (rule,) = first.parents, first.rules
    assert (parent.kind, parent.namespace, parent.section, parent.port) == ("Gateway", "default", "", None)
    assert (rule.matches, rule.backends[0].namespace) == ((("PathPrefix", "/"),), "default")
    (parent,), (rule,) = second.parents, second.rules
    assert (parent.namespace, parent.section, parent.port) == ("edge", "https", 443)
    assert rule.matches == (("Exact", "/api"), ("PathPrefix", "/web"), ("PathPrefix", "/"))
    assert [(each.service, each.namespace, each.port) for each in rule.backends] == [("web", "shop", 80)]


def test_who_gets_copies_of_requests_is_a_backend_that_is_told_apart() -> None:
    mirror = "filters: [{type: RequestMirror, requestMirror: {backendRef: {name: %s, port: 80}}}]"
    spec = f"rules: [{{{mirror % 'all'}, backendRefs: [{{name: web, port: 80, {mirror % 'web-only'}}}]}}]"
    ((rule,),) = (route.rules for route in facts_of(document("HTTPRoute", spec, version=API)).routes)
    assert [(each.service, each.copies) for each in rule.backends] == [
        ("all", True),
        ("web", False),
        ("web-only", True),
    ]


def test_grants() -> None:
    spec = "from: [{group: g, kind: HTTPRoute, namespace: shop}]\nto: [{group: '', kind: Service}]"
    (grant,) = facts_of(document("ReferenceGrant", spec, version="gateway.networking.k8s.io/v1beta1")).reference_grants
    assert (grant.sources, grant.targets) == ((("g", "HTTPRoute", "shop"),), (("", "Service", ""),))


def test_a_backend_of_another_kind_is_said() -> None:
    spec = "rules: [{backendRefs: [{kind: Bucket, name: b}]}]"
    assert notes_of(document("HTTPRoute", spec, version=API)) == ["6:26 a backend of kind Bucket cannot be followed"]
