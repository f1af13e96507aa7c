"""How requests come in: Ingresses and the Gateway API, as facts."""

from __future__ import annotations

from dataclasses import dataclass

from solutio_topology.manifests.places import Assumption, Key, Labels, Place, Selector


@dataclass(frozen=True, slots=True)
class Backend:
    """Where an Ingress or a route sends requests. `port` is a number, a Service port's name or None."""

    service: str
    namespace: str
    port: int | str | None
    place: Place


@dataclass(frozen=True, slots=True)
class IngressRule:
    """One path of one host of an Ingress; the defaultBackend has empty host and path."""

    host: str
    path: str
    path_type: str
    backend: Backend
    place: Place


@dataclass(frozen=True, slots=True)
class TlsBlock:
    """The hosts that one Secret's certificate serves."""

    hosts: tuple[str, ...]
    secret: str
    place: Place


@dataclass(frozen=True, slots=True)
class Ingress:
    """An Ingress. `ingress_class` is the spec field, else the old annotation, else empty."""

    key: Key
    labels: Labels
    annotations: Labels
    ingress_class: str
    rules: tuple[IngressRule, ...]
    tls: tuple[TlsBlock, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class IngressClass:
    """An IngressClass and the controller that serves it."""

    name: str
    controller: str
    is_default: bool
    place: Place
    assumed: Assumption | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener of a Gateway. `allowed_from` is Same, All or Selector (then `allowed_selector`)."""

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


@dataclass(frozen=True, slots=True)
class Gateway:
    """A Gateway of the Gateway API."""

    key: Key
    labels: Labels
    annotations: Labels
    gateway_class: str
    listeners: tuple[Listener, ...]
    infrastructure_annotations: Labels
    place: Place


@dataclass(frozen=True, slots=True)
class ParentRef:
    """The Gateway (and listener) that a route attaches to."""

    kind: str
    namespace: str
    name: str
    section: str
    port: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One rule of a route: its path matches (type, value) and its backends."""

    matches: tuple[tuple[str, str], ...]
    backends: tuple[Backend, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTPRoute, GRPCRoute or TLSRoute (`key.kind`)."""

    key: Key
    labels: Labels
    annotations: Labels
    parents: tuple[ParentRef, ...]
    hostnames: tuple[str, ...]
    rules: tuple[RouteRule, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ReferenceGrant:
    """Who from another namespace may point at what in this one."""

    key: Key
    sources: tuple[tuple[str, str, str], ...]
    """(group, kind, namespace)."""
    targets: tuple[tuple[str, str, str], ...]
    """(group, kind, name or empty for all)."""
    place: Place
