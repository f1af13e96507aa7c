"""The Gateway API: Gateways, HTTP, gRPC and TLS routes, reference grants, with the API's defaults."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import (
    Backend,
    Gateway,
    Listener,
    Object,
    ParentRef,
    ReferenceGrant,
    Route,
    RouteRule,
)
from solutio_topology.manifests.selectors import optional_selector


def read_gateway(source: Object, at: Cursor, into: Collector) -> None:
    """A Gateway."""
    spec = at.get("spec")
    into.gateways.append(
        Gateway(
            key=source.key,
            labels={**into.identity, **source.labels},
            annotations=source.annotations,
            gateway_class=spec.text("gatewayClassName"),
            listeners=tuple(_listener(item, source.key.namespace) for item in spec.items("listeners")),
            infrastructure_annotations=spec.get("infrastructure").labels("annotations"),
            place=source.place,
        )
    )


def _listener(at: Cursor, namespace: str) -> Listener:
    tls = at.get("tls")
    allowed = at.get("allowedRoutes")
    return Listener(
        name=at.text("name"),
        hostname=at.text("hostname"),
        port=at.number("port"),
        protocol=at.text("protocol"),
        tls_mode=tls.text("mode", "Terminate") if tls else "",
        certificates=tuple(
            (ref.text("namespace", namespace), ref.text("name")) for ref in tls.items("certificateRefs")
        ),
        allowed_from=allowed.get("namespaces").text("from", "Same"),
        allowed_selector=optional_selector(allowed.get("namespaces", "selector")),
        allowed_kinds=tuple(kind.text("kind") for kind in allowed.items("kinds")),
        place=at.place,
    )


def read_route(source: Object, at: Cursor, into: Collector) -> None:
    """An HTTPRoute, GRPCRoute or TLSRoute."""
    spec = at.get("spec")
    into.routes.append(
        Route(
            key=source.key,
            labels={**into.identity, **source.labels},
            annotations=source.annotations,
            parents=tuple(_parent(item, source.key.namespace) for item in spec.items("parentRefs")),
            hostnames=spec.texts("hostnames"),
            rules=tuple(_rule(item, source.key.namespace) for item in spec.items("rules")),
            place=source.place,
        )
    )


def _parent(at: Cursor, namespace: str) -> ParentRef:
    return ParentRef(
        kind=at.text("kind", "Gateway"),
        namespace=at.text("namespace", namespace),
        name=at.text("name"),
        section=at.text("sectionName"),
        port=at.number("port") or None,
        place=at.place,
    )


def _rule(at: Cursor, namespace: str) -> RouteRule:
    return RouteRule(
        matches=tuple(_matches(at)) or (("PathPrefix", "/"),),
        backends=tuple(_backends(at, namespace)),
        place=at.place,
    )


def _matches(at: Cursor) -> Iterator[tuple[str, str]]:
    for match in at.items("matches"):
        path = match.get("path")
        yield path.text("type", "PathPrefix"), path.text("value", "/")


def _backends(at: Cursor, namespace: str) -> Iterator[Backend]:
    yield from _mirrors(at, namespace)
    for ref in at.items("backendRefs"):
        if ref.number("weight", 1) == 0:
            continue  # It gets no request: the API says so of this weight.
        yield from _backend(ref, namespace)
        yield from _mirrors(ref, namespace)


def _mirrors(at: Cursor, namespace: str) -> Iterator[Backend]:
    """Who gets copies of the requests of a rule, or of a backend."""
    for item in at.items("filters"):
        if ref := item.get("requestMirror", "backendRef"):
            yield from _backend(ref, namespace, copies=True)


def _backend(ref: Cursor, namespace: str, *, copies: bool = False) -> Iterator[Backend]:
    if ref.text("kind", "Service") != "Service":
        ref.note(f"a backend of kind {ref.text('kind')} cannot be followed", "use a Service")
        return
    port = ref.number("port") or None
    yield Backend(ref.text("name"), ref.text("namespace", namespace), port, ref.place, copies)


def read_reference_grant(source: Object, at: Cursor, into: Collector) -> None:
    """A ReferenceGrant."""
    spec = at.get("spec")
    into.reference_grants.append(
        ReferenceGrant(
            key=source.key,
            sources=tuple(
                (item.text("group"), item.text("kind"), item.text("namespace")) for item in spec.items("from")
            ),
            targets=tuple((item.text("group"), item.text("kind"), item.text("name")) for item in spec.items("to")),
            place=source.place,
        )
    )
