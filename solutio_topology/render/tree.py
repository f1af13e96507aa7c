"""The whole tree of an environment: ``overlays/`` for people and kustomize, ``rendered/`` for Flux."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from msgspec import Struct

from solutio_topology.graph.model import EnvironmentGraph, PodGraph
from solutio_topology.graph.view import common_view, parts_of, view
from solutio_topology.identity import PLATFORM
from solutio_topology.render import flux, kustomize, platform, rings, routes, sops
from solutio_topology.render.alike import Alike, Known
from solutio_topology.render.model import Body, Placed, Rendered
from solutio_topology.render.outside import outside, pod_outside
from solutio_topology.render.stages import APPS, SECRETS, services, stage_namespace, stages

KUSTOMIZATION = "kustomization.yaml"
Files = Iterator[tuple[str, Rendered]]
_MANY = 8
"""Tenant pods from which on it pays to remember what they have in common."""


class Bases(Struct, frozen=True):
    """What tenant pods have in common."""

    placed: dict[str, Placed]
    """By the name of the base, without what overlays set."""
    text: bytes
    """Every text in it, to look for a name in."""
    known: Known | None = None
    """What was made for one tenant pod and is the same for others but for their names; None where it would not pay."""

    @classmethod
    def of(cls, placed: dict[str, Placed], *, remember: bool) -> Bases:
        """The bases with these objects."""
        texts: set[str] = set()
        _gather([each.objects for each in placed.values()], texts)
        return cls(placed, "\n".join(sorted(texts)).encode(), Known() if remember else None)

    def alike(self, pod: PodGraph) -> Alike:
        """How a tenant pod is like others but for its names."""
        if self.known is None:
            return Alike.of((), Known())
        domain, namespace = pod.tenant.domain, pod.tenant.namespace
        names = (pod.pod, *((domain, routes.slug(domain)) if domain else ()), *((namespace,) if namespace else ()))
        return Alike.of(names, self.known, self.text)


def _gather(value: Any, into: set[str]) -> None:
    """Add every text that stands in a value, keys included."""
    if isinstance(value, str):
        into.add(value)
    elif isinstance(value, dict):
        into.update(value)
        _gather([*value.values()], into)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _gather(item, into)


def render(graph: EnvironmentGraph, custom: frozenset[str] = frozenset()) -> dict[str, Rendered]:
    """Every file of the environment by its path, sorted. `custom`: tenant pods with a component of the user's own."""
    bases = bases_of(graph)
    parts = (render_part(graph, part, bases, is_custom=part in custom) for part in parts_of(graph))
    return dict(sorted(item for part in parts for item in part.items()))


def bases_of(graph: EnvironmentGraph, pods: Iterable[str] | None = None) -> Bases:
    """The objects of each base: what the first tenant pod has of its services. The others add, change or delete.

    Nothing of another tenant pod decides what stands there, so that one more customer changes nobody's files. With
    `pods`, the bases that these need.
    """
    found: dict[str, Placed] = {}
    seen = common_view(graph)
    wanted = None if pods is None else {service for pod in pods for service in graph.pod(pod).nodes}
    nodes = [node for service, node in seen.pods[0].nodes.items() if wanted is None or service in wanted]
    for group in services(seen, nodes).values():
        for placed in group:
            if placed.base:
                bodies = tuple(kustomize.stripped(body) for body in placed.objects if not _is_named_by_content(body))
                if bodies:
                    found[placed.base] = Placed(placed.file, placed.origin, bodies, placed.base)
    return Bases.of(found, remember=len(graph.pods) >= _MANY)


def _is_named_by_content(body: Body) -> bool:
    """Whether the name says what differs between tenant pods: a hash of what a Job runs, the host of a route."""
    spec = body.get("spec", {})
    hosts = [*spec.get("hostnames", []), *(rule.get("host", "") for rule in spec.get("rules", []) if "http" in rule)]
    return body["kind"] == "Job" or body["metadata"]["name"] in map(routes.slug, hosts)


