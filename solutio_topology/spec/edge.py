"""An edge: a declared directed connection, with a port and how the client learns the address."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from solutio_topology.spec.base import (
    EnvName,
    HostPattern,
    Model,
    Name,
    Names,
    ObjectName,
    PortName,
    Template,
    UrlPath,
)
from solutio_topology.spec.values import unique


class Edge(Model):
    """Who connects to whom. What no edge declares is closed."""

    source: Name = Field(alias="from")
    """The service that the arrow starts at."""
    to: Name
    """The service that the arrow points to."""
    title: str | None = None
    """What it is for."""
    ports: Annotated[list[PortName], AfterValidator(unique), Field(json_schema_extra={"uniqueItems": True})] = []
    """Ports of the target. Default: its primary port."""
    opened_by: Literal["from", "to"] = "from"
    """Which side opens the connection. The arrow of a diagram may follow the data instead."""
    via: Literal["browser", "load-balancer", "node"] | None = None
    """``browser``: the visitor's browser opens it, through edge and ingress, not the pod of `from`;
    ``load-balancer`` and ``node``: from outside, not through the ingress."""
    processes: Names = []
    """Processes and jobs of the client that open it. Default: all."""
    host: HostPattern | None = None
    """From an ingress: the public host."""
    path: UrlPath = "/"
    """From an ingress: the path prefix."""
    env: EnvName | dict[EnvName, Template] | None = None
    """The client's variable that holds the address; or several, each with a template: ``{host}``, ``{port}``,
    ``{url}``, ``{database}``, ``{username}``, ``{password}``, ``{secret:KEY}``, ``{public}`` (the public address)."""
    secret: ObjectName | None = None
    """The Secret with the client's credentials."""
    database: Name | None = None
    """The database of the server that it uses."""
    realized_by: Names = []
    """Edges that together make this arrow of the drawing real, where no single connection does."""
    order: bool | None = None
    """Whether the target must be up before the client starts. Default: whether the target's component is stateful."""
