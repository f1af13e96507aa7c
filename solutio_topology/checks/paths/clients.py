"""What a client's environment really says: which host and port its variables name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from solutio_topology.graph.model import Link
    from solutio_topology.manifests.facts import Container, EnvVar, Place, Workload

Configs = Mapping[tuple[str, str], Mapping[str, str]]
"""The data of the ConfigMaps by (namespace, name)."""

_URL = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@\s]*@)?(\[[0-9a-fA-F:]+\]|[^/:?#\s,]+)(?::([0-9]+))?(?=[/?#,\s]|$)"
)
_PAIR = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):([0-9]{1,5})")
_CREDENTIAL = re.compile(r"\{(?:secret:([-._a-zA-Z0-9]+)|(username|password))\}")
_DEFAULT = {"http": 80, "ws": 80, "https": 443, "wss": 443, "postgres": 5432, "redis": 6379, "amqp": 5672, "rtsp": 554}


class Address(Struct, frozen=True):
    """A host and port that a variable names. `port` None: the variable does not say."""

    variable: EnvVar
    host: str
    port: int | None


def declared_names(link: Link) -> tuple[str, ...]:
    """The variables in which the edge's client is to find the address or a part of it."""
    if link.edge.env is None:
        return ()
    return (link.edge.env,) if isinstance(link.edge.env, str) else tuple(link.edge.env)


def address_names(link: Link) -> tuple[str, ...]:
    """Those of the variables that hold the host itself, with or without more."""
    if link.edge.env is None or isinstance(link.edge.env, str):
        return declared_names(link)
    return tuple(name for name, text in link.edge.env.items() if "{host}" in text or "{url}" in text)


def credential_keys(link: Link) -> dict[str, str]:
    """The variables that hold a credential alone, each with the key of the Secret that it is to come from."""
    if link.edge.env is None or isinstance(link.edge.env, str):
        return {}
    found = {name: _CREDENTIAL.fullmatch(text) for name, text in link.edge.env.items()}
    return {name: match.group(1) or match.group(2) for name, match in found.items() if match}


def variables(workload: Workload, configs: Configs | None = None) -> dict[str, EnvVar]:
    """The variables of the workload's containers by name; of sidecars and init containers those no other has.

    With `configs`, what comes from a ConfigMap has its value, and the place where the container asks for it.
    """
    found: dict[str, EnvVar] = {}
    for container in sorted(workload.containers, key=lambda each: each.init):
        own = {variable.name: variable for variable in container.env}
        if configs:
            space = workload.key.namespace
            named = {name: _from_config(variable, space, configs) for name, variable in own.items()}
            own = _from_whole_configs(container, space, configs) | named
        found = own | found
    return found


def _from_config(variable: EnvVar, namespace: str, configs: Configs) -> EnvVar:
    value = configs.get((namespace, variable.source_name), {}).get(variable.source_key)
    if variable.source_kind != "ConfigMap" or value is None:
        return variable
    return replace(variable, value=value)


def _from_whole_configs(container: Container, namespace: str, configs: Configs) -> dict[str, EnvVar]:
    """What ``envFrom`` makes of every key of a ConfigMap; a later one wins."""
    from solutio_topology.manifests.facts import EnvVar

    found: dict[str, EnvVar] = {}
    sources = container.body.get("envFrom")
    for index, source in enumerate(sources if isinstance(sources, list) else ()):
        config = source.get("configMapRef") if isinstance(source, dict) else None
        if not isinstance(config, dict):
            continue
        name, place = str(config.get("name")), container.place.at("envFrom", index)
        for key, value in configs.get((namespace, name), {}).items():
            variable = f"{source.get('prefix') or ''}{key}"
            found[variable] = EnvVar(variable, value, "ConfigMap", name, key, False, place)
    return found


def addresses(found: Iterable[EnvVar]) -> Iterator[Address]:
    """Every address that the literal values name. A lone host takes the port of a lone number beside it."""
    literal = [variable for variable in found if variable.value is not None]
    numbers = [int(each.value) for each in literal if each.value and each.value.isdecimal() and len(each.value) < 6]
    for variable in literal:
        text = variable.value or ""
        for match in _URL.finditer(text):
            port = int(match.group(2)) if match.group(2) else _DEFAULT.get(text[: match.end()].partition("://")[0])
            yield Address(variable, match.group(1).strip("[]"), port)
        if "://" in text:
            continue
        if pair := _PAIR.fullmatch(text):
            yield Address(variable, pair.group(1).strip("[]"), int(pair.group(2)))
        elif re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text) and not text.isdecimal():
            yield Address(variable, text, numbers[0] if len(numbers) == 1 else None)


def main_container(workload: Workload) -> tuple[str, Place]:
    """Name and place of the container that a finding about a missing variable points at; without one, the pod's."""
    mains = [container for container in workload.containers if not container.init]
    for container in (*mains, *workload.containers):
        return container.name, container.place
    return "main", workload.pod_place
