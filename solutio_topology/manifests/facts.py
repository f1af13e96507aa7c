"""What manifests say, as frozen typed facts. Nothing here knows the topology or the renderer.

Every fact keeps a `Place`: the document it stands in and a pointer into it. Lines are looked up only when a
finding needs one (`Facts.locate`), because most runs report nothing and positions are slow to keep.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Pointer = tuple[str | int, ...]
Labels = dict[str, str]


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: the file it stands in (as people see it), which one of the file, and its bytes."""

    file: str
    index: int
    text: bytes
    line: int
    """The line of the file on which the document starts, from 1; of what cannot be read, the line of the fault."""
    column: int = 1
    """The column of the fault, of what cannot be read."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands. `item` is the position inside a ``List`` object, else None."""

    document: int
    pointer: Pointer = ()

    def at(self, *steps: str | int) -> Place:
        """The place of something below this one."""
        return Place(self.document, self.pointer + steps)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What makes an object that object. `namespace` is empty for cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a fact rests on that the YAML does not hold: a short name, a sentence, and where it comes from."""

    name: str
    statement: str
    source: str


@dataclass(frozen=True, slots=True)
class Object:
    """Any object, as read. `body` is the parsed document and must not be changed."""

    key: Key
    version: str
    labels: Labels
    annotations: Labels
    body: dict[str, Any]
    place: Place


class Operator(StrEnum):
    """The operators of a label selector expression."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a selector. An absent key satisfies NotIn and DoesNotExist."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector: all requirements hold. Without any it selects everything; an *absent* selector is None."""

    requirements: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container declares."""

    number: int
    protocol: str
    name: str
    host_port: int
    place: Place


@dataclass(frozen=True, slots=True)
class EnvVar:
    """One environment variable: a literal `value`, or a reference to a key of a Secret or ConfigMap, or a field."""

    name: str
    value: str | None
    source_kind: str
    """``Secret``, ``ConfigMap``, ``field``, ``resource`` or empty for a literal."""
    source_name: str
    source_key: str
    optional: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """A mention of another object by name: ``envFrom``, a volume, an imagePullSecret, a service account."""

    kind: str
    name: str
    keys: tuple[str, ...]
    optional: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod template, init containers and sidecars included (`init`)."""

    name: str
    image: str
    init: bool
    ports: tuple[ContainerPort, ...]
    env: tuple[EnvVar, ...]
    body: dict[str, Any]
    place: Place


@dataclass(frozen=True, slots=True)
class Workload:
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


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service. `target` is a number or a container port name."""

    number: int
    protocol: str
    name: str
    target: int | str
    node_port: int
    app_protocol: str
    place: Place


@dataclass(frozen=True, slots=True)
class Service:
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


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    """Addresses and ports behind a Service without a selector."""

    key: Key
    service: str
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int, str], ...]
    """(name, number, protocol)."""
    place: Place


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


@dataclass(frozen=True, slots=True)
class PolicyPort:
    """Ports that a policy rule admits: a number, a range or a name; without `port` every port of `protocol`.

    `protocol` empty means TCP, UDP and SCTP (Cilium ``ANY``).
    """

    protocol: str
    port: int | str | None
    end_port: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class Peer:
    """Who a policy rule speaks of. Exactly one shape is filled.

    Pods: `pods` and/or `namespaces` (both: and); neither namespaces given: the policy's own namespace, unless
    `any_namespace`. Addresses: `cidr` with `except_`. Names: `fqdns` (exact names or ``*`` patterns). Node and
    cluster identities of Cilium: `entity`.
    """

    pods: Selector | None = None
    namespaces: Selector | None = None
    any_namespace: bool = False
    cidr: str = ""
    except_: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()
    entity: str = ""
    nodes: Selector | None = None
    unknown: str = ""
    """A kind of peer that cannot be decided from manifests (toServices, toGroups …): the field's name."""
    place: Place = field(default_factory=lambda: Place(0))


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One rule. `peers` None: everyone; an empty tuple: no one. `ports` None: every port.

    `action` is Allow, Deny or Pass; `l7` holds the kinds of application rules (``dns``, ``http``, ``kafka``) that
    narrow the rule beyond ports, `dns_patterns` the names that an ``rules.dns`` block lets resolve.
    """

    action: str
    peers: tuple[Peer, ...] | None
    ports: tuple[PolicyPort, ...] | None
    place: Place
    l7: tuple[str, ...] = ()
    dns_patterns: tuple[str, ...] = ()
    icmp: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A NetworkPolicy, CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, AdminNetworkPolicy or its baseline.

    `key.kind` tells which. Subjects: `pods` within `key.namespace` (NetworkPolicy, CiliumNetworkPolicy), or `pods`
    within the namespaces that `namespaces` selects (the cluster-wide kinds; None: all). `nodes` is set on a
    policy for nodes. `isolates_ingress`/`isolates_egress`: the subject is closed in this direction but for what
    is allowed (``policyTypes``, Cilium's enableDefaultDeny). `priority` is AdminNetworkPolicy's.
    """

    key: Key
    labels: Labels
    pods: Selector
    namespaces: Selector | None
    nodes: Selector | None
    isolates_ingress: bool
    isolates_egress: bool
    ingress: tuple[PolicyRule, ...]
    egress: tuple[PolicyRule, ...]
    priority: int
    place: Place


@dataclass(frozen=True, slots=True)
class KeyedObject:
    """A ConfigMap or Secret and the keys it will hold, or what will make one (ExternalSecret, Certificate,
    CloudNativePG's generated secret): then `maker` names it and `keys` None means that they are not known."""

    key: Key
    keys: tuple[str, ...] | None
    data: dict[str, str]
    """The literal data of a ConfigMap; always empty for a Secret: values are never kept."""
    maker: str
    place: Place
    assumed: Assumption | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is not an object, said with its place: never skipped in silence."""

    message: str
    remedy: str
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
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
    undecided: tuple[Unreadable, ...] = ()
    """Objects that make pods or connections which nothing here models (an unknown HelmRelease or controller)."""
