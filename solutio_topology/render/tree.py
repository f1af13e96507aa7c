"""The whole tree of an environment: ``overlays/`` for people and kustomize, ``rendered/`` for Flux."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solutio_topology.graph.model import EnvironmentGraph, PodGraph
from solutio_topology.render import flux, kustomize, platform, rings, sops
from solutio_topology.render.model import Body, Placed, Rendered
from solutio_topology.render.outside import outside
from solutio_topology.render.stages import APPS, SECRETS, stage_namespace, stages

KUSTOMIZATION = "kustomization.yaml"
Files = Iterator[tuple[str, Rendered]]
Bases = dict[str, list[Body]]


def render(graph: EnvironmentGraph, custom: frozenset[str] = frozenset()) -> dict[str, Rendered]:
    """Every file of the environment by its path, sorted. `custom`: tenant pods with a component of the user's own."""
    by_pod = {pod.pod: stages(graph, pod) for pod in graph.pods}
    bases = _bases(by_pod.values())
    files: dict[str, Rendered] = {}
    copies = {pod.pod: sops.tenant_copies(graph, pod, by_pod[pod.pod]) for pod in graph.pods}
    files.update(_base_files(graph, bases, by_pod))
    for pod in graph.pods:
        files.update(_pod_files(graph, pod, by_pod[pod.pod], bases, is_custom=pod.pod in custom))
        if copies[pod.pod]:
            files.update(sops.secret_files(graph, pod, copies[pod.pod]))
    files.update(_platform_files(graph))
    files.update(_flux_files(graph, {pod: [*([SECRETS] if copies[pod] else []), *by_pod[pod]] for pod in by_pod}))
    text = outside(graph, by_pod)
    files[f"rendered/{graph.name}/outside.md"] = Rendered("platform", text=text)
    return dict(sorted(files.items()))


def _bases(found: Iterable[dict[str, list[Placed]]]) -> Bases:
    """The objects of each base: those that every tenant pod with this service has under one name."""
    uses: dict[str, list[list[Body]]] = {}
    for by_stage in found:
        for placed in (each for group in by_stage.values() for each in group if each.base):
            uses.setdefault(str(placed.base), []).append([kustomize.stripped(body) for body in placed.objects])
    return {base: _common(users) for base, users in uses.items()}


def _common(users: list[list[Body]]) -> list[Body]:
    names = [{kustomize.identity(body) for body in user} for user in users]
    shared = set.intersection(*names)
    return [body for body in users[0] if kustomize.identity(body) in shared]


def _base_files(graph: EnvironmentGraph, bases: Bases, by_pod: dict[str, dict[str, list[Placed]]]) -> Files:
    origins = {
        placed.base: placed.origin
        for found in by_pod.values()
        for group in found.values()
        for placed in group
        if placed.base
    }
    for base, objects in bases.items():
        if not objects:
            continue
        folder = f"overlays/{graph.name}/base/{base}"
        yield f"{folder}/{KUSTOMIZATION}", Rendered(origins[base], (kustomize.base_kustomization(objects),))
        for body in objects:
            yield f"{folder}/{kustomize.file_name(body)}", Rendered(origins[base], (body,))


def _pod_files(
    graph: EnvironmentGraph, pod: PodGraph, found: dict[str, list[Placed]], bases: Bases, *, is_custom: bool
) -> Files:
    for stage, group in found.items():
        folder = f"rendered/{graph.name}/{pod.pod}/{stage}"
        yield from _rendered_stage(folder, group, pod.pointer)
        components = ["../custom"] if is_custom and stage == APPS else []
        yield from _overlay_stage(graph, pod, stage, group, bases, components)


def _rendered_stage(folder: str, group: list[Placed], origin: str) -> Files:
    names = []
    for placed in group:
        names.append(f"{placed.file}.yaml")
        yield f"{folder}/{placed.file}.yaml", Rendered(placed.origin, placed.objects)
    yield f"{folder}/{KUSTOMIZATION}", Rendered(origin, ({**kustomize.API, "resources": names},))


def _overlay_stage(
    graph: EnvironmentGraph, pod: PodGraph, stage: str, group: list[Placed], bases: Bases, components: list[str]
) -> Files:
    folder = f"overlays/{graph.name}/{pod.pod}/{stage}"
    resources: list[str] = []
    patches: list[Body] = []
    for placed in group:
        known = {kustomize.identity(body): body for body in bases.get(placed.base or "", [])}
        if known:
            resources.append(f"../../base/{placed.base}")
        own = []
        for body in map(kustomize.stripped, placed.objects):
            common = known.get(kustomize.identity(body))
            if common is None:
                own.append(body)
            elif (found := kustomize.patch(common, body)) is not None:
                patches.append(found)
        if own:
            resources.append(f"{placed.file}.yaml")
            yield f"{folder}/{placed.file}.yaml", Rendered(placed.origin, tuple(own))
    body = kustomize.overlay_kustomization(
        namespace=stage_namespace(graph, pod, stage),
        pod=pod.pod,
        resources=resources,
        patches=patches,
        components=components,
    )
    yield f"{folder}/{KUSTOMIZATION}", Rendered(pod.pointer, (body,))


def _platform_files(graph: EnvironmentGraph) -> Files:
    values = platform.values(graph)
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


def _flux_files(graph: EnvironmentGraph, by_pod: dict[str, list[str]]) -> Files:
    by_pod_held, waits = rings.gated(graph, {pod: flux.pod_kustomizations(graph, pod, by_pod[pod]) for pod in by_pod})
    parts = {
        "source": ("platform.repository", [flux.source(graph)]),
        "platform": ("platform", [*flux.platform_kustomizations(graph), *flux.ring_kustomizations(graph, waits)]),
        **{pod: (f"pods.{pod}", bodies) for pod, bodies in by_pod_held.items()},
    }
    resources = [f"{name}.yaml" for name in parts]
    for tree in ("overlays", "rendered"):
        folder = f"{tree}/{graph.name}/flux"
        for name, (origin, objects) in parts.items():
            yield f"{folder}/{name}.yaml", Rendered(origin, tuple(objects))
        yield f"{folder}/{KUSTOMIZATION}", Rendered("environments", ({**kustomize.API, "resources": resources},))
