"""The Gateway API: which listener takes a route, for which hosts, and where its rules lead."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from solutio_topology.manifests.facts import Backend, Gateway, Listener, ParentRef, Place, Route, RouteRule
from solutio_topology.reach.backends import Lead, lead
from solutio_topology.reach.controllers import Controllers
from solutio_topology.reach.labels import matches
from solutio_topology.reach.routing import ServiceMap
from solutio_topology.reach.wiring import Controller, HttpRoute, Problem

_GROUP = "gateway.networking.k8s.io"
_PROTOCOLS = {
    "HTTPRoute": ("HTTP", ("HTTP", "HTTPS")),
    "GRPCRoute": ("GRPC", ("HTTP", "HTTPS")),
    "TLSRoute": ("TLS", ("TLS",)),
}
_PATH_TYPES = {"PathPrefix": "Prefix"}


class _Attachment(Struct, frozen=True):
    """A route on one listener for one host, or on none, with the reason."""

    host: str
    gateway: Gateway | None
    listener: Listener | None
    controller: Controller
    problems: tuple[Problem, ...]


def gateway_routes(services: ServiceMap, controllers: Controllers) -> list[HttpRoute]:
    """Every host and path of every HTTPRoute, GRPCRoute and TLSRoute, per listener that takes it."""
    gateways = {(each.key.namespace, each.key.name): each for each in services.facts.gateways}
    found: list[HttpRoute] = []
    for route in services.facts.routes:
        for parent in route.parents:
            if parent.kind != "Gateway":
                continue
            gateway = gateways.get((parent.namespace or route.key.namespace, parent.name))
            for attachment in _attach(services, controllers, route, parent, gateway):
                for rule in route.rules:
                    found += _rule(services, route, rule, attachment)
    return found


def _rule(services: ServiceMap, route: Route, rule: RouteRule, attachment: _Attachment) -> Iterator[HttpRoute]:
    anything = (("", ""),) if route.key.kind == "TLSRoute" else (("PathPrefix", "/"),)
    for path_type, path in anything if route.key.kind == "TLSRoute" else rule.matches or anything:
        for backend in rule.backends or (None,):
            yield _route(services, route, rule, attachment, (path_type, path), backend)


def _route(
    services: ServiceMap,
    route: Route,
    rule: RouteRule,
    attachment: _Attachment,
    path: tuple[str, str],
    backend: Backend | None,
) -> HttpRoute:
    found = _lead(services, route, rule, backend)
    certificates = _served_with(attachment.listener) if attachment.listener else ()
    return HttpRoute(
        host=attachment.host,
        path=path[1],
        path_type=_PATH_TYPES.get(path[0], path[0]),
        tls_secret="/".join(certificates[0]) if certificates else "",
        source=route.key,
        place=rule.place,
        controller=attachment.controller,
        backend=f"{backend.namespace or route.key.namespace}/{backend.service}" if backend else "",
        service=found.service,
        service_port=found.port,
        targets=found.targets,
        problems=(*attachment.problems, *found.problems),
        listener=attachment.listener.place if attachment.listener else None,
        gateway=attachment.gateway.key if attachment.gateway else None,
        protocol=_PROTOCOLS.get(route.key.kind, ("HTTP", ()))[0],
        copies=backend is not None and backend.copies,
    )


def _served_with(listener: Listener) -> tuple[tuple[str, str], ...]:
    """The certificates that a listener answers with: none where it does not end TLS itself."""
    ends_tls = listener.protocol in {"HTTPS", "TLS"} and listener.tls_mode != "Passthrough"
    return listener.certificates if ends_tls else ()


def _lead(services: ServiceMap, route: Route, rule: RouteRule, backend: Backend | None) -> Lead:
    if backend is None:
        statement = f"{route.key} leads to no backend here (a redirect, or status 500)"
        return Lead(None, None, (), (Problem("no-backend", statement, rule.place, fatal=False),))
    found = lead(services, backend)
    if backend.namespace in ("", route.key.namespace):
        return found
    source = (_GROUP, route.key.kind, route.key.namespace)
    if _granted(services, source, ("", "Service", backend.service), backend.namespace):
        return found
    statement = (
        f"{route.key} points at Service {backend.namespace}/{backend.service}, "
        f"and no ReferenceGrant in {backend.namespace} lets it"
    )
    problem = Problem("backend-not-granted", statement, backend.place)
    return Lead(found.service, found.port, found.targets, (problem, *found.problems))


def _granted(services: ServiceMap, source: tuple[str, str, str], target: tuple[str, str, str], namespace: str) -> bool:
    """Whether a ReferenceGrant of the target's namespace lets the source point at it."""
    group, kind, name = target
    return any(
        grant.key.namespace == namespace
        and source in grant.sources
        and any(each in ((group, kind, ""), (group, kind, name)) for each in grant.targets)
        for grant in services.facts.reference_grants
    )


