"""What manifests say, as frozen typed facts. Nothing here knows the topology or the renderer.

Every fact keeps a `Place`: the document it stands in and a pointer into it. Lines are looked up only when a
finding needs one (`Facts.locate`), because most runs report nothing and positions are slow to keep.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from solutio_topology.manifests.places import (
    Assumption,
    Document,
    Key,
    Labels,
    MadeObject,
    Operator,
    Place,
    Pointer,
    Requirement,
    Selector,
)
from solutio_topology.manifests.policy_facts import Peer, Policy, PolicyPort, PolicyRule
from solutio_topology.manifests.route_facts import (
    Backend,
    Gateway,
    Ingress,
    IngressClass,
    IngressRule,
    Listener,
    ParentRef,
    ReferenceGrant,
    Route,
    RouteRule,
    TlsBlock,
)


class Object(Struct, frozen=True):
    """Any object, as read. `body` is the parsed document and must not be changed."""

    key: Key
    version: str
    labels: Labels
    annotations: Labels
    body: dict[str, Any]
    place: Place


class ContainerPort(Struct, frozen=True, gc=False):
    """A port that a container declares."""

    number: int
    protocol: str
    name: str
    host_port: int
    place: Place


class EnvVar(Struct, frozen=True, gc=False):
    """One environment variable: a literal `value`, or a reference to a key of a Secret or ConfigMap, or a field."""

    name: str
    value: str | None
    source_kind: str
    """``Secret``, ``ConfigMap``, ``field``, ``resource`` or empty for a literal."""
    source_name: str
    source_key: str
    optional: bool
    place: Place


class Reference(Struct, frozen=True, gc=False):
    """A mention of another object by name: ``envFrom``, a volume, an imagePullSecret, a service account."""

    kind: str
    name: str
    keys: tuple[str, ...]
    optional: bool
    place: Place


class Container(Struct, frozen=True):
    """A container of a pod template, init containers and sidecars included (`init`)."""

    name: str
    image: str
    init: bool
    ports: tuple[ContainerPort, ...]
    env: tuple[EnvVar, ...]
    body: dict[str, Any]
    place: Place


class Workload(Struct, frozen=True):
    """Pods that share an owner and a template: Pod, Deployment, StatefulSet, DaemonSet, Job, CronJob …

    A Pod with an owner is named after its owner. Pods of one owner with different labels are different
    workloads with one name. `labels` are those of the pods, not of the owner; `selector` the owner's (None for
    Pod, Job and CronJob without one). `assumed` is set on what only a controller makes.
    """

    key: Key
    labels: Labels
    object_labels: Labels
    annotations: Labels
    selector: Selector | None
    replicas: int
    containers: tuple[Container, ...]
    references: tuple[Reference, ...]
    service_account: str
    host_network: bool
    pod_spec: dict[str, Any]
    place: Place
    pod_place: Place
    """Where the pod spec stands."""
    assumed: Assumption | None = None
    maker: str = ""
    """What makes it, where no person writes it: a HelmRelease, an operator's object. Empty for what people write."""


class ServicePort(Struct, frozen=True, gc=False):
    """A port of a Service. `target` is a number or a container port name."""

    number: int
    protocol: str
    name: str
    target: int | str
    node_port: int
    app_protocol: str
    place: Place


class Service(Struct, frozen=True):
    """A Service. `selector` None: it has none, its endpoints are the EndpointSlices of its name."""

    key: Key
    labels: Labels
    annotations: Labels
    type: str
    headless: bool
    external_name: str
    selector: Labels | None
    ports: tuple[ServicePort, ...]
    source_ranges: tuple[str, ...]
    traffic_policy: str
    place: Place
    assumed: Assumption | None = None
    maker: str = ""
    """As of a workload."""


class EndpointSlice(Struct, frozen=True):
    """Addresses and ports behind a Service without a selector."""

    key: Key
    service: str
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int, str], ...]
    """(name, number, protocol)."""
    place: Place


class KeyedObject(Struct, frozen=True):
    """A ConfigMap or Secret and the keys it will hold, or what will make one (ExternalSecret, Certificate,
    CloudNativePG's generated secret): then `maker` names it and `keys` None means that they are not known."""

    key: Key
    keys: tuple[str, ...] | None
    data: dict[str, str]
    """The literal data of a ConfigMap; always empty for a Secret: values are never kept."""
    maker: str
    place: Place
    assumed: Assumption | None = None


class Build(Struct, frozen=True):
    """A kustomization.yaml: which files of its folder are applied, and how they are changed on the way.

    `body` empty: the file holds nothing.
    """

    folder: str
    body: dict[str, Any]
    place: Place


class Unreadable(Struct, frozen=True):
    """Something that is not an object, said with its place: never skipped in silence."""

    message: str
    remedy: str
    place: Place


class Facts(Struct, frozen=True):
    """Everything that a set of manifests says. Build it with `manifests.read`."""

    documents: tuple[Document, ...]
    objects: tuple[Object, ...]
    namespaces: dict[str, Labels]
    """Labels per namespace, declared or only mentioned; ``kubernetes.io/metadata.name`` is always there."""
    workloads: tuple[Workload, ...]
    services: tuple[Service, ...]
    endpoint_slices: tuple[EndpointSlice, ...]
    ingresses: tuple[Ingress, ...]
    ingress_classes: tuple[IngressClass, ...]
    gateways: tuple[Gateway, ...]
    routes: tuple[Route, ...]
    reference_grants: tuple[ReferenceGrant, ...]
    policies: tuple[Policy, ...]
    keyed: tuple[KeyedObject, ...]
    unreadable: tuple[Unreadable, ...]
    builds: tuple[Build, ...] = ()
    undecided: tuple[Unreadable, ...] = ()
    """Objects that make pods or connections which nothing here models (an unknown HelmRelease or controller)."""
    made: tuple[Object, ...] = ()
    """Objects that charts at hand make: evidence of what is in the cluster, in no file of the manifests."""
    unexpanded: tuple[Unreadable, ...] = ()
    """HelmReleases whose chart is at hand in another version, or that helm does not expand, and why."""

    def everything(self) -> tuple[Object, ...]:
        """All objects, those that charts make included."""
        return self.objects + self.made


__all__ = [
    "Assumption",
    "Backend",
    "Build",
    "Container",
    "ContainerPort",
    "Document",
    "EndpointSlice",
    "EnvVar",
    "Facts",
    "Gateway",
    "Ingress",
    "IngressClass",
    "IngressRule",
    "Key",
    "KeyedObject",
    "Labels",
    "Listener",
    "MadeObject",
    "Object",
    "Operator",
    "ParentRef",
    "Peer",
    "Place",
    "Pointer",
    "Policy",
    "PolicyPort",
    "PolicyRule",
    "Reference",
    "ReferenceGrant",
    "Requirement",
    "Route",
    "RouteRule",
    "Selector",
    "Service",
    "ServicePort",
    "TlsBlock",
    "Unreadable",
    "Workload",
]
