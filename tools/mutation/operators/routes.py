"""Faults in Ingresses, Gateways, routes and certificates."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, add, drop, flip, misspell, put, swap
from tools.mutation.tree import Edit

_I, _R, _G = ("Ingress",), ("HTTPRoute", "GRPCRoute", "TLSRoute"), ("Gateway",)
_BACKEND = "spec/rules/*/http/paths/*/backend/service"


def _other_service(site: Site) -> Iterator[Any]:
    """The name of another Service of the namespace."""
    space = site.item.body["metadata"].get("namespace")
    names = [
        each.body["metadata"]["name"]
        for each in site.tree.of_kind("Service")
        if each.body["metadata"].get("namespace") == space and each.body["metadata"]["name"] != site.value
    ]
    yield from names[:2]


def _another_host(site: Site) -> Iterator[Any]:
    """The same rule once more, for a host of its own, and for every host."""
    for host in ("admin.example.org", None):
        rule = copy.deepcopy(site.value[0])
        rule.pop("host", None)
        yield [*site.value, {"host": host, **rule} if host else rule]


def _another_path(site: Site) -> Iterator[Any]:
    yield [*site.value, {**site.value[0], "path": "/debug"}]


def _default_backend(site: Site) -> Iterator[Any]:
    yield {**site.value, "defaultBackend": site.value["rules"][0]["http"]["paths"][0]["backend"]}


def _any_space(_site: Site) -> Iterator[Any]:
    yield {"namespaces": {"from": "All"}}
    yield {"namespaces": {"from": "Same"}}


def _elsewhere(site: Site) -> Iterator[Any]:
    """A reference across namespaces that no ReferenceGrant allows."""
    yield {**site.value, "namespace": "elsewhere"}
    yield {**site.value, "namespace": "kube-system"}


def _plain_listener(site: Site) -> Iterator[Any]:
    yield [
        *site.value,
        {"name": "plain", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}},
    ]


def _wide_source_ranges(site: Site) -> Iterator[Any]:
    if "/" in str(site.value) and str(site.value)[0].isdigit():
        parts = site.value.split(",")
        yield ",".join([*parts[:-1], "0.0.0.0/0"])
        yield ",".join(["198.51.100.0/24", *parts])
        yield ",".join(parts[1:])
        yield ""


def _wrong_grants(site: Site) -> Iterator[Edit]:
    """The certificate in a namespace of the tenant, and a ReferenceGrant that is wrong in one place."""
    home = site.item.body["metadata"]["namespace"]
    away = next(each.body["metadata"]["namespace"] for each in site.tree.of_kind("HTTPRoute"))
    made = next(copy.deepcopy(each.body) for each in site.tree.of_kind("Certificate"))
    made["metadata"]["namespace"] = away
    source = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": home}
    target = {"group": "", "kind": "Secret", "name": site.value["name"]}
    faults = [({**source, key: f"{value}x"}, target) for key, value in source.items()]
    faults += [(source, {**target, key: f"{value}x"}) for key, value in target.items()]
    for one, other in faults:
        body = {"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant"}
        grant = {**body, "metadata": {"name": "open", "namespace": away}, "spec": {"from": [one], "to": [other]}}
        yield Edit(site.pointer, {**site.value, "namespace": away}, (made, grant))


def _granted(site: Site) -> Iterator[Edit]:
    """A ReferenceGrant that lets other namespaces refer to this one's Secrets."""
    space = site.item.body["metadata"]["namespace"]
    spec = {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "elsewhere"}],
        "to": [{"group": "", "kind": "Service"}],
    }
    body = {"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant"}
    yield Edit((), None, ({**body, "metadata": {"name": "open", "namespace": space}, "spec": spec},))