def render_part(
    graph: EnvironmentGraph, part: str, bases: Bases, *, is_custom: bool = False, only_lists: bool = False
) -> dict[str, Rendered]:
    """The files of the platform or of one tenant pod, by path.

    `only_lists` leaves of the platform what names the tenant pods that are to be applied, and what they have in common.
    """
    if part == PLATFORM:
        return dict(_lists(graph.outline, bases) if only_lists else _shared_files(graph.outline, bases))
    seen, pod = view(graph, part), graph.pod(part)
    alike = bases.alike(pod)
    found = stages(seen, pod, alike)
    copies = sops.tenant_copies(seen, pod, found)
    files = dict(_pod_files(seen, pod, found, bases, alike, is_custom=is_custom))
    if copies:
        files.update(sops.secret_files(seen, pod, copies))
    tenant = platform.tenant(seen, pod)
    ground = Rendered(tenant.origin, tenant.objects)
    held = _held(graph, part, _kustomizations(seen, pod, found))
    applied = Rendered(pod.pointer, (*flux.pod_sources(seen, part), *held))
    for tree in ("overlays", "rendered"):
        files[f"{tree}/{graph.name}/platform/controllers/{tenant.file}.yaml"] = ground
        files[f"{tree}/{graph.name}/flux/{part}.yaml"] = applied
    if not graph.serves_others(part):
        files[f"rendered/{graph.name}/{part}/outside.md"] = Rendered(pod.pointer, text=pod_outside(seen, pod, found))
    return files


def _kustomizations(graph: EnvironmentGraph, pod: PodGraph, found: dict[str, list[Placed]]) -> list[Body]:
    """The tenant pod's Kustomizations, before any ring holds them."""
    copies = sops.tenant_copies(graph, pod, found)
    return flux.pod_kustomizations(graph, pod.pod, [*([SECRETS] if copies else []), *found])


def _everybodys(graph: EnvironmentGraph) -> dict[str, list[Body]]:
    """The Kustomizations of every tenant pod: what a ring waits for is asked of all of them."""
    return {pod.pod: _kustomizations(graph, pod, stages(graph, pod)) for pod in graph.pods}


def _held(graph: EnvironmentGraph, pod: str, bodies: list[Body]) -> list[Body]:
    """The Kustomizations behind the gates of the rings before. Nobody needs those of one that serves no other."""
    if len(graph.rings) < 2:
        return bodies
    if graph.serves_others(pod):
        return rings.gated(graph.outline, _everybodys(graph.outline))[0][pod]
    return rings.behind(bodies, rings.gates_before(graph, pod), set())


def _gates(graph: EnvironmentGraph) -> list[Body]:
    if len(graph.rings) < 2:
        return []
    return flux.ring_kustomizations(graph, rings.gated(graph, _everybodys(graph))[1])


def _shared_files(graph: EnvironmentGraph, bases: Bases) -> Files:
    yield from base_files(graph, bases)
    yield from _platform_files(graph)
    yield from _flux_files(graph)
    common = {pod.pod: stages(graph, pod) for pod in graph.pods if graph.serves_others(pod.pod)}
    yield f"rendered/{graph.name}/outside.md", Rendered("platform", text=outside(graph, common))


def _lists(graph: EnvironmentGraph, bases: Bases) -> Files:
    yield from base_files(graph, bases)
    for path, found in (*_platform_files(graph), *_flux_files(graph)):
        if is_list(path):
            yield path, found


def is_list(path: str) -> bool:
    """Whether a file of the platform names the tenant pods that are to be applied, or is what they have in common."""
    is_base = path.startswith("overlays/") and path.split("/")[2] == "base"
    return is_base or path.endswith((f"/controllers/{KUSTOMIZATION}", f"/flux/{KUSTOMIZATION}"))


def base_files(graph: EnvironmentGraph, bases: Bases) -> Files:
    """What tenant pods have in common, as kustomize's bases."""
    for base, placed in bases.placed.items():
        folder = f"overlays/{graph.name}/base/{base}"
        yield f"{folder}/{KUSTOMIZATION}", Rendered(placed.origin, (kustomize.base_kustomization(placed.objects),))
        for body in placed.objects:
            yield f"{folder}/{kustomize.file_name(body)}", Rendered(placed.origin, (body,))


def _pod_files(
    graph: EnvironmentGraph,
    pod: PodGraph,
    found: dict[str, list[Placed]],
    bases: Bases,
    alike: Alike,
    *,
    is_custom: bool,
) -> Files:
    for stage, group in found.items():
        folder = f"rendered/{graph.name}/{pod.pod}/{stage}"
        for placed in group:
            yield f"{folder}/{placed.file}.yaml", placed.rendered
        names = [f"{placed.file}.yaml" for placed in group]
        yield f"{folder}/{KUSTOMIZATION}", Rendered(pod.pointer, ({**kustomize.API, "resources": names},))
        resources, patches, files = _overlaid(f"overlays/{graph.name}/{pod.pod}/{stage}", group, bases, alike)
        yield from files.items()
        body = kustomize.overlay_kustomization(
            namespace=stage_namespace(graph, pod, stage),
            pod=pod.pod,
            resources=resources,
            patches=patches,
            components=["../custom"] if is_custom and stage == APPS else [],
        )
        yield f"overlays/{graph.name}/{pod.pod}/{stage}/{KUSTOMIZATION}", Rendered(pod.pointer, (body,))


