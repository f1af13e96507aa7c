"""What runs in a cluster, as the topology and the catalogue both say it: ports, probes, files, volumes, jobs."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from solutio_topology.spec.base import (
    Command,
    Count,
    Cron,
    Digest,
    EnvName,
    FilePath,
    ImageName,
    Model,
    Names,
    PortName,
    PortNumber,
    Protocol,
    Quantity,
    Registry,
    SecretKey,
    Tag,
    UrlPath,
    at_least_one,
    exactly_one,
    shaped,
)
from solutio_topology.spec.values import amount

M = TypeVar("M", bound=Model)


def _exactly_one(model: M, **given: bool) -> M:
    """The model, when exactly one of the fields is given. Raises ValueError."""
    named = [name for name, is_given in given.items() if is_given]
    if len(named) != 1:
        found = " and ".join(named) if named else "none"
        raise ValueError(f"exactly one of {', '.join(given)} is needed; given: {found}")
    return model


class Image(Model):
    """A container image. The version is pinned: a tag that moves is not a version."""

    model_config = at_least_one(tag={"type": "string"}, digest={"type": "string"})

    name: ImageName
    """Repository, relative to `registry` (or to the platform's registry): ``solutio-api``."""
    tag: Tag | None = None
    """Version tag. ``latest`` is refused."""
    digest: Digest | None = None
    """Content digest; wins over the tag."""
    registry: Literal[""] | Registry | None = None
    """Registry host and path; empty string: none is put in front. Default: ``platform.registry``."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if self.tag is None and self.digest is None:
            raise ValueError("an image without tag or digest is whatever was pushed last; name a version")
        return self


class ImageSettings(Model):
    """What of an image may differ per environment and per tenant pod."""

    name: ImageName | None = None
    """Repository of the image."""
    tag: Tag | None = None
    """Version tag. A digest that was declared with another tag no longer holds."""
    digest: Digest | None = None
    """Content digest."""
    registry: Literal[""] | Registry | None = None
    """Registry host and path."""


class Port(Model):
    """A port that a service listens on."""

    port: PortNumber
    """Port number."""
    end_port: PortNumber | None = None
    """Last port of a range (media ports on the node)."""
    protocol: Protocol = "TCP"
    """Protocol."""
    scheme: str | None = None
    """Scheme of the address that clients get: ``http``, ``ws``, ``postgres``, ``redis``, ``rtsp``."""
    app_protocol: str | None = None
    """``appProtocol`` of the Service port, where a controller needs it (``kubernetes.io/ws``)."""
    on_node: bool = False
    """Opened on the node itself (host network): no Service and no load balancer carries it."""
    private: str | None = None
    """Why this port may never be reached from outside the cluster, such as ``unauthenticated API``."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end_port is not None and self.end_port < self.port:
            raise ValueError(f"the range ends at {self.end_port}, before it begins at {self.port}")
        return self


class HttpProbe(Model):
    """A probe: an HTTP request, a TCP connection or a command; exactly one of the three."""

    model_config = exactly_one(http={"type": "string"}, tcp={"const": True}, exec={"type": "array"})

    http: UrlPath | None = None
    """Path of the request."""
    tcp: bool = False
    """Only open the port."""
    exec: Command | None = None
    """Run a command in the container."""
    port: PortName | None = None
    """Port to ask. Default: the primary port."""
    headers: dict[str, str] = {}
    """Headers of the request."""
    period: int = Field(default=10, ge=1)
    """Seconds between two probes."""
    timeout: int = Field(default=2, ge=1)
    """Seconds to wait for an answer."""
    failures: int = Field(default=3, ge=1)
    """Failures in a row that count as one."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return _exactly_one(self, http=self.http is not None, tcp=self.tcp, exec=self.exec is not None)


class Probes(Model):
    """How the kubelet knows that a container has started, is ready and is alive."""

    startup: HttpProbe | None = None
    """Holds the others back until it succeeds."""
    readiness: HttpProbe | None = None
    """Takes the pod out of Services while it fails."""
    liveness: HttpProbe | None = None
    """Restarts the container when it fails."""


class Resources(Model):
    """Requests and limits of one container. A limit of cpu is left out on purpose unless it is given."""

    cpu: Quantity
    """Requested CPU: ``250m``."""
    memory: Quantity
    """Requested memory, and its limit unless `memory_limit` is given."""
    cpu_limit: Quantity | None = None
    """Limit of CPU."""
    memory_limit: Quantity | None = None
    """Limit of memory."""
    ephemeral: Quantity = "1Gi"
    """Limit of ephemeral storage."""

    @model_validator(mode="after")
    def _limits_hold_requests(self) -> Self:
        for what, request, limit in (
            ("cpu", self.cpu, self.cpu_limit),
            ("memory", self.memory, self.memory_limit),
        ):
            if limit is not None and amount(limit) < amount(request):
                raise ValueError(f"the limit of {what}, {limit}, is less than the request, {request}")
        return self


class Replicas(Model):
    """How many: between `min` and `max` by CPU use."""

    min: int = Field(ge=0)
    """Never fewer."""
    max: int = Field(ge=1)
    """Never more."""
    cpu: int = Field(default=70, ge=1, le=100)
    """Average CPU use, in percent of the request, that the autoscaler keeps."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}")
        return self


