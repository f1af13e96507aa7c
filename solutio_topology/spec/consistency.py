"""What one part of a topology says against another, checked on the file's plain data like the names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from solutio_topology.findings import Finding, Related
from solutio_topology.identity import PLATFORM
from solutio_topology.spec import scale_check
from solutio_topology.spec.plain import each, each_map, submap
from solutio_topology.spec.rules import RESERVED_NAME, SAID_TWICE, WRONG_VALUE
from solutio_topology.spec.source import SourceMap, dotted
from solutio_topology.yamlio import Pointer

OBJECT_STORAGE = "object-storage"
"""The component that is paid by what is stored in it."""
MAIN = "main"
"""What an edge calls the service's own command, beside its other processes."""
TREE = (PLATFORM, "flux", "base")
"""Folders of an environment that belong to no tenant pod."""
STAGES = ("data", "migrate", "apps", "custom")
"""Folders of a tenant pod that belong to no layer."""


class _Said(Struct, frozen=True):
    """One of the places that say a thing: for which processes (None: all), and who says it."""

    thing: str
    pointer: Pointer
    by: str
    processes: frozenset[str] | None = None

    def meets(self, other: _Said) -> bool:
        """Whether both speak of one process."""
        return self.processes is None or other.processes is None or bool(self.processes & other.processes)


def check_consistency(data: dict[str, Any], source: SourceMap) -> Iterator[Finding]:
    """A finding per thing that is said twice, per name that is taken, and per component that is not what it says."""
    told = (finding for said in _groups(data) for finding in _said_twice(said, source))
    # An override is looked at together with what it overrides, and that was looked at before.
    yield from {(finding.location, finding.message): finding for finding in told}.values()
    for pointer, why in _reserved(data):
        location = source.locate(pointer, key=True)
        yield RESERVED_NAME.finding(
            f"{dotted(pointer)}: the name {pointer[-1]!r} {why}",
            location,
            subject=dotted(pointer),
            excerpt=source.excerpt(location),
        )
    for pointer, message in _contradictions(data):
        location = source.locate(pointer)
        yield WRONG_VALUE.finding(
            f"{dotted(pointer)}: {message}", location, subject=dotted(pointer), excerpt=source.excerpt(location)
        )


def _said_twice(said: Iterable[_Said], source: SourceMap) -> Iterator[Finding]:
    known: dict[str, list[_Said]] = {}
    for one in said:
        for other in known.setdefault(one.thing, []):
            if one.meets(other):
                where, first = source.locate(one.pointer, key=True), source.locate(other.pointer, key=True)
                yield SAID_TWICE.finding(
                    f"{one.thing} is given by {one.by} and by {other.by}",
                    where,
                    subject=dotted(one.pointer),
                    related=(Related(first, other.by),),
                    excerpt=source.excerpt(where),
                )
                break
        known[one.thing].append(one)


def _groups(data: dict[str, Any]) -> Iterator[list[_Said]]:
    """The things of each scope in which one may be said once."""
    overrides = list(_overrides(data))
    for key, service in each_map(data, "services"):
        at: Pointer = ("services", key)
        bound = list(_bound(data, key))
        plain = [*_variables(service, at), *bound]
        yield plain
        for name, override, place in overrides:
            if name == key:
                # A variable may be given anew by an override, but not in another way.
                yield [*_other_ways(service, override, at, place), *_variables(override, place)]
                yield [*bound, *_variables(override, place)]
        yield list(_mounted(service, at))
        yield list(_processes(service, at))
        yield list(_containers(service, at))
        yield list(_ports(service, at))
    yield [
        _Said(f"the namespace {pod['namespace']}", ("pods", key, "namespace"), f"tenant pod {key}")
        for key, pod in each_map(data, "pods")
        if isinstance(pod.get("namespace"), str)
    ]


def _overrides(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Pointer]]:
    for field in ("environments", "rings", "pods"):
        for owner, value in each_map(data, field):
            for name, override in each_map(value, "services"):
                yield name, override, (field, owner, "services", name)


def _variables(service: dict[str, Any], at: Pointer) -> Iterator[_Said]:
    for field in ("env", "secrets"):
        for name in submap(service, field):
            yield _Said(f"the variable {name}", (*at, field, name), dotted((*at, field)))


def _other_ways(service: dict[str, Any], override: dict[str, Any], at: Pointer, place: Pointer) -> Iterator[_Said]:
    """What the declaration gives and the override gives in the other way."""
    own = {said.pointer[-2:] for said in _variables(override, place)}
    for said in _variables(service, at):
        if said.pointer[-2:] not in own:
            yield said


