"""A component: what the catalogue knows of a kind of service. Data, with its sources; a user may add their own.

The strings of `env`, `files`, `values` and `objects` may hold Jinja expressions; see ``docs/catalog.md`` for the names
they can use.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from solutio_topology.spec.base import (
    EnvName,
    Host,
    Model,
    Name,
    ObjectName,
    Placement,
    PodSecurity,
    PortName,
    SecretKey,
)
from solutio_topology.spec.service import Cidr
from solutio_topology.spec.workload import Image, Metrics, Port, Probes, Resources, Storage, User, Volume


class Binding(Model):
    """How a client of this component learns the address."""

    url: str = "{scheme}://{host}:{port}"
    """Template of the address. Placeholders: scheme, host, port, database, username, password, ``secret:KEY``."""
    secret_keys: list[str] = []
    """Keys of the Secret that a client needs: ``username``, ``password``, ``api-key``."""


class Need(Model):
    """What the component cannot work without."""

    component: list[Name]
    """Any one of these, reached by an edge."""
    when: Literal["always", "replicas > 1"] = "always"
    reason: str


class Rollout(Model):
    """How a new version replaces the old one."""

    max_surge: int | str = 1
    max_unavailable: int | str = 0
    grace: int = Field(default=30, ge=0)
    """Seconds from SIGTERM to SIGKILL."""
    wait: bool = True
    """Whether Flux waits for it. False where draining takes hours."""


class Chart(Model):
    """The Helm chart that installs it."""

    name: str
    repository: str
    """``https://…`` or ``oci://…``."""
    version: str
    """Exact version."""
    namespace: ObjectName
    release: ObjectName | None = None
    stage: Literal["controllers", "configs"] = "controllers"
    crds: bool = False
    """The chart brings CustomResourceDefinitions that others depend on."""


class Egress(Model):
    """What the component itself must reach, whatever the topology: a platform connection."""

    to: Literal["kube-apiserver", "host", "hosts", "selector", "ranges", "self"]
    pods: dict[str, str] = {}
    """Which of a chart's pods: labels beside the component's `selector`. Default: all."""
    component: Name | None = None
    """Only where the platform installs this component."""
    hosts: list[Host] = []
    ranges: list[Cidr] = []
    selector: dict[str, str] = {}
    namespace: ObjectName | None = None
    ports: list[Port] = []
    reason: str


class Ingress(Model):
    """Who must reach the component itself, whatever the topology: a platform connection."""

    source: Literal["kube-apiserver", "host", "world", "selector", "self"] = Field(alias="from")
    pods: dict[str, str] = {}
    """Which of a chart's pods: labels beside the component's `selector`. Default: all."""
    component: Name | None = None
    """Only where the platform installs this component."""
    selector: dict[str, str] = {}
    namespace: ObjectName | None = None
    ports: list[Port] = []
    reason: str


class Source(Model):
    """Where a fact comes from."""

    fact: str
    source: str


class Component(Model):
    """A catalogue entry."""

    title: str
    kind: Literal["workload", "chart", "objects", "external", "client", "edge"]
    """``workload``: solutio renders its pods; ``chart``: a Helm chart makes them; ``objects``: an operator makes them
    from custom resources; ``external``: a third party's endpoint; ``client``: people's devices; ``edge``: a proxy in
    front."""
    placement: Placement = "cluster"
    workload: Literal["Deployment", "StatefulSet", "DaemonSet"] = "Deployment"
    image: Image | None = None
    """Image of third parties. One's own is named by the service."""
    command: list[str] | None = None
    args: list[str] | None = None
    ports: dict[PortName, Port] = {}
    primary: PortName | None = None
    """The port that an edge means when it names none."""
    env: dict[EnvName, str] = {}
    secrets: dict[EnvName, SecretKey] = {}
    """Environment from Secrets that it needs: ``NAME: secret/key``."""
    files: dict[str, str] = {}
    """Configuration files by path."""
    settings: dict[str, Any] = {}
    """Parameters and their defaults."""
    probes: Probes | None = None
    resources: Resources | None = None
    user: User | None = None
    writable: list[str] = []
    volumes: dict[Name, Volume] = {}
    storage: Storage | None = None
    read_only_root: bool = True
    pod_security: PodSecurity = "restricted"
    reason: str | None = None
    """Why it cannot be ``restricted``."""
    host_network: bool = False
    one_per_node: bool = False
    rollout: Rollout = Rollout()
    metrics: Metrics | None = None
    binding: Binding | None = None
    needs: list[Need] = []
    stateful: bool = False
    """Holds data: what needs it must start after it, and a tenant pod's data may not be shared unnoticed."""
    browser_facing: bool = False
    """Carries connections of browsers: an ingress controller, a CDN."""
    chart: Chart | None = None
    values: str = ""
    """Helm values: YAML with Jinja in it."""
    objects: str = ""
    """Custom resources: YAML documents with Jinja in them."""
    operators: list[Name] = []
    """Components that must be on the platform for it to work."""
    backup_operators: list[Name] = []
    """Components that must be on the platform, too, once ``platform.backups`` is set."""
    endpoint: str | None = None
    """Name of the Service that clients connect to, where the pods are not ours: ``{name}-rw``."""
    selector: dict[str, str] = {}
    """Labels of its pods, where they are not ours."""
    egress: list[Egress] = []
    ingress: list[Ingress] = []
    hosts: list[Host] = []
    ranges: list[Cidr] = []
    retired: str | None = None
    """Since when nobody maintains it, and the way out."""
    singleton: bool = False
    """More than one replica is not supported: no leader election, no shared state."""
    sources: list[Source] = []
