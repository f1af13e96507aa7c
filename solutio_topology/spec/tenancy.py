"""Tiers, and the tenant pods that are deployments of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from solutio_topology.spec.base import Model, Name, Names, Namespace, ObjectNames, PodSecurity, Quantity, Words, Zone
from solutio_topology.spec.platform import Allocatable, SystemPods
from solutio_topology.spec.service import ServiceOverride


class TierPool(Model):
    """The node pool that each tenant pod of a tier gets."""

    size: Words
    """Machine size."""
    nodes: int = Field(ge=1)
    """Number of nodes."""
    allocatable: Allocatable | None = None
    """What one node offers to pods. Needed for a size that solutio does not know."""
    system: SystemPods | None = None
    """What the provider's own pods take of one node. Default: as for a pool of the platform."""


class Quota(Model):
    """What each namespace of a tenant pod may use at most."""

    cpu: Quantity
    """CPU requests."""
    memory: Quantity
    """Memory requests."""
    storage: Quantity | None = None
    """Requested storage."""
    pods: Annotated[int, Field(ge=1)] | None = None
    """Number of pods."""


class ContainerLimits(Model):
    """What one container may use at most; who asks for more is refused."""

    memory: Quantity
    """Memory."""
    cpu: Quantity | None = None
    """CPU; containers without a limit get this one."""


class Isolation(Model):
    """How far a tenant pod is held apart, beyond what its tier dedicates.

    What every tenant pod has for itself needs no field: namespaces, Secrets, service accounts, hosts, and an account
    of Flux with rights in its namespaces only. Nodes of its own are the tier's ``pool``, stores its ``dedicates``.
    """

    pod_security: PodSecurity | None = None
    """The least strict pod security that its namespaces may enforce. Default: what its services need."""
    limits: ContainerLimits | None = None
    """What one of its containers may use at most."""
    shared_secrets: ObjectNames = []
    """Secrets that it reads from the shared tenant pod's entry of the store: credentials of the registry."""


class Tier(Model):
    """What a customer buys."""

    tenancy: Literal["shared", "dedicated"]
    """One deployment for all, or one for each customer."""
    title: str | None = None
    """Name for people."""
    dedicates: Names = []
    """Services of which each tenant pod of the tier gets its own."""
    shares: Names | None = None
    """Services of the shared tenant pod that the tier may use. Default: all that it does not dedicate."""
    pool: TierPool | None = None
    """A node pool of its own for each tenant pod."""
    quota: Quota | None = None
    """What each namespace of a tenant pod may use."""
    isolation: Isolation = Isolation.model_construct()
    """How far each tenant pod is held apart, beyond what the tier dedicates."""


class Ring(Model):
    """Tenant pods that a release reaches together, after those of the rings before it."""

    title: str | None = None
    """Name for people."""
    services: dict[Name, ServiceOverride] = {}
    """What differs in its tenant pods: the version that they get first."""


class TenantPod(Model):
    """One deployment of a tier."""

    tier: Name
    """Its tier."""
    orgs: Names = []
    """Organizations that it serves."""
    ring: Name | None = None
    """When a release reaches it. Default: in the last ring."""
    domain: Zone | None = None
    """A domain of the customer's own."""
    namespace: Namespace | None = None
    """Namespace to adopt. Default: ``<topology>-<tenant pod>``."""
    services: dict[Name, ServiceOverride] = {}
    """What differs in this tenant pod."""
