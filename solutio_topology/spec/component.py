"""A component: what the catalogue knows of a kind of service. Data, with its sources; a user may add their own.

The strings of `env`, `files`, `values` and `objects` may hold Jinja expressions; see ``docs/catalog.md`` for the names
they can use.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from solutio_topology.spec.base import (
    Cidr,
    Command,
    EnvName,
    FilePath,
    Host,
    Labels,
    Model,
    Name,
    Names,
    Namespace,
    ObjectName,
    Placement,
    PodSecurity,
    PortName,
    SecretKey,
    Template,
)
from solutio_topology.spec.workload import Image, Metrics, Port, Probes, Resources, Storage, User, Volume


class Binding(Model):
    """How a client of this component learns the address."""

    url: Template = "{scheme}://{host}:{port}"
    """Template of the address. Placeholders: scheme, host, port, database, username, password, ``secret:KEY``."""
    secret_keys: list[str] = []
    """Keys of the Secret that a client needs: ``username``, ``password``, ``api-key``."""


class Need(Model):
    """What the component cannot work without."""

    component: list[Name]
    """Any one of these, reached by an edge."""
    when: Literal["always", "replicas > 1"] = "always"
    """When it is needed."""
    reason: str
    """Why."""


class Rollout(Model):
    """How a new version replaces the old one."""

    max_surge: int | str = 1
    """Pods above the number while rolling."""
    max_unavailable: int | str = 0
    """Pods below the number while rolling."""
    grace: int = Field(default=30, ge=0)
    """Seconds from SIGTERM to SIGKILL."""
    wait: bool = True
    """Whether Flux waits for it. False where draining takes hours."""


class Chart(Model):
    """The Helm chart that installs it."""

    name: str
    """Name of the chart."""
    repository: str
    """``https://…`` or ``oci://…``."""
    version: str
    """Exact version."""
    namespace: Namespace
    """Namespace of its pods."""
    release: ObjectName | None = None
    """Name of the release. Default: the component."""
    stage: Literal["controllers", "configs"] = "controllers"
    """Controllers come first, configs when their kinds are there."""
    crds: bool = False
    """The chart brings CustomResourceDefinitions that others depend on."""


class Egress(Model):
    """What the component itself must reach, whatever the topology: a platform connection."""

    to: Literal["kube-apiserver", "host", "hosts", "selector", "ranges", "self"]
    """What it reaches."""
    pods: Labels = {}
    """Which of a chart's pods: labels beside the component's `selector`. Default: all."""
    component: Name | None = None
    """Only where the platform installs this component."""
    hosts: list[Host] = []
    """Names."""
    ranges: list[Cidr] = []
    """Address ranges."""
    selector: dict[str, str] = {}
    """Labels of the pods."""
    namespace: Namespace | None = None
    """Namespace; any when it is missing."""
    ports: list[Port] = []
    """Ports by name."""
    reason: str
    """Why."""


class Ingress(Model):
    """Who must reach the component itself, whatever the topology: a platform connection."""

    source: Literal["kube-apiserver", "host", "world", "selector", "self"] = Field(alias="from")
    """Who reaches it."""
    pods: Labels = {}
    """Which of a chart's pods: labels beside the component's `selector`. Default: all."""
    component: Name | None = None
    """Only where the platform installs this component."""
    selector: dict[str, str] = {}
    """Labels of the pods."""
    namespace: Namespace | None = None
    """Namespace; any when it is missing."""
    ports: list[Port] = []
    """Ports by name."""
    reason: str
    """Why."""


class Source(Model):
    """Where a fact comes from."""

    fact: str
    """The fact."""
    source: str
    """Where it can be read."""


class Component(Model):
    """A catalogue entry."""

    title: str
    """What it is, for people."""
    kind: Literal["workload", "chart", "objects", "external", "client", "edge"]
    """``workload``: solutio renders its pods; ``chart``: a Helm chart makes them; ``objects``: an operator makes them
    from custom resources; ``external``: a third party's endpoint; ``client``: people's devices; ``edge``: a proxy in
    front."""
    placement: Placement = "cluster"
    """Where its services run unless they say otherwise."""
    workload: Literal["Deployment", "StatefulSet", "DaemonSet"] = "Deployment"
    """Kind of its workload."""
    image: Image | None = None
    """Image of third parties. One's own is named by the service."""
    command: Command | None = None
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    ports: dict[PortName, Port] = {}
    """Ports by name."""
    primary: PortName | None = None
    """The port that an edge means when it names none."""
    env: dict[EnvName, str] = {}
    """Plain environment."""
    secrets: dict[EnvName, SecretKey] = {}
    """Environment from Secrets that it needs: ``NAME: secret/key``."""
    files: dict[FilePath, str] = {}
    """Configuration files by path."""
    settings: dict[str, Any] = {}
    """Parameters and their defaults."""
    probes: Probes | None = None
    """Probes."""
    resources: Resources | None = None
    """Requests and limits."""
    user: User | None = None
    """Who the process runs as."""
    writable: list[FilePath] = []
    """Folders that must be writable."""
    volumes: dict[Name, Volume] = {}
    """Volumes by name."""
    storage: Storage | None = None
    """Persistent storage."""
    read_only_root: bool = True
    """Its root file system is read-only."""
    pod_security: PodSecurity = "restricted"
    """Pod security level that its pods need."""
    reason: str | None = None
    """Why it cannot be ``restricted``."""
    host_network: bool = False
    """Its pods use the node's network."""
    one_per_node: bool = False
    """No two of its pods on one node."""
    rollout: Rollout = Rollout.model_construct()
    """How a new version replaces the old one."""
    metrics: Metrics | None = None
    """Where metrics are scraped from."""
    binding: Binding | None = None
    """How a client learns the address."""
    needs: list[Need] = []
    """What it cannot work without."""
    stateful: bool = False
    """Holds data: what needs it must start after it, and a tenant pod's data may not be shared unnoticed."""
    browser_facing: bool = False
    """Carries connections of browsers: an ingress controller, a CDN."""
    chart: Chart | None = None
    """The Helm chart that installs it."""
    values: str = ""
    """Helm values: YAML with Jinja in it."""
    objects: str = ""
    """Custom resources: YAML documents with Jinja in them."""
    operators: Names = []
    """Components that must be on the platform for it to work."""
    backup_operators: Names = []
    """Components that must be on the platform, too, once ``platform.backups`` is set."""
    endpoint: str | None = None
    """Name of the Service that clients connect to, where the pods are not ours: ``{name}-rw``."""
    selector: dict[str, str] = {}
    """Labels of its pods, where they are not ours."""
    egress: list[Egress] = []
    """What it must reach whatever the topology says."""
    ingress: list[Ingress] = []
    """Who must reach it whatever the topology says."""
    hosts: list[Host] = []
    """Names that clients connect to."""
    ranges: list[Cidr] = []
    """Addresses that clients connect to."""
    retired: str | None = None
    """Since when nobody maintains it, and the way out."""
    singleton: bool = False
    """More than one replica is not supported: no leader election, no shared state."""
    sources: list[Source] = []
    """Where these facts come from."""

    @model_validator(mode="after")
    def _primary_is_there(self) -> Self:
        if self.primary is not None and self.primary not in self.ports:
            raise ValueError(f"primary names the port {self.primary!r}, which is not among its ports")
        return self
