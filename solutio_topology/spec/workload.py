"""What runs in a cluster, as the topology and the catalogue both say it: ports, probes, files, volumes, jobs."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from solutio_topology.spec.base import (
    EnvName,
    Model,
    Name,
    PortName,
    PortNumber,
    Protocol,
    Quantity,
    SecretKey,
)

_CRON = r"^(@(hourly|daily|weekly|monthly|yearly)|([0-9*/,A-Za-z-]+\s+){4}[0-9*/,A-Za-z-]+)$"
M = TypeVar("M", bound=Model)


def _exactly_one(model: M, **given: bool) -> M:
    """The model, when exactly one of the fields is given. Raises ValueError."""
    named = [name for name, is_given in given.items() if is_given]
    if len(named) != 1:
        found = " and ".join(named) if named else "none"
        raise ValueError(f"exactly one of {', '.join(given)} is needed; {found} is given")
    return model


class Image(Model):
    """A container image. The version is pinned: a tag that moves is not a version."""

    name: str
    """Repository, relative to `registry` (or to the platform's registry): ``solutio-api``."""
    tag: str | None = Field(default=None, examples=["2026.11.1"])
    """Version tag. ``latest`` is refused."""
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """Content digest; wins over the tag."""
    registry: str | None = None
    """Registry host and path; empty string: none is put in front. Default: ``platform.registry``."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if self.tag == "latest":
            raise ValueError("the tag latest moves: what runs would change without a commit; name a version")
        if self.tag is None and self.digest is None:
            raise ValueError("an image without tag or digest is whatever was pushed last; name a version")
        return self


class ImageSettings(Model):
    """What of an image may differ per environment and per tenant pod."""

    name: str | None = None
    """Repository of the image."""
    tag: str | None = None
    """Version tag."""
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """Content digest."""
    registry: str | None = None
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


class HttpProbe(Model):
    """A probe: an HTTP request, a TCP connection or a command; exactly one of the three."""

    http: str | None = None
    """Path of the request."""
    tcp: bool = False
    """Only open the port."""
    exec: list[str] | None = None
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
    path: str | None = None
    """Where it is mounted. Default: the component's."""
    storage_class: str | None = Field(default=None, alias="class")
    """StorageClass. Default: the platform's retaining class."""


class File(Model):
    """A file in the container: its text (a ConfigMap) or a key of a Secret; exactly one of the two."""

    content: str | None = None
    """The text."""
    secret: SecretKey | None = None
    """``secret/key`` with the text."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        return _exactly_one(self, content=self.content is not None, secret=self.secret is not None)


class Volume(Model):
    """A volume: persistent with `size` and `claim`, else empty (``emptyDir``) with a limit of `size`."""

    path: str
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


class Container(Model):
    """An init container or a sidecar."""

    image: Image | None = None
    """Default: the image of the service."""
    command: list[str] | None = None
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
    mounts: list[Name] = []
    """Volumes of the service that it mounts too."""


class Process(Model):
    """Another long-running process of the same image: a worker beside the web server."""

    command: list[str]
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    replicas: int | Replicas = 1
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

    command: list[str]
    """Command of the container."""
    args: list[str] | None = None
    """Arguments of the command."""
    before: Literal["rollout"] | None = None
    """Runs, and must succeed, before the new version is rolled out: a database migration."""
    schedule: Annotated[str, StringConstraints(pattern=_CRON)] | None = Field(default=None, examples=["15 3 * * *"])
    """Cron expression."""
    time_zone: str = "Etc/UTC"
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
    path: str = "/metrics"
    """Path of the metrics."""


class User(Model):
    """Who the process runs as."""

    uid: int = Field(ge=0)
    """User id."""
    gid: int = Field(ge=0)
    """Group id."""
