"""How requests come in: Ingresses and the Gateway API, as facts."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.places import Assumption, Key, Labels, Place, Selector


class Backend(Struct, frozen=True):
    """Where an Ingress or a route sends requests. `port` is a number, a Service port's name or None."""

    service: str
    namespace: str
    port: int | str | None
    place: Place
    copies: bool = False
    """It gets copies of the requests, and its answers are dropped (a route's RequestMirror)."""


class IngressRule(Struct, frozen=True):
    """One path of one host of an Ingress; the defaultBackend has empty host and path."""

    host: str
    path: str
    path_type: str
    backend: Backend
    place: Place


class TlsBlock(Struct, frozen=True):
    """The hosts that one Secret's certificate serves."""

    hosts: tuple[str, ...]
    secret: str
    place: Place


class Ingress(Struct, frozen=True):
    """An Ingress. `ingress_class` is the spec field, else the old annotation, else empty."""

    key: Key
    labels: Labels
    annotations: Labels
    ingress_class: str
    rules: tuple[IngressRule, ...]
    tls: tuple[TlsBlock, ...]
    place: Place


class IngressClass(Struct, frozen=True):
    """An IngressClass and the controller that serves it."""

    name: str
    controller: str
    is_default: bool
    place: Place
    assumed: Assumption | None = None


class Listener(Struct, frozen=True):
    """A listener of a Gateway. `allowed_from` is Same, All, None or Selector (then `allowed_selector`)."""

    name: str
    hostname: str
    port: int
    protocol: str
    tls_mode: str
    certificates: tuple[tuple[str, str], ...]
    """(namespace, Secret name)."""
    allowed_from: str
    allowed_selector: Selector | None
    allowed_kinds: tuple[str, ...]
    place: Place


class Gateway(Struct, frozen=True):
    """A Gateway of the Gateway API."""

    key: Key
    labels: Labels
    annotations: Labels
    gateway_class: str
    listeners: tuple[Listener, ...]
    infrastructure_annotations: Labels
    place: Place


class ParentRef(Struct, frozen=True):
    """The Gateway (and listener) that a route attaches to."""

    kind: str
    namespace: str
    name: str
    section: str
    port: int | None
    place: Place


class RouteRule(Struct, frozen=True):
    """One rule of a route: its path matches (type, value) and its backends."""

    matches: tuple[tuple[str, str], ...]
    backends: tuple[Backend, ...]
    place: Place


class Route(Struct, frozen=True):
    """An HTTPRoute, GRPCRoute or TLSRoute (`key.kind`)."""

    key: Key
    labels: Labels
    annotations: Labels
    parents: tuple[ParentRef, ...]
    hostnames: tuple[str, ...]
    rules: tuple[RouteRule, ...]
    place: Place


class ReferenceGrant(Struct, frozen=True):
    """Who from another namespace may point at what in this one."""

    key: Key
    sources: tuple[tuple[str, str, str], ...]
    """(group, kind, namespace)."""
    targets: tuple[tuple[str, str, str], ...]
    """(group, kind, name or empty for all)."""
    place: Place
