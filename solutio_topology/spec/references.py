"""Names that must exist, checked on the file's plain data so that they are told together with every other fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from solutio_topology.findings import Finding
from solutio_topology.spec.consistency import MAIN
from solutio_topology.spec.plain import each, each_item, each_map, ring_names, submap, value_at
from solutio_topology.spec.rules import DANGLING_NAME
from solutio_topology.spec.scale_check import BUILT_IN, rules_of
from solutio_topology.spec.source import SourceMap, dotted
from solutio_topology.spec.translate import did_you_mean
from solutio_topology.yamlio import Pointer


class _Use(Struct, frozen=True):
    """A name that is used somewhere, and what it must be one of."""

    pointer: Pointer
    name: Any
    kind: str
    key: bool = False
    among: tuple[str, ...] | None = None
    """What there is, where that depends on the place: the databases of one server."""


def check_references(
    data: dict[str, Any],
    source: SourceMap,
    components: frozenset[str] | None,
    elsewhere: frozenset[str] = frozenset(),
) -> Iterator[Finding]:
    """A finding per use of a name that nothing has. `components`: the catalogue's; None leaves them unchecked.

    `elsewhere` are tenant pods that exist, too.
    """
    known: dict[str, set[str]] = {kind: set(submap(data, *path)) for kind, path in _DECLARED.items()}
    # Where nothing of a kind is declared, that is what is wrong, and is told once and not at every use.
    silent = {kind for kind in _NEEDED if not known[kind]} | ({"component"} if components is None else set())
    if not isinstance(value_at(data, _DECLARED["pool"]), dict):
        silent.add("pool")
    known["component"] |= components or set()
    known["ring"] = set(ring_names(data.get("rings")))
    known["tenant pod"] |= elsewhere
    # A tier's own pool is named after its tenant pod.
    known["pool"] |= known["tenant pod"]
    for use in _uses(data):
        names = known.get(use.kind, set()) if use.among is None else use.among
        if not isinstance(use.name, str) or use.name in names or use.kind in silent:
            continue
        guess = did_you_mean(use.name, sorted(names))
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
    "environment": ("environments",),
    "size class": ("sizes",),
    "pool": ("platform", "pools"),
    "component": ("components",),
    "decision": ("decisions",),
}


_NEEDED = ("service", "layer", "tier", "tenant pod", "environment")


def _uses(data: dict[str, Any]) -> Iterator[_Use]:
    yield from _of_services(data)
    yield from _of_edges(data)
    yield from _of_paths(data)
    yield from _of_tiers_and_pods(data)
    yield from _of_environments(data)
    yield from _of_components(data)
    yield from _of_the_rest(data)


def _of_services(data: dict[str, Any]) -> Iterator[_Use]:
    for key, service in each_map(data, "services"):
        at = ("services", key)
        yield _Use((*at, "component"), service.get("component"), "component")
        yield _Use((*at, "layer"), service.get("layer"), "layer")
        yield from _of_settings(service, at)
        for name, database in each_map(service, "databases"):
            yield _Use((*at, "databases", name, "owner"), database.get("owner"), "service")


def _of_settings(service: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    yield _Use((*at, "pool"), service.get("pool"), "pool")
    yield _Use((*at, "size"), service.get("size"), "size class")
    for field in ("processes", "jobs"):
        for name, part in each_map(service, field):
            yield _Use((*at, field, name, "size"), part.get("size"), "size class")


def _of_edges(data: dict[str, Any]) -> Iterator[_Use]:
    for key, edge in each_map(data, "edges"):
        yield _Use(("edges", key, "from"), edge.get("from"), "service")
        yield _Use(("edges", key, "to"), edge.get("to"), "service")
        yield from _list(edge, ("edges", key), "realizedBy", "edge")
        yield from _of_ends(data, edge, ("edges", key))


def _of_ends(data: dict[str, Any], edge: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    """What an edge says of its client's processes and of its server's databases."""
    ends = [edge.get("from"), edge.get("to")]
    client, server = reversed(ends) if edge.get("openedBy") == "to" else ends
    services = submap(data, "services")
    if isinstance(client, str) and client in services:
        known = (MAIN, *(submap(services, client, "processes")), *submap(services, client, "jobs"))
        yield from _list(edge, at, "processes", f"process or job of {client}", known)
    # A server whose databases nobody lists is somebody else's.
    if isinstance(server, str) and (databases := submap(services, server, "databases")):
        yield _Use((*at, "database"), edge.get("database"), f"database of {server}", among=tuple(databases))


def _of_paths(data: dict[str, Any]) -> Iterator[_Use]:
    for key, path in submap(data, "paths").items():
        if isinstance(path, list):
            yield from (_Use(("paths", key, index), name, "service") for index, name in enumerate(path))
        elif isinstance(path, str) and all(split_path(path)) and len(split_path(path)) > 1:
            yield from (_Use(("paths", key), name, "service") for name in split_path(path))


def split_path(text: str) -> list[str]:
    """The services of a path such as ``cf -> ing -> api``."""
    return [part.strip() for part in re.split(r"->|→", text)]


def _of_tiers_and_pods(data: dict[str, Any]) -> Iterator[_Use]:
    for key, tier in each_map(data, "tiers"):
        yield from _list(tier, ("tiers", key), "dedicates", "service")
        yield from _list(tier, ("tiers", key), "shares", "service")
    for key, pod in each_map(data, "pods"):
        yield _Use(("pods", key, "tier"), pod.get("tier"), "tier")
        yield _Use(("pods", key, "ring"), pod.get("ring"), "ring")
        yield from _of_overrides(data, pod, ("pods", key))
    for key, ring in each_map(data, "rings"):
        yield from _of_overrides(data, ring, ("rings", key))


def _of_overrides(data: dict[str, Any], owner: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    declared = submap(data, "services")
    for name, service in each_map(owner, "services"):
        place = (*at, "services", name)
        yield _Use(place, name, "service", key=True)
        yield from _of_settings(service, place)
        if name in declared:
            known = tuple(submap(declared, name, "processes"))
            for process in submap(service, "processes"):
                yield _Use((*place, "processes", process), process, f"process of {name}", key=True, among=known)


def _of_environments(data: dict[str, Any]) -> Iterator[_Use]:
    for key, environment in each_map(data, "environments"):
        yield from _list(environment, ("environments", key), "pods", "tenant pod")
        yield from _of_overrides(data, environment, ("environments", key))
        yield from _of_controllers(environment, ("environments", key, "platform"))


def _of_controllers(owner: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    for name in submap(owner, "platform", "controllers"):
        yield _Use((*at, "controllers", name), name, "component", key=True)


def _of_components(data: dict[str, Any]) -> Iterator[_Use]:
    for key, component in each_map(data, "components"):
        at: Pointer = ("components", key)
        yield from _list(component, at, "operators", "component")
        yield from _list(component, at, "backupOperators", "component")
        for index, need in each_item(component, "needs"):
            yield from _list(need, (*at, "needs", index), "component", "component")
        for field in ("egress", "ingress"):
            for index, connection in each_item(component, field):
                yield _Use((*at, field, index, "component"), connection.get("component"), "component")


def _of_the_rest(data: dict[str, Any]) -> Iterator[_Use]:
    yield from _of_controllers(data, ("platform",))
    backups = ("platform", "backups", "service")
    yield _Use(backups, value_at(data, backups), "service")
    for key, layer in each_map(data, "layers"):
        yield from _list(layer, ("layers", key), "reaches", "layer")
    yield from _of_costs(submap(data, "costs"))
    yield from _of_scale(data)
    for key, decision in each_map(data, "decisions"):
        yield from _of_decision(decision, ("decisions", key))
    for index, mapping in each_item(data, "mapping"):
        yield _Use(("mapping", index, "service"), mapping.get("service"), "service")
        yield _Use(("mapping", index, "pod"), mapping.get("pod"), "tenant pod")


def _of_costs(costs: dict[str, Any]) -> Iterator[_Use]:
    yield _Use(("costs", "environment"), costs.get("environment"), "environment")
    for key, item in each_map(costs, "items"):
        yield _Use(("costs", "items", key, "pool"), item.get("pool"), "pool")
        yield _Use(("costs", "items", key, "service"), item.get("service"), "service")
    for key, usage in each_map(costs, "usage"):
        for service in submap(usage, "stored"):
            yield _Use(("costs", "usage", key, "stored", service), service, "service", key=True)
    budgets = (("environments", "environment"), ("tiers", "tier"), ("pods", "tenant pod"))
    named = [
        (("usage",), "environment"),
        (("revenue",), "tier"),
        *((("budgets", part), kind) for part, kind in budgets),
    ]
    for path, kind in named:
        for name in submap(costs, *path):
            yield _Use(("costs", *path, name), name, kind, key=True)


def _of_scale(data: dict[str, Any]) -> Iterator[_Use]:
    scale = submap(data, "scale")
    drivers = (*BUILT_IN, *submap(scale, "drivers"))
    for at, rule in rules_of(data):
        yield _Use((*at, "per"), rule.get("per"), "driver", among=drivers)
    for field in ("orgs", "enterprise"):
        yield _Use(("scale", field), scale.get(field), "tenant pod")
    for key, driver in each_map(scale, "drivers"):
        for tier in submap(driver, "tiers"):
            yield _Use(("scale", "drivers", key, "tiers", tier), tier, "tier", key=True)
    for key, service in each_map(scale, "services"):
        yield _Use(("scale", "services", key), key, "service", key=True)
        known = tuple(submap(data, "services", key, "processes"))
        for name in submap(service, "processes") if key in submap(data, "services") else ():
            yield _Use(("scale", "services", key, "processes", name), name, f"process of {key}", key=True, among=known)
    for name in submap(scale, "pools"):
        yield _Use(("scale", "pools", name), name, "pool", key=True)
    for name in submap(scale, "usage", "stored"):
        yield _Use(("scale", "usage", "stored", name), name, "service", key=True)
    items = tuple(submap(data, "costs", "items"))
    for name in submap(scale, "plans"):
        yield _Use(("scale", "plans", name), name, "item of costs.items", key=True, among=items)


def _of_decision(decision: dict[str, Any], at: Pointer) -> Iterator[_Use]:
    yield from _list(decision, at, "components", "component")
    yield from _list(decision, at, "supersedes", "decision")
    yield from _list(submap(decision, "recognise"), (*at, "recognise"), "components", "component")
    for name, rejected in each_map(decision, "rejected"):
        for service in submap(rejected, "allowed"):
            place = (*at, "rejected", name, "allowed", service)
            yield _Use(place, service, "service", key=True)


def _list(
    owner: dict[str, Any], at: Pointer, field: str, kind: str, among: tuple[str, ...] | None = None
) -> Iterator[_Use]:
    yield from (_Use((*at, field, index), name, kind, among=among) for index, name in each(owner, field))
