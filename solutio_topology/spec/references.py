"""Names that must exist, checked on the file's plain data so that they are told together with every other fault."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from solutio_topology.findings import Finding
from solutio_topology.spec.rules import DANGLING_NAME
from solutio_topology.spec.source import SourceMap, dotted
from solutio_topology.spec.translate import did_you_mean, value_at
from solutio_topology.yamlio import Pointer


@dataclass(frozen=True, slots=True)
class _Use:
    """A name that is used somewhere, and what it must be one of."""

    pointer: Pointer
    name: Any
    kind: str
    key: bool = False


def check_references(data: dict[str, Any], source: SourceMap, components: frozenset[str] | None) -> Iterator[Finding]:
    """A finding per use of a name that nothing has. `components`: the catalogue's; None leaves them unchecked."""
    known: dict[str, set[str]] = {kind: set(_map(data, *path)) for kind, path in _DECLARED.items()}
    known["component"] |= components or set()
    # A tier's own pool is named after its tenant pod.
    known["pool"] |= known["tenant pod"]
    for use in _uses(data):
        if not isinstance(use.name, str) or use.name in known[use.kind]:
            continue
        if use.kind == "component" and components is None:
            continue
        guess = did_you_mean(use.name, sorted(known[use.kind]))
        location = source.locate(use.pointer, key=use.key)
        yield DANGLING_NAME.finding(
            f"{dotted(use.pointer)}: there is no {use.kind} {use.name!r}{guess}",
            location,
            subject=dotted(use.pointer),
            excerpt=source.excerpt(location),
        )


_DECLARED = {
    "service": ("services",),
    "layer": ("layers",),
    "tier": ("tiers",),
    "tenant pod": ("pods",),
    "edge": ("edges",),
    "size class": ("sizes",),
    "pool": ("platform", "pools"),
    "component": ("components",),
}


def _uses(data: dict[str, Any]) -> Iterator[_Use]:
    yield from _of_services(data)
    yield from _of_edges(data)
    yield from _of_paths(data)
    yield from _of_tiers_and_pods(data)
    yield from _of_environments(data)
    yield from _of_the_rest(data)


def _of_services(data: dict[str, Any]) -> Iterator[_Use]:
    for key, service in _maps(data, "services"):
        at = ("services", key)
        yield _Use((*at, "component"), service.get("component"), "component")
        yield _Use((*at, "layer"), service.get("layer"), "layer")
        yield from _of_settings(service, at)
        for name, database in _maps(service, "databases"):
            yield _Use((*at, "databases", name, "owner"), database.get("owner"), "service")


def _of_settings(service: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    yield _Use((*at, "pool"), service.get("pool"), "pool")
    yield _Use((*at, "size"), service.get("size"), "size class")
    for field in ("processes", "jobs"):
        for name, part in _maps(service, field):
            yield _Use((*at, field, name, "size"), part.get("size"), "size class")


def _of_edges(data: dict[str, Any]) -> Iterator[_Use]:
    for key, edge in _maps(data, "edges"):
        yield _Use(("edges", key, "from"), edge.get("from"), "service")
        yield _Use(("edges", key, "to"), edge.get("to"), "service")
        yield from _list(edge, ("edges", key), "realizedBy", "edge")


def _of_paths(data: dict[str, Any]) -> Iterator[_Use]:
    for key, path in _map(data, "paths").items():
        if isinstance(path, list):
            yield from (_Use(("paths", key, index), name, "service") for index, name in enumerate(path))
        elif isinstance(path, str):
            yield from (_Use(("paths", key), name, "service") for name in split_path(path))


def split_path(text: str) -> list[str]:
    """The services of a path such as ``cf -> ing -> api``."""
    return [part.strip() for part in re.split(r"->|→", text)]


def _of_tiers_and_pods(data: dict[str, Any]) -> Iterator[_Use]:
    for key, tier in _maps(data, "tiers"):
        yield from _list(tier, ("tiers", key), "dedicates", "service")
        yield from _list(tier, ("tiers", key), "shares", "service")
    for key, pod in _maps(data, "pods"):
        yield _Use(("pods", key, "tier"), pod.get("tier"), "tier")
        yield from _of_overrides(pod, ("pods", key))


def _of_overrides(owner: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    for name, service in _maps(owner, "services"):
        yield _Use((*at, "services", name), name, "service", key=True)
        yield from _of_settings(service, (*at, "services", name))


def _of_environments(data: dict[str, Any]) -> Iterator[_Use]:
    for key, environment in _maps(data, "environments"):
        yield from _list(environment, ("environments", key), "pods", "tenant pod")
        yield from _of_overrides(environment, ("environments", key))


def _of_the_rest(data: dict[str, Any]) -> Iterator[_Use]:
    backups = ("platform", "backups", "service")
    yield _Use(backups, value_at(data, backups), "service")
    for key, layer in _maps(data, "layers"):
        yield from _list(layer, ("layers", key), "reaches", "layer")
    for key, item in _maps(_map(data, "costs"), "items"):
        yield _Use(("costs", "items", key, "pool"), item.get("pool"), "pool")
        yield _Use(("costs", "items", key, "service"), item.get("service"), "service")
    for key, decision in _maps(data, "decisions"):
        yield from _list(decision, ("decisions", key), "components", "component")
    for index, mapping in enumerate(data["mapping"] if isinstance(data.get("mapping"), list) else []):
        if isinstance(mapping, dict):
            yield _Use(("mapping", index, "service"), mapping.get("service"), "service")
            yield _Use(("mapping", index, "pod"), mapping.get("pod"), "tenant pod")


def _list(owner: dict[str, Any], at: Pointer, field: str, kind: str) -> Iterator[_Use]:
    names = owner.get(field)
    if isinstance(names, list):
        yield from (_Use((*at, field, index), name, kind) for index, name in enumerate(names))


def _map(data: Any, *path: str) -> dict[str, Any]:
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def _maps(data: Any, field: str) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((key, value) for key, value in _map(data, field).items() if isinstance(value, dict))