class Storage(Model):
    """Persistent storage of a service."""

    size: Quantity
    """Size."""
    path: FilePath | None = None
    """Where it is mounted. Default: the component's."""
    storage_class: str | None = Field(default=None, alias="class")
    """StorageClass. Default: the platform's retaining class."""


class File(Model):
    """A file in the container: its text (a ConfigMap) or a key of a Secret; exactly one of the two."""

    model_config = exactly_one(content={"type": "string"}, secret={"type": "string"})

    content: str | None = None
    """The text."""
    secret: SecretKey | None = None
    """``secret/key`` with the text."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        return _exactly_one(self, content=self.content is not None, secret=self.secret is not None)


class Volume(Model):
    """A volume: persistent with `size` and `claim`, else empty (``emptyDir``) with a limit of `size`."""

    path: FilePath
    """Where it is mounted."""
    size: Quantity = "1Gi"
    """Size, or limit of an empty folder."""
    claim: bool = False
    """A PersistentVolumeClaim that pruning keeps, instead of an empty folder."""
    storage_class: str | None = Field(default=None, alias="class")
    """StorageClass of a claim."""
    memory: bool = False
    """An empty folder in memory."""
    read_only: bool = False
    """Mounted read-only."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.claim and self.memory:
            raise ValueError("a claim keeps its data on a disk, and memory does not: say one of them")
        if self.storage_class is not None and not self.claim:
            raise ValueError("only a claim has a class; add claim: true")
        return self


class Container(Model):
    """An init container or a sidecar. Where the component's root file system is read-only, so is its own: but /tmp."""

    image: Image | None = None
    """Default: the image of the service."""
    command: Command | None = None
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    env: dict[EnvName, str] = {}
    """Plain environment."""
    secrets: dict[EnvName, SecretKey] = {}
    """Environment from Secrets: ``NAME: secret/key``."""
    ports: dict[PortName, Port] = {}
    """Ports by name."""
    resources: Resources | None = None
    """Requests and limits."""
    mounts: Names = []
    """Volumes of the service that it mounts too."""


class Process(Model):
    """Another long-running process of the same image: a worker beside the web server."""

    command: Command
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    replicas: Count | Replicas = 1
    """How many, or between how many."""
    size: str | None = None
    """Size class. Default: the service's."""
    env: dict[EnvName, str] = {}
    """Plain environment."""
    ports: dict[PortName, Port] = {}
    """Ports by name."""
    probes: Probes | None = None
    """Probes."""


class Job(Model):
    """Something that runs to its end: before a rollout, or on a schedule; exactly one of the two."""

    model_config = exactly_one(before={"type": "string"}, schedule={"type": "string"})

    command: Command
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    before: Literal["rollout"] | None = None
    """Runs, and must succeed, before the new version is rolled out: a database migration."""
    schedule: Cron | None = None
    """Cron expression."""
    time_zone: Annotated[str, shaped(r"^[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}$", "a time zone: Europe/Berlin, Etc/UTC")] = (
        "Etc/UTC"
    )
    """Time zone of the schedule."""
    concurrency: Literal["Forbid", "Replace", "Allow"] = "Forbid"
    """What happens when the last run has not ended."""
    deadline: int = Field(default=1800, ge=1)
    """Seconds after which it is ended."""
    retries: int = Field(default=2, ge=0)
    """How often it is tried again."""
    size: str | None = None
    """Size class."""
    env: dict[EnvName, str] = {}
    """Plain environment."""

    @model_validator(mode="after")
    def _one_occasion(self) -> Self:
        return _exactly_one(self, before=self.before is not None, schedule=self.schedule is not None)


class Metrics(Model):
    """Where metrics are scraped from."""

    port: PortName
    """Port of the metrics."""
    path: UrlPath = "/metrics"
    """Path of the metrics."""


class User(Model):
    """Who the process runs as."""

    uid: int = Field(ge=0)
    """User id."""
    gid: int = Field(ge=0)
    """Group id."""