def _attach(
    services: ServiceMap, controllers: Controllers, route: Route, parent: ParentRef, gateway: Gateway | None
) -> list[_Attachment]:
    """The listeners that take a route from one parentRef; one failed attachment a host when there is none."""
    if gateway is None:
        namespace = parent.namespace or route.key.namespace
        statement = f"{route.key} attaches to Gateway {namespace}/{parent.name}, which does not exist"
        nobody = Controller("", reason="there is no such Gateway")
        return _failed(route, None, nobody, Problem("gateway-missing", statement, parent.place))
    controller = controllers.of_gateway(gateway)
    listeners, problem = _listeners(services, route, parent, gateway)
    found = [
        _Attachment(host, gateway, listener, controller, _certificate_problems(services, gateway, listener))
        for listener in listeners
        for host in hosts_of(listener.hostname, route.hostnames)
    ]
    if found or problem is None:
        return found
    return _failed(route, gateway, controller, problem)


def _failed(route: Route, gateway: Gateway | None, controller: Controller, problem: Problem) -> list[_Attachment]:
    return [_Attachment(host, gateway, None, controller, (problem,)) for host in route.hostnames or ("",)]


def _listeners(
    services: ServiceMap, route: Route, parent: ParentRef, gateway: Gateway
) -> tuple[list[Listener], Problem | None]:
    """The listeners that take a route; with the first thing that rules all of them out."""
    left = list(gateway.listeners)
    tests = (
        ("listener-missing", "is named by the parentRef", _is_meant),
        ("protocol-mismatch", "speaks the route's protocol and allows its kind", _speaks),
        ("namespace-not-allowed", f"allows routes of namespace {route.key.namespace}", _allows),
        ("hostname-mismatch", f"serves {', '.join(route.hostnames) or 'any host'}", _shares_host),
    )
    for kind, said, test in tests:
        kept = [each for each in left if test(services, route, parent, gateway, each)]
        if not kept:
            places: tuple[Place, ...] = tuple(each.place for each in left)
            statement = f"{route.key}: no listener of {gateway.key} {said}"
            return [], Problem(kind, statement, parent.place, related=places or (gateway.place,))
        left = kept
    return left, None


def _is_meant(_: ServiceMap, route: Route, parent: ParentRef, gateway: Gateway, listener: Listener) -> bool:
    del route, gateway
    return parent.section in ("", listener.name) and parent.port in (None, listener.port)


def _speaks(_: ServiceMap, route: Route, parent: ParentRef, gateway: Gateway, listener: Listener) -> bool:
    del parent, gateway
    spoken = _PROTOCOLS.get(route.key.kind, ("", ()))[1]
    return listener.protocol in spoken and (not listener.allowed_kinds or route.key.kind in listener.allowed_kinds)


def _allows(services: ServiceMap, route: Route, parent: ParentRef, gateway: Gateway, listener: Listener) -> bool:
    del parent
    match listener.allowed_from:
        case "All":
            return True
        case "None":
            return False
        case "Selector":
            labels = services.facts.namespaces.get(route.key.namespace, {})
            return listener.allowed_selector is not None and matches(listener.allowed_selector, labels)
    return route.key.namespace == gateway.key.namespace


def _shares_host(_: ServiceMap, route: Route, parent: ParentRef, gateway: Gateway, listener: Listener) -> bool:
    del parent, gateway
    return bool(hosts_of(listener.hostname, route.hostnames))


def hosts_of(listener: str, hostnames: tuple[str, ...]) -> list[str]:
    """The hosts that a listener serves for a route: the intersection of their names. Empty text is any host."""
    if not hostnames:
        return [listener]
    return [both for name in hostnames if (both := _common(listener, name)) is not None]


def _common(listener: str, name: str) -> str | None:
    if not listener or listener == name:
        return name
    if _is_under(name, listener):
        return name
    return listener if _is_under(listener, name) else None


def _is_under(name: str, wildcard: str) -> bool:
    """Whether a name (or narrower wildcard) is under ``*.domain``; the star stands for one or more labels."""
    return wildcard.startswith("*.") and name.removeprefix("*").endswith(wildcard[1:]) and name != wildcard


def _certificate_problems(services: ServiceMap, gateway: Gateway, listener: Listener) -> tuple[Problem, ...]:
    """Certificates of other namespaces need a ReferenceGrant."""
    source = (_GROUP, "Gateway", gateway.key.namespace)
    return tuple(
        Problem(
            "certificate-not-granted",
            f"{gateway.key} uses Secret {namespace}/{name}, and no ReferenceGrant in {namespace} lets it",
            listener.place,
        )
        for namespace, name in listener.certificates
        if namespace != gateway.key.namespace and not _granted(services, source, ("", "Secret", name), namespace)
    )
