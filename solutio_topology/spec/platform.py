"""The platform: the cluster, its node pools, and what installs and feeds it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from solutio_topology.spec.base import Model, Name, ObjectName
from solutio_topology.spec.service import Cidr


class Pool(Model):
    """A node pool: what is paid for and what must fit into it."""

    size: str = Field(examples=["s-4vcpu-8gb"])
    """Machine size of the provider."""
    nodes: int = Field(ge=0)
    """Number of nodes."""
    dedicated: bool = False
    """Tainted: only what names this pool runs on it."""
    labels: dict[str, str] = {}
    """Labels of the nodes."""


class Secrets(Model):
    """Where Secrets come from. Values never stand in the topology nor in what is rendered."""

    provider: Literal["external-secrets", "sops", "none"]
    """What brings Secrets into the cluster."""
    store: ObjectName | None = None
    """external-secrets: the ClusterSecretStore."""
    prefix: str = ""
    """external-secrets: put before the name of the remote entry."""
    folder: str = "secrets"
    """sops: folder with the encrypted files ``<environment>/<tenant pod>/<name>.yaml``, copied as they are."""
    refresh: str = "1h"
    """How often they are read anew."""


class IngressPlatform(Model):
    """What carries requests into the cluster."""

    controller: Literal["ingress-nginx", "gateway-api"] = "ingress-nginx"
    """Ingress objects for ingress-nginx, or the Gateway API."""
    ingress_class: str = Field(default="nginx", alias="class")
    """IngressClass, or GatewayClass."""


class Certificates(Model):
    """Who signs the public hosts' certificates."""

    issuer: ObjectName = "letsencrypt"
    """Name of the ClusterIssuer."""
    email: str
    """Contact of the account."""
    server: str = "https://acme-v02.api.letsencrypt.org/directory"
    """ACME server."""
    secret: str = "cloudflare-api-token/api-token"
    """Secret in cert-manager's namespace with the DNS provider's token (DNS-01: the origin lets only the edge in)."""


class Repository(Model):
    """What Flux reads the rendered tree from."""

    url: str
    """Address of the git repository."""
    branch: str = "main"
    """Branch."""
    path: str = "."
    """Folder of the repository that holds ``rendered/``."""
    secret: ObjectName | None = None
    """Secret with the credentials of the repository."""
    interval: str = "5m"
    """How often Flux looks."""


class Network(Model):
    """The cluster's network."""

    policies: Literal["cilium", "kubernetes"] = "cilium"
    """Which policies it enforces: Cilium's as well, or NetworkPolicy only."""
    pod_range: Cidr = "10.244.0.0/16"
    """Addresses of the pods."""
    service_range: Cidr = "10.245.0.0/16"
    """Addresses of the Services."""
    node_range: Cidr = "10.116.0.0/20"
    """Addresses of the nodes."""


class Scraper(Model):
    """Who scrapes metrics."""

    namespace: ObjectName
    """Namespace of the scraper."""
    selector: dict[str, str]
    """Labels of its pods."""


class Backups(Model):
    """Where databases are backed up to."""

    service: Name
    """The object storage service."""
    bucket: str
    """Bucket."""
    endpoint: str
    """Endpoint of the object storage."""
    secret: ObjectName = "backups"
    """Secret with ``access-key`` and ``secret-key``."""
    schedule: str = "0 30 2 * * *"
    """Six fields: seconds first, as CloudNativePG reads it."""
    retention: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[dwm]$")] = "30d"
    """How long backups are kept."""


class Controller(Model):
    """An override of something that the platform installs."""

    version: str | None = None
    """Exact version of the chart."""
    values: dict[str, Any] = {}
    """Helm values, merged over ours."""


class Platform(Model):
    """The cluster and what the tenant pods stand on."""

    orchestrator: Literal["doks", "kubernetes"] = "doks"
    """What kind of cluster it is."""
    region: str
    """Region of the provider."""
    kubernetes: Annotated[str, StringConstraints(pattern=r"^1\.[0-9]+$")] = Field(examples=["1.34"])
    """Minor version of Kubernetes."""
    registry: str
    """Registry of one's own images."""
    pull_secret: ObjectName | None = None
    """Secret for one's own registry."""
    repository: Repository
    """What Flux reads."""
    secrets: Secrets
    """Where Secrets come from."""
    ingress: IngressPlatform = IngressPlatform()
    """What carries requests into the cluster."""
    certificates: Certificates
    """Who signs the public hosts' certificates."""
    network: Network = Network()
    """The cluster network."""
    pools: dict[Name, Pool]
    """Node pools by name."""
    storage_class: str = "do-block-storage-retain"
    """StorageClass of everything that holds data: one that keeps the volume when the claim goes."""
    scraper: Scraper | None = None
    """Who scrapes metrics."""
    backups: Backups | None = None
    """Where databases are backed up to."""
    controllers: dict[Name, Controller] = {}
    """Overrides of platform components by name."""
