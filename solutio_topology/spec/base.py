"""What every model of the topology shares: strictness, and the scalars with a meaning of their own."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.alias_generators import to_camel

from solutio_topology.spec import values


def _without_plugins() -> None:
    """Keep pydantic from asking every installed package for plugins: it loads modules for mail and sockets to do so."""
    loader = ModuleType("pydantic.plugin._loader")
    vars(loader)["get_plugins"] = tuple
    sys.modules.setdefault(loader.__name__, loader)


_without_plugins()

SHAPES: dict[str, str] = {}
"""What each pattern of the format means, in words."""


def shaped(pattern: str, words: str, max_length: int | None = None) -> StringConstraints:
    """The constraint of text to a pattern. `words` say it to people: no message shows a pattern."""
    SHAPES[pattern] = words
    return StringConstraints(pattern=pattern, max_length=max_length)


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


def exactly_one(**fields: dict[str, JsonValue]) -> ConfigDict:
    """What the JSON Schema says of a model of which exactly one field is given, and what counts as given."""
    return ConfigDict(json_schema_extra={"oneOf": [_given(name, shape) for name, shape in fields.items()]})


def at_least_one(**fields: dict[str, JsonValue]) -> ConfigDict:
    """As `exactly_one`, for a model of which several may be given."""
    return ConfigDict(json_schema_extra={"anyOf": [_given(name, shape) for name, shape in fields.items()]})


def _given(name: str, shape: dict[str, JsonValue]) -> JsonValue:
    return {"required": [name], "properties": {name: shape}}


Name = Annotated[
    str,
    shaped(
        r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
        "lower-case letters, digits and hyphens, 40 at most, a letter or digit first and last",
    ),
]
"""A key of the topology: a DNS label, 40 characters at most, so that names made from it still fit 63."""

Names = Annotated[list[Name], AfterValidator(values.unique), Field(json_schema_extra={"uniqueItems": True})]
"""Names, each of them once."""

ObjectName = Annotated[
    str,
    shaped(
        r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        "a Kubernetes name: lower-case letters, digits, hyphens and dots, a letter or digit first and last",
    ),
]
"""The name of a Kubernetes object."""

ObjectNames = Annotated[list[ObjectName], AfterValidator(values.unique), Field(json_schema_extra={"uniqueItems": True})]
"""Names of Kubernetes objects, each of them once."""

Namespace = Annotated[
    str,
    shaped(
        r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
        "a namespace: lower-case letters, digits and hyphens, 63 at most, a letter or digit first and last",
    ),
]
"""The name of a Kubernetes namespace."""

LabelKey = Annotated[
    str,
    shaped(
        r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
        "a label's key: app.kubernetes.io/name, tier",
    ),
]
LabelValue = Annotated[
    str,
    shaped(
        r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$",
        "a label's value: letters, digits, hyphens, underscores and dots, 63 at most, a letter or digit first and last",
    ),
]
Labels = dict[LabelKey, LabelValue]

EnvName = Annotated[
    str,
    shaped(r"^[A-Za-z_][A-Za-z0-9_]*$", "an environment variable: letters, digits and underscores, no digit first"),
]
"""The name of an environment variable."""

PortName = Annotated[
    str,
    shaped(
        r"^[a-z]([a-z0-9-]{0,13}[a-z0-9])?$",
        "a port name: at most 15 lower-case letters, digits and hyphens, a letter first",
    ),
]
"""The name of a port: at most 15 characters, starting with a letter (IANA service name)."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=0)]
Protocol = Literal["TCP", "UDP", "SCTP"]

Host = Annotated[
    str,
    shaped(
        r"^(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
        "a host name with at least one dot, in lower case: app.example.com",
    ),
]
"""A fully qualified domain name; a leading ``*.`` stands for any one label or more."""

Zone = Annotated[
    str,
    shaped(
        r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
        "a domain with at least one dot, in lower case and without a wildcard: example.com",
    ),
]
"""A domain in which public hosts are made."""

