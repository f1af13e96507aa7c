"""The platform: the cluster, its node pools, and what installs and feeds it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from solutio_topology.spec.base import (
    Cidr,
    CronWithSeconds,
    Duration,
    Labels,
    Model,
    Name,
    Names,
    Namespace,
    ObjectName,
    Quantity,
    Registry,
    RepositoryPath,
    SecretKey,
    Words,
    shaped,
)

KubernetesVersion = Annotated[str, shaped(r"^1\.[0-9]+$", 'a minor version of Kubernetes, in quotes: "1.34"')]
_SOURCE = shaped(
    r"^(https?|ssh|oci)://[^\s]+$", "an address that Flux takes: https://…, ssh://git@host/path or oci://registry/path"
)
_MAIL = shaped(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", "an address of mail: ops@example.com")
_URL = shaped(r"^https?://[^\s/]+[^\s]*$", "an address with its scheme: https://nyc3.example.com")
_RETENTION = shaped(r"^[1-9][0-9]*[dwm]$", "days, weeks or months: 30d, 4w, 6m")


class Allocatable(Model):
    """What one node offers to pods, as ``kubectl describe node`` prints it."""

    cpu: Quantity
    """CPU."""
    memory: Quantity
    """Memory."""
    pods: int = Field(default=110, ge=1)
    """Number of pods; 110 is the kubelet's own limit."""
    volumes: int | None = Field(default=None, ge=0)
    """Block volumes that can be attached. Default: no limit."""


class SystemPods(Model):
    """What the provider's own pods take of one node: those that no manifest here makes."""

    cpu: Quantity = "0"
    """CPU that they request."""
    memory: Quantity = "0"
    """Memory that they request."""
    pods: int = Field(default=0, ge=0)
    """Number of them."""


class Pool(Model):
    """A node pool: what is paid for and what must fit into it."""

    size: Words
    """Machine size of the provider."""
    allocatable: Allocatable | None = None
    """What one node offers to pods. Needed for a size that solutio does not know."""
    system: SystemPods | None = None
    """What the provider's own pods take of one node. Default: what is known of DOKS; nothing elsewhere."""
    nodes: int = Field(ge=0)
    """Number of nodes."""
    dedicated: bool = False
    """Tainted: only what names this pool runs on it."""
    labels: Labels = {}
    """Labels of the nodes."""


class Secrets(Model):
    """Where Secrets come from. Values never stand in the topology nor in what is rendered."""

    provider: Literal["external-secrets", "sops", "none"]
    """What brings Secrets into the cluster."""
    store: ObjectName | None = None
    """external-secrets: the ClusterSecretStore."""
    prefix: str = ""
    """external-secrets: put before the name of the remote entry."""
    folder: RepositoryPath = "secrets"
    """sops: folder with the encrypted files ``<environment>/<tenant pod>/<name>.yaml``, copied as they are."""
    key: ObjectName = "sops-age"
    """sops: Secret beside Flux with the key that decrypts. Whoever bootstraps the cluster puts it there."""
    refresh: Duration = "1h"
    """How often they are read anew."""

    @model_validator(mode="after")
    def _store_is_named(self) -> Self:
        if self.provider == "external-secrets" and self.store is None:
            raise ValueError("external-secrets reads from a ClusterSecretStore; add store: its name")
        return self


class IngressPlatform(Model):
    """What carries requests into the cluster."""

    controller: Literal["ingress-nginx", "gateway-api"] = "ingress-nginx"
    """Ingress objects for ingress-nginx, or the Gateway API."""
    ingress_class: ObjectName = Field(default="nginx", alias="class")
    """IngressClass, or GatewayClass."""


class Certificates(Model):
    """Who signs the public hosts' certificates."""

    issuer: ObjectName = "letsencrypt"
    """Name of the ClusterIssuer."""
    email: Annotated[str, _MAIL]
    """Contact of the account."""
    server: Annotated[str, _URL] = "https://acme-v02.api.letsencrypt.org/directory"
    """ACME server."""
    secret: SecretKey = "cloudflare-api-token/api-token"
    """Secret in cert-manager's namespace with the DNS provider's token (DNS-01: the origin lets only the edge in)."""


class Repository(Model):
    """What Flux reads the rendered tree from."""

    kind: Literal["git", "oci"] = "git"
    """``git``: one repository for everything. ``oci``: an artifact for the platform and one for each tenant pod."""
    url: Annotated[str, _SOURCE]
    """Address of the git repository, or with ``oci`` the part of the artifacts' addresses that they share."""
    branch: Words = "main"
    """git: branch."""
    tag: Words = "latest"
    """oci: tag that Flux follows."""
    path: RepositoryPath = "."
    """Folder of the repository that holds ``rendered/``."""
    secret: ObjectName | None = None
    """Secret with the credentials of the repository."""
    interval: Duration = "5m"
    """How often Flux looks."""

    @model_validator(mode="after")
    def _address_is_of_its_kind(self) -> Self:
        if self.url.startswith("oci://") != (self.kind == "oci"):
            raise ValueError("oci:// goes with kind: oci, and every other address with kind: git")
        return self


class Flux(Model):
    """How Flux reconciles a fleet."""

    shards: Names = []
    """Shards over which tenant pods are spread, each with Flux controllers of its own. Default: one for everything."""


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

    namespace: Namespace
    """Namespace of the scraper."""
    selector: Labels
    """Labels of its pods."""


class Backups(Model):
    """Where databases are backed up to."""

    service: Name
    """The object storage service."""
    bucket: Words
    """Bucket."""
    endpoint: Annotated[str, _URL]
    """Endpoint of the object storage."""
    secret: ObjectName = "backups"
    """Secret with ``access-key`` and ``secret-key``."""
    schedule: CronWithSeconds = "0 30 2 * * *"
    """Six fields: seconds first, as CloudNativePG reads it."""
    retention: Annotated[str, _RETENTION] = "30d"
    """How long backups are kept."""


class Controller(Model):
    """An override of something that the platform installs."""

    version: Words | None = None
    """Exact version of the chart."""
    values: dict[str, Any] = {}
    """Helm values, merged over ours."""


class Platform(Model):
    """The cluster and what the tenant pods stand on."""

    orchestrator: Literal["doks", "kubernetes"] = "doks"
    """What kind of cluster it is."""
    region: Words
    """Region of the provider."""
    kubernetes: KubernetesVersion
    """Minor version of Kubernetes."""
    high_availability: bool | None = None
    """Whether the control plane runs several times. Default on DOKS: from 1.36 on."""
    registry: Registry
    """Registry of one's own images."""
    pull_secret: ObjectName | None = None
    """Secret for one's own registry."""
    repository: Repository
    """What Flux reads."""
    flux: Flux = Flux.model_construct()
    """How Flux reconciles."""
    secrets: Secrets
    """Where Secrets come from."""
    ingress: IngressPlatform = IngressPlatform.model_construct()
    """What carries requests into the cluster."""
    certificates: Certificates
    """Who signs the public hosts' certificates."""
    network: Network = Network.model_construct()
    """The cluster network."""
    pools: dict[Name, Pool]
    """Node pools by name."""
    storage_class: ObjectName = "do-block-storage-retain"
    """StorageClass of everything that holds data: one that keeps the volume when the claim goes."""
    scraper: Scraper | None = None
    """Who scrapes metrics."""
    backups: Backups | None = None
    """Where databases are backed up to."""
    controllers: dict[Name, Controller] = {}
    """Overrides of platform components by name."""