def _bound(data: dict[str, Any], service: str) -> Iterator[_Said]:
    """The variables that edges give to a service."""
    for key, edge in each_map(data, "edges"):
        client = edge.get("to") if edge.get("openedBy") == "to" and edge.get("via") != "browser" else edge.get("from")
        env = edge.get("env")
        names = [env] if isinstance(env, str) else list(env) if isinstance(env, dict) else []
        only = edge.get("processes")
        processes = frozenset(filter(_is_text, only)) if isinstance(only, list) and only else None
        for name in names if client == service else ():
            place: Pointer = ("edges", key, "env") if isinstance(env, str) else ("edges", key, "env", name)
            yield _Said(f"the variable {name}", place, f"edge {key}", processes)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _mounted(service: dict[str, Any], at: Pointer) -> Iterator[_Said]:
    found = [(volume.get("path"), ("volumes", name), f"volume {name}") for name, volume in each_map(service, "volumes")]
    found += [(path, ("files", path), "a file") for path in submap(service, "files")]
    found.append((submap(service, "storage").get("path"), ("storage", "path"), "the storage"))
    for path, below, by in found:
        if isinstance(path, str):
            yield _Said(f"the path {path} in {dotted(at)}", (*at, *below), by)


def _processes(service: dict[str, Any], at: Pointer) -> Iterator[_Said]:
    for field, kind in (("processes", "process"), ("jobs", "job")):
        for name in submap(service, field):
            yield _Said(f"the name {name} in {dotted(at)}", (*at, field, name), f"a {kind}")


def _containers(service: dict[str, Any], at: Pointer) -> Iterator[_Said]:
    for field, kind in (("init", "an init container"), ("sidecars", "a sidecar")):
        for name in submap(service, field):
            yield _Said(f"the name {name} in {dotted(at)}", (*at, field, name), kind)


def _ports(service: dict[str, Any], at: Pointer) -> Iterator[_Said]:
    for name, port in submap(service, "ports").items():
        full = port if isinstance(port, dict) else {"port": port}
        if isinstance(full.get("port"), int):
            number = f"the port {full['port']}/{full.get('protocol', 'TCP')} of {dotted(at)}"
            yield _Said(number, (*at, "ports", name), f"port {name}")


def _reserved(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    own = [key for key, layer in each_map(data, "layers") if layer.get("namespace") == "own"]
    yield from _reserved_pods(submap(data, "pods"), own)
    yield from _taken_pools(data)
    for key in own:
        if key in STAGES:
            yield ("layers", key), "is a folder of every tenant pod; a layer with a namespace of its own needs another"
    for key, service in each_map(data, "services"):
        for field in ("processes", "jobs"):
            if MAIN in submap(service, field):
                yield ("services", key, field, MAIN), "is what edges call the service's own command"


def _reserved_pods(pods: dict[str, Any], own_layers: list[str]) -> Iterator[tuple[Pointer, str]]:
    for key in pods:
        if key in TREE:
            yield ("pods", key), "is a folder of every environment that belongs to no tenant pod"
        if key == "source":
            yield ("pods", key), "is a file of every environment's Flux folder that belongs to no tenant pod"
        for layer in own_layers:
            if key.removesuffix(f"-{layer}") in pods and key.endswith(f"-{layer}"):
                yield ("pods", key), f"is the namespace of layer {layer} of {key.removesuffix(f'-{layer}')!r}"


def _taken_pools(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """Tenant pods whose own node pool, which has their name, would take the place of one of the platform's."""
    owners = [data, *(each for _, each in each_map(data, "environments"))]
    pools = {name for each in owners for name in submap(each, "platform", "pools")}
    for key, pod in each_map(data, "pods"):
        if key in pools and submap(data, "tiers", str(pod.get("tier"))).get("pool"):
            yield ("pods", key), "is a node pool of the platform, and the tenant pod's own would take its place"


def _contradictions(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for key, component in each_map(data, "components"):
        kind = component.get("kind")
        if kind in ("chart", "objects") and not component.get(kind):
            yield ("components", key, "kind"), f"a component of kind {kind} needs {kind}"
    for key, edge in each_map(data, "edges"):
        for index, name in each(edge, "realizedBy"):
            if name == key:
                yield ("edges", key, "realizedBy", index), "an edge is not what makes itself real"
    yield from _usage(data)
    yield from _shared_and_own(data)
    yield from scale_check.contradictions(data)
    yield from _shared_secrets(data)


def _usage(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for key, usage in each_map(data, "costs", "usage"):
        for name in submap(usage, "stored"):
            component = submap(data, "services", name).get("component", OBJECT_STORAGE)
            if component != OBJECT_STORAGE:
                pointer = ("costs", "usage", key, "stored", name)
                yield pointer, f"{name} is {component}, and only {OBJECT_STORAGE} is paid by what is stored"


def _shared_and_own(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    for key, tier in each_map(data, "tiers"):
        dedicated = [name for _, name in each(tier, "dedicates")]
        for index, name in each(tier, "shares"):
            if name in dedicated:
                yield ("tiers", key, "shares", index), f"the tier dedicates {name}, and shares it: only one can hold"


def _shared_secrets(data: dict[str, Any]) -> Iterator[tuple[Pointer, str]]:
    provider = submap(submap(data, "platform"), "secrets").get("provider")
    for key, tier in each_map(data, "tiers"):
        isolation = submap(tier, "isolation")
        at: Pointer = ("tiers", key, "isolation", "sharedSecrets")
        if isolation.get("sharedSecrets") and provider in ("sops", "none"):
            yield at, "Secrets can be shared where a store brings them: platform.secrets.provider external-secrets"
        if isolation.get("sharedSecrets") and tier.get("tenancy") == "shared":
            yield at, "a shared tenant pod is the one whose Secrets are read; name them at a dedicated tier"