def _overlaid(
    folder: str, group: list[Placed], bases: Bases, alike: Alike
) -> tuple[list[str], list[Body], dict[str, Rendered]]:
    """What a stage of a tenant pod takes from the bases and has itself, its patches, and its own files."""
    resources: list[str] = []
    patches: list[Body] = []
    files: dict[str, Rendered] = {}
    for placed in group:
        base = bases.placed.get(placed.base or "")
        if base is not None:
            resources.append(f"../../base/{placed.base}")
        work = partial(kustomize.own_and_patches, base.objects if base else ())
        own, changes = alike.made(work, placed.objects, placed.base, placed.rendered.plain)
        patches += changes
        if own:
            resources.append(f"{placed.file}.yaml")
            files[f"{folder}/{placed.file}.yaml"] = Rendered(placed.origin, own)
    return resources, patches, files


def _platform_files(graph: EnvironmentGraph) -> Files:
    values = platform.values(graph)
    tenants = [f"tenant-{pod.pod}.yaml" for pod in graph.pods]
    for stage, group in (
        ("controllers", platform.controllers(graph)),
        ("configs", platform.configs(graph)),
        *((stage, iter([placed])) for stage, placed in rings.gates(graph)),
    ):
        found = list(group)
        copies = sops.platform_copies(graph) if stage == "configs" else {}
        if not found and not copies:
            continue
        folder = f"{graph.name}/platform/{stage}"
        names = [*copies, *(f"{placed.file}.yaml" for placed in found)]
        if stage == "controllers":
            names[2:2] = tenants  # Behind the namespaces and the roles, before what is installed.
        for tree in ("overlays", "rendered"):
            for name, source in copies.items():
                yield f"{tree}/{folder}/{name}", Rendered("platform.secrets", copy_from=source)
        patches = [f"values/{placed.file}.yaml" for placed in found if values.get(placed.file)]
        for placed in found:
            yield f"overlays/{folder}/{placed.file}.yaml", Rendered(placed.origin, placed.objects)
            final = tuple(_with_values(body, values) for body in placed.objects)
            yield f"rendered/{folder}/{placed.file}.yaml", Rendered(placed.origin, final)
            if f"values/{placed.file}.yaml" in patches:
                body = _values_patch(placed, values[placed.file])
                yield f"overlays/{folder}/values/{placed.file}.yaml", Rendered(placed.origin, (body,))
        top = {**kustomize.API, "resources": names}
        yield f"rendered/{folder}/{KUSTOMIZATION}", Rendered("platform", (top,))
        overlay = {**top, "patches": [{"path": name} for name in patches]} if patches else top
        yield f"overlays/{folder}/{KUSTOMIZATION}", Rendered("platform", (overlay,))


def _with_values(body: Body, values: dict[str, Body]) -> Body:
    name = body["metadata"]["name"]
    if body["kind"] != "HelmRelease" or not values.get(name):
        return body
    return {**body, "spec": {**body["spec"], "values": values[name]}}


def _values_patch(placed: Placed, values: Body) -> Body:
    release = next(body for body in placed.objects if body["kind"] == "HelmRelease")
    name = {key: release["metadata"][key] for key in ("name", "namespace")}
    return {
        "apiVersion": release["apiVersion"],
        "kind": "HelmRelease",
        "metadata": name,
        "spec": {"values": values},
    }


def _flux_files(graph: EnvironmentGraph) -> Files:
    parts = {
        "source": ("platform.repository", flux.sources(graph)),
        "platform": ("platform", [*flux.platform_kustomizations(graph), *_gates(graph)]),
    }
    resources = [f"{name}.yaml" for name in (*parts, *(pod.pod for pod in graph.pods))]
    for tree in ("overlays", "rendered"):
        folder = f"{tree}/{graph.name}/flux"
        for name, (origin, objects) in parts.items():
            yield f"{folder}/{name}.yaml", Rendered(origin, tuple(objects))
        yield f"{folder}/{KUSTOMIZATION}", Rendered("environments", ({**kustomize.API, "resources": resources},))