OPERATORS = (
    Operator("ingress-host", "another host", _I, "spec/rules/*/host", misspell),
    Operator("ingress-host-any", "every host, and a wildcard", _I, "spec/rules/*/host", put("*.example.org")),
    Operator("ingress-host-drop", "no host", _I, "spec/rules/*/host", drop),
    Operator("ingress-host-add", "one more host", _I, "spec/rules", _another_host),
    Operator("ingress-path", "another path", _I, "spec/rules/*/http/paths/*/path", put("/other")),
    Operator("ingress-path-add", "one more path", _I, "spec/rules/*/http/paths", _another_path),
    Operator(
        "ingress-path-type",
        "another path type",
        _I,
        "spec/rules/*/http/paths/*/pathType",
        swap(Prefix="Exact", Exact="Prefix"),
    ),
    Operator("ingress-path-drop", "a path is gone", _I, "spec/rules/*/http/paths/*", drop),
    Operator("ingress-rule-drop", "a rule is gone", _I, "spec/rules/*", drop),
    Operator("ingress-class", "another class", _I, "spec/ingressClassName", misspell),
    Operator("ingress-class-drop", "no class", _I, "spec/ingressClassName", drop),
    Operator("ingress-backend", "a backend that is not there", _I, f"{_BACKEND}/name", misspell),
    Operator("ingress-backend-other", "someone else's Service", _I, f"{_BACKEND}/name", _other_service),
    Operator("ingress-backend-port", "another port of the backend", _I, f"{_BACKEND}/port/*", misspell),
    Operator("ingress-default-backend", "requests for every host", _I, "spec", _default_backend),
    Operator("ingress-tls-host", "a certificate for another host", _I, "spec/tls/*/hosts/*", misspell),
    Operator("ingress-tls-drop", "no certificate", _I, "spec/tls", drop),
    Operator("ingress-tls-secret", "another Secret for the certificate", _I, "spec/tls/*/secretName", misspell),
    Operator("ingress-annotation", "another annotation", _I, "metadata/annotations/*", misspell),
    Operator("ingress-annotation-flip", "an annotation says the opposite", _I, "metadata/annotations/*", flip),
    Operator("ingress-annotation-drop", "an annotation is gone", _I, "metadata/annotations/*", drop),
    Operator(
        "ingress-annotation-add",
        "an annotation that changes what is served",
        _I,
        "metadata/annotations",
        lambda s: (
            {**s.value, f"nginx.ingress.kubernetes.io/{k}": v}
            for k, v in {
                "backend-protocol": "HTTPS",
                "rewrite-target": "/x",
                "whitelist-source-range": "10.0.0.0/8",
                "configuration-snippet": "return 200;",
                "permanent-redirect": "https://example.org",
                "canary": "true",
            }.items()
        ),
    ),
    Operator("route-host", "another host", _R, "spec/hostnames/*", misspell),
    Operator("route-host-drop", "no hosts", _R, "spec/hostnames", drop),
    Operator("route-host-add", "one more host", _R, "spec/hostnames", add("admin.example.org")),
    Operator("route-parent", "another Gateway", _R, "spec/parentRefs/*/name|namespace|sectionName", misspell),
    Operator(
        "route-parent-drop",
        "no Gateway",
        _R,
        "spec/parentRefs",
        drop,
    ),
    Operator("route-section-drop", "any listener of the Gateway", _R, "spec/parentRefs/*/sectionName", drop),
    Operator("route-parent-space", "the Gateway of its own namespace", _R, "spec/parentRefs/*/namespace", drop),
    Operator("route-backend", "another backend, or another port", _R, "spec/rules/*/backendRefs/*/name|port", misspell),
    Operator("route-backend-other", "someone else's Service", _R, "spec/rules/*/backendRefs/*/name", _other_service),
    Operator(
        "route-backend-space", "a backend that no ReferenceGrant allows", _R, "spec/rules/*/backendRefs/*", _elsewhere
    ),
    Operator(
        "route-backend-kind",
        "a backend of another kind",
        _R,
        "spec/rules/*/backendRefs/*",
        lambda s: iter([{**s.value, "kind": "Bucket", "group": "example.org"}]),
    ),
    Operator(
        "route-backend-weight",
        "a backend that gets no requests",
        _R,
        "spec/rules/*/backendRefs/*",
        lambda s: iter([{**s.value, "weight": 0}]),
    ),
    Operator("route-backend-drop", "no backend", _R, "spec/rules/*/backendRefs/*", drop),
    Operator("route-path", "another path", _R, "spec/rules/*/matches/*/path/value", put("/other")),
    Operator(
        "route-path-type",
        "another way to match the path",
        _R,
        "spec/rules/*/matches/*/path/type",
        swap(PathPrefix="Exact", Exact="PathPrefix"),
    ),
    Operator(
        "route-match-header",
        "only requests with a header",
        _R,
        "spec/rules/*/matches/*",
        lambda s: iter([{**s.value, "headers": [{"name": "x-canary", "value": "1"}]}]),
    ),
    Operator(
        "route-filter",
        "requests are sent elsewhere",
        _R,
        "spec/rules/*",
        lambda s: iter(
            [{**s.value, "filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": "example.org"}}]}]
        ),
    ),
    Operator("route-annotation", "another annotation", _R, "metadata/annotations/*", misspell),
    Operator("route-annotation-flip", "an annotation says the opposite", _R, "metadata/annotations/*", flip),
    Operator("route-annotation-drop", "an annotation is gone", _R, "metadata/annotations/*", drop),
    Operator("gateway-class", "another class", _G, "spec/gatewayClassName", misspell),
    Operator("gateway-listener-port", "another port", _G, "spec/listeners/*/port", misspell),
    Operator("gateway-listener-name", "another name", _G, "spec/listeners/*/name", misspell),
    Operator("gateway-listener-host", "another host", _G, "spec/listeners/*/hostname", misspell),
    Operator("gateway-listener-any-host", "every host", _G, "spec/listeners/*/hostname", drop),
    Operator("gateway-listener-protocol", "another protocol", _G, "spec/listeners/*/protocol", put("HTTP", "TCP")),
    Operator("gateway-listener-drop", "a listener is gone", _G, "spec/listeners/*", drop),
    Operator("gateway-listener-add", "one more listener", _G, "spec/listeners", _plain_listener),
    Operator("gateway-tls-mode", "another TLS mode", _G, "spec/listeners/*/tls/mode", swap(Terminate="Passthrough")),
    Operator("gateway-tls-drop", "no certificate", _G, "spec/listeners/*/tls", drop),
    Operator("gateway-certificate", "another certificate", _G, "spec/listeners/*/tls/certificateRefs/*/name", misspell),
    Operator(
        "gateway-certificate-space",
        "a certificate that no ReferenceGrant allows",
        _G,
        "spec/listeners/*/tls/certificateRefs/*",
        _elsewhere,
    ),
    Operator("gateway-routes", "routes of other namespaces", _G, "spec/listeners/*/allowedRoutes", _any_space),
    Operator(
        "gateway-routes-selector",
        "routes of other namespaces by label",
        _G,
        "spec/listeners/*/allowedRoutes/**/matchLabels/*",
        misspell,
    ),
    Operator("gateway-routes-drop", "only routes of its own namespace", _G, "spec/listeners/*/allowedRoutes", drop),
    Operator("gateway-ranges", "other source ranges", _G, "spec/infrastructure/annotations/*", _wide_source_ranges),
    Operator("gateway-ranges-drop", "no source ranges", _G, "spec/infrastructure/annotations/*", drop),
    Operator("gateway-annotations-drop", "nothing for the load balancer", _G, "spec/infrastructure", drop),
    Operator("certificate-name", "a certificate for another host", ("Certificate",), "spec/dnsNames/*", misspell),
    Operator("certificate-secret", "a certificate in another Secret", ("Certificate",), "spec/secretName", misspell),
    Operator("certificate-issuer", "another issuer", ("Certificate",), "spec/issuerRef/*", misspell),
    Operator(
        "grant-wrong",
        "a certificate of another namespace, and a grant that is for something else",
        _G,
        "spec/listeners/*/tls/certificateRefs/*",
        _wrong_grants,
    ),
    Operator("grant-add", "a grant that nobody needs", _R, "spec", _granted),
)
