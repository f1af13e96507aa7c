"""What every model of the topology shares: strictness, and the scalars with a meaning of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """A strict, frozen part of the topology. Unknown keys are errors; keys are written in camelCase."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=True,
        # Only the whole topology is ever validated: its parts need no validators of their own.
        defer_build=True,
    )


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
"""A key of the topology: a DNS label, 40 characters at most, so that names made from it still fit 63."""

ObjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
"""The name of a Kubernetes object."""

EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an environment variable."""

PortName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$")]
"""The name of a port: at most 15 characters, starting with a letter (IANA service name)."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
Protocol = Literal["TCP", "UDP", "SCTP"]

Host = Annotated[
    str,
    StringConstraints(pattern=r"^(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$"),
]
"""A fully qualified domain name; a leading ``*.`` stands for any one label or more."""

HostPattern = Annotated[str, StringConstraints(pattern=r"^[a-z0-9{}.-]+$", max_length=253)]
"""A host name with placeholders: ``{zone}``, ``{pod}``, ``{-pod}`` (empty for the shared pod), ``{suffix}``."""

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$")]
"""A Kubernetes quantity: ``250m``, ``512Mi``, ``100Gi``."""

SecretKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[-._a-zA-Z0-9]+$")]
"""A key of a Secret: ``secret-name/key``."""

Placement = Literal["cluster", "droplet", "managed", "external", "edge", "client"]
PodSecurity = Literal["restricted", "baseline", "privileged"]
