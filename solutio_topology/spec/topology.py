"""The whole file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from solutio_topology.spec.amounts import Date
from solutio_topology.spec.base import (
    Model,
    Name,
    Names,
    Namespace,
    ObjectName,
    Registry,
    Words,
    Zone,
    shaped,
)
from solutio_topology.spec.component import Component
from solutio_topology.spec.costs import Costs
from solutio_topology.spec.decisions import Decision
from solutio_topology.spec.edge import Edge
from solutio_topology.spec.platform import Controller, KubernetesVersion, Network, Platform, Pool
from solutio_topology.spec.scale import Scale
from solutio_topology.spec.service import Service, ServiceOverride
from solutio_topology.spec.tenancy import Ring, TenantPod, Tier
from solutio_topology.spec.workload import Resources


class Metadata(Model):
    """What the topology is called."""

    name: Name
    """First part of every namespace."""
    title: str | None = None
    """Title for people."""
    language: str = "en"
    """Language of titles and notes."""


class Layer(Model):
    """A layer of the diagram, in the order of the file."""

    title: str
    """Name of the layer."""
    color: Annotated[str, shaped(r"^#[0-9a-fA-F]{6}$", 'a colour, in quotes: "#00a9c9"')] | None = None
    """Colour of the layer."""
    drawn_in: Literal["cluster", "outside"] = "cluster"
    """Whether the diagram draws it inside the cluster's frame."""
    reaches: Names | None = None
    """Layers that its services may connect to. Default: all."""
    namespace: Literal["shared", "own"] = "shared"
    """``own``: its services get a namespace of their own, ``<tenant pod>-<layer>``, with its own pod security."""


class PlatformSettings(Model):
    """What of the platform may differ per environment."""

    region: Words | None = None
    """Region of the provider."""
    kubernetes: KubernetesVersion | None = None
    """Minor version of Kubernetes."""
    high_availability: bool | None = None
    """Whether the control plane runs several times."""
    registry: Registry | None = None
    """Registry of one's own images."""
    pools: dict[Name, Pool] = {}
    """Node pools; those named here replace the platform's."""
    network: Network | None = None
    """The cluster network."""
    controllers: dict[Name, Controller] = {}
    """Overrides of platform components."""


class Environment(Model):
    """A set of overrides and a place in the tree."""

    zone: Zone
    """DNS zone of the public hosts."""
    suffix: Annotated[str, shaped(r"^([-.]?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$", "the end of a DNS label: -staging")] = ""
    """Put at the end of the first label of every public host: ``-staging``."""
    pods: Annotated[Names, Field(min_length=1)] | None = None
    """Tenant pods that exist here. Default: all."""
    platform: PlatformSettings = PlatformSettings.model_construct()
    """What of the platform differs here."""
    services: dict[Name, ServiceOverride] = {}
    """What differs in this environment."""


class Ignore(Model):
    """A finding that is known and accepted."""

    rule: Annotated[str, shaped(r"^[A-Z][0-9]{3}$", "the code of a rule: G007")]
    """Code of the rule."""
    subject: str
    """What the finding is about, as it prints it; ``*`` at the end stands for any rest."""
    reason: Annotated[str, StringConstraints(min_length=10)]
    """Why it is accepted."""
    until: Date | None = None
    """Last day on which it is accepted."""


DangerKind = Literal[
    "refused",
    "immutable-field",
    "data-lost",
    "namespace-removed",
    "object-removed",
    "release-reinstalled",
    "helm-major",
    "definition-removed",
    "database-major",
    "budget-broken",
    "downtime",
    "storage-class-ignored",
    "kubernetes-version",
    "prune-disabled",
]


class Approval(Model):
    """A danger of a rollout that is accepted."""

    danger: DangerKind
    """Kind of the danger, as ``solutio diff`` prints it."""
    subject: str
    """The object that it is about, as ``solutio diff`` prints it; ``*`` at the end stands for any rest."""
    reason: Annotated[str, StringConstraints(min_length=10)]
    """Why it is accepted."""
    until: Date
    """Last day on which it is accepted."""


class Mapping(Model):
    """Where a service is found in manifests that are not ours."""

    service: Name
    """Service."""
    pod: Name
    """Tenant pod."""
    kind: str
    """Kind of the workload."""
    namespace: Namespace
    """Namespace of the workload."""
    name: ObjectName
    """Name of the workload."""


PathText = Annotated[
    str,
    shaped(
        r"^\s*[a-z0-9-]+(\s*(->|→)\s*[a-z0-9-]+)+\s*$", "two services or more with arrows between: cf -> ing -> api"
    ),
]


class Topology(Model):
    """One typed file: services, edges, tiers, cost items, decisions."""

    api_version: Literal["topology.solutio.dev/v1"]
    """Version of the format."""
    kind: Literal["Topology"]
    """Always ``Topology``."""
    metadata: Metadata
    """What it is called."""
    include: list[str] = []
    """Other files, relative to this one, that hold ``pods``: one a customer makes no merge conflicts."""
    platform: Platform
    """The cluster, its pools, and what installs and feeds it."""
    layers: Annotated[dict[Name, Layer], Field(min_length=1)]
    """Layers of the diagram, in its order."""
    sizes: dict[Name, Resources] = {}
    """Size classes."""
    components: dict[Name, Component] = {}
    """Components of one's own."""
    services: Annotated[dict[Name, Service], Field(min_length=1)]
    """What runs or is bought: the nodes of the diagram."""
    edges: dict[Name, Edge]
    """Who connects to whom; what no edge declares is closed."""
    paths: dict[Name, PathText | Annotated[list[Name], Field(min_length=2)]] = {}
    """What must work end to end: ``cf -> ing -> api -> pg``."""
    tiers: Annotated[dict[Name, Tier], Field(min_length=1)]
    """What customers buy."""
    rings: Names | dict[Name, Ring] = {}
    """Groups of tenant pods in the order in which a release reaches them: ``[canary, early, all]``."""
    pods: Annotated[dict[Name, TenantPod], Field(min_length=1)]
    """Deployments of the tiers."""
    environments: Annotated[dict[Name, Environment], Field(min_length=1)]
    """``prod``, ``staging``: sets of overrides."""
    costs: Costs = Costs.model_construct()
    """The bill."""
    scale: Scale = Scale.model_construct()
    """How it grows with its demand."""
    decisions: dict[Name, Decision] = {}
    """What was chosen and what was rejected."""
    ignore: list[Ignore] = []
    """Findings that are known and accepted."""
    approvals: list[Approval] = []
    """Dangers of a rollout that are accepted until a date: with ``diff --fail-on danger`` others fail."""
    mapping: list[Mapping] = []
    """Where services are found in manifests that are not ours."""
    extra: dict[str, Any] = Field(default={}, alias="x")
    """Free for notes of other tools; solutio does not read it."""
