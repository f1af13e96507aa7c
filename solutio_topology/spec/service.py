"""A service: a node of the diagram, something that runs or is bought."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from solutio_topology.spec.base import (
    Cidr,
    Command,
    Count,
    EnvName,
    FilePath,
    Host,
    Labels,
    Model,
    Name,
    Namespace,
    ObjectName,
    Placement,
    PortName,
    PortNumber,
    Quantity,
    SecretKey,
)
from solutio_topology.spec.workload import (
    Container,
    File,
    Image,
    ImageSettings,
    Job,
    Metrics,
    Port,
    Probes,
    Process,
    Replicas,
    Resources,
    Storage,
    User,
    Volume,
)


class Database(Model):
    """A database of a database server."""

    owner: Name
    """The service whose credentials own it."""
    secret: ObjectName | None = None
    """Secret with ``username`` and ``password``. Default: ``<owner>-database``."""
    extensions: list[str] = []
    """Extensions that are created in it."""


class Pin(Model):
    """Names of what already runs, so that it is adopted and not created anew."""

    name: ObjectName | None = None
    """Name of the workload and its Service."""
    selector: Labels | None = None
    """Labels that the workload's immutable selector has."""
    claim: ObjectName | None = None
    """Name of the PersistentVolumeClaim."""
    release: ObjectName | None = None
    """Helm release."""
    namespace: Namespace | None = None
    """Namespace of the Helm release."""


class ServiceSettings(Model):
    """The part of a service that may differ per environment and per tenant pod."""

    replicas: Count | Replicas | None = None
    """How many, or between how many."""
    size: str | None = None
    """Size class (a key of ``sizes``)."""
    resources: Resources | None = None
    """Exact resources, instead of a size class."""
    pool: Name | None = None
    """Node pool that it runs on."""
    storage: Quantity | Storage | None = None
    """Persistent storage."""
    env: dict[EnvName, str] = {}
    """Plain environment."""
    secrets: dict[EnvName, SecretKey] = {}
    """Environment from Secrets: ``NAME: secret/key``."""
    files: dict[FilePath, File] = {}
    """Whole configuration files, by absolute path."""
    hosts: list[Host] = []
    """External services: the names that clients connect to."""
    ranges: list[Cidr] = []
    """External services: the addresses that clients connect to, or that connections come from."""
    settings: dict[str, Any] = {}
    """Parameters of the component; its catalogue entry says which there are."""


class ProcessSettings(Model):
    """What may differ per environment of a process."""

    command: Command | None = None
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    replicas: Count | Replicas | None = None
    """How many, or between how many."""
    size: str | None = None
    """Size class."""
    env: dict[EnvName, str] = {}
    """Plain environment."""
    ports: dict[PortName, Port] = {}
    """Ports by name."""
    probes: Probes | None = None
    """Probes."""


class ServiceOverride(ServiceSettings):
    """What differs in an environment or a tenant pod. Maps merge by key; everything else replaces."""

    image: ImageSettings | None = None
    """Container image."""
    processes: dict[Name, ProcessSettings] = {}
    """What differs of single processes."""


class Service(ServiceSettings):
    """A service as it is declared. Everything that the component knows can be left out."""

    component: Name
    """The catalogue entry that this is an instance of: see ``docs/catalog.md``, or one of one's own."""
    layer: Name
    """Where the diagram draws it."""
    title: str | None = None
    """Name for people."""
    placement: Placement | None = None
    """Where it runs. Default: the component's."""
    image: Image | None = None
    """Container image."""
    command: Command | None = None
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    ports: dict[PortName, PortNumber | Port] = {}
    """Ports beside, or instead of, the component's."""
    probes: Probes | None = None
    """Probes."""
    volumes: dict[Name, Volume] = {}
    """Volumes by name."""
    init: dict[Name, Container] = {}
    """Init containers, in order."""
    sidecars: dict[Name, Container] = {}
    """Containers beside the main one."""
    processes: dict[Name, Process] = {}
    """Other processes of the same image."""
    jobs: dict[Name, Job] = {}
    """What runs to its end: migrations, schedules."""
    metrics: Metrics | None = None
    """Where metrics are scraped from."""
    user: User | None = None
    """Who the process runs as."""
    writable: list[FilePath] = []
    """Folders that must be writable: the root file system is not."""
    major: int | None = Field(default=None, ge=1)
    """Major version of a database server."""
    databases: dict[Name, Database] = {}
    """Databases of a database server."""
    expose: Literal["load-balancer", "node"] | None = None
    """How connections from outside that no ingress carries come in."""
    pin: Pin | None = None
    """Names of what already runs."""