HostPattern = Annotated[
    str,
    shaped(
        r"^([a-z0-9]|\{(zone|pod|-pod|suffix)\})([a-z0-9-]|\{(zone|pod|-pod|suffix)\})*"
        r"(\.([a-z0-9]|\{(zone|pod|-pod|suffix)\})([a-z0-9-]|\{(zone|pod|-pod|suffix)\})*)*$",
        "a host name that may hold {zone}, {pod}, {-pod} and {suffix}: api{-pod}.{zone}",
        max_length=253,
    ),
]
"""A host name with placeholders: ``{zone}``, ``{pod}``, ``{-pod}`` (empty for the shared pod), ``{suffix}``."""

Cidr = Annotated[
    str,
    shaped(r"^[0-9a-fA-F:.]+/[0-9]{1,3}$", "an address range: 203.0.113.0/24, one address: 203.0.113.7/32"),
    AfterValidator(values.network),
]
"""A range of IPv4 or IPv6 addresses."""

Quantity = Annotated[
    str,
    shaped(
        r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$",
        "a quantity: 250m or 2 of CPU, 512Mi or 100Gi of memory and storage",
    ),
]
"""A Kubernetes quantity: ``250m``, ``512Mi``, ``100Gi``."""

SecretKey = Annotated[
    str,
    shaped(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[-._a-zA-Z0-9]+$", "a key of a Secret: secret-name/key"),
]
"""A key of a Secret: ``secret-name/key``."""

Template = Annotated[str, AfterValidator(values.template)]
"""Text with the placeholders of a binding."""

Tag = Annotated[
    str,
    shaped(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", "the tag of an image: 2026.11.1, v1.13.5"),
    AfterValidator(values.fixed_tag),
]
Digest = Annotated[str, shaped(r"^sha256:[0-9a-f]{64}$", "the digest of an image: sha256: and 64 hexadecimal digits")]
ImageName = Annotated[
    str,
    shaped(
        r"^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
        "the repository of an image, without its tag or digest: solutio-api, tools/exporter",
    ),
]
Registry = Annotated[
    str, shaped(r"^[A-Za-z0-9._:/-]*[A-Za-z0-9]$", "a registry without a scheme: registry.example.com/team")
]

FilePath = Annotated[
    str,
    shaped(r"^/[^:]*$", "an absolute path in the container: /var/lib/app"),
    AfterValidator(values.without_parents),
]
"""An absolute path in a container."""
RepositoryPath = Annotated[
    str,
    shaped(r"^[^/:]+(/[^/:]+)*/?$", "a folder of the repository, relative to its root: clusters/prod"),
    AfterValidator(values.without_parents),
]
UrlPath = Annotated[str, shaped(r"^/[^\s]*$", "the path of an address, with / first: /healthz")]
Duration = Annotated[str, shaped(r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$", "a duration: 30s, 5m, 1h30m")]
Cron = Annotated[
    str,
    shaped(
        r"^(@(hourly|daily|weekly|monthly|yearly)|([0-9*/,A-Za-z?-]+\s+){4}[0-9*/,A-Za-z?-]+)$",
        "a schedule of five fields, minute hour day month weekday: 15 3 * * *",
    ),
    AfterValidator(values.cron),
]
"""When a job runs: minute, hour, day of the month, month, day of the week."""
CronWithSeconds = Annotated[
    str,
    shaped(
        r"^([0-9*/,A-Za-z?-]+\s+){5}[0-9*/,A-Za-z?-]+$",
        "a schedule of six fields, seconds first: 0 30 2 * * *",
    ),
    AfterValidator(values.cron_with_seconds),
]
Words = Annotated[str, StringConstraints(min_length=1)]
Command = Annotated[list[str], Field(min_length=1)]
"""A command and its arguments, a list."""

Placement = Literal["cluster", "droplet", "managed", "external", "edge", "client"]
PodSecurity = Literal["restricted", "baseline", "privileged"]
