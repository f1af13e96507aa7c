"""Encrypted Secrets, copied byte for byte: a label more would break the signature that SOPS puts on a file."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph, PodGraph
from solutio_topology.render import platform
from solutio_topology.render.kustomize import API
from solutio_topology.render.model import Placed, Rendered
from solutio_topology.render.names import namespaces
from solutio_topology.render.operators import chart_namespace
from solutio_topology.render.stages import APPS, DATA, MIGRATE, SECRETS, needed_in

Copies = dict[str, str]
"""Name of the file in its stage → the user's file, relative to the topology."""


def tenant_copies(graph: EnvironmentGraph, pod: PodGraph, found: dict[str, list[Placed]]) -> Copies:
    """The encrypted files of a tenant pod; a layer with a namespace of its own has a folder of its own."""
    if graph.platform.secrets.provider != "sops":
        return {}
    copies: Copies = {}
    for layer in namespaces(graph, pod):
        place = f"{graph.name}/{pod.pod}/{layer}" if layer else f"{graph.name}/{pod.pod}"
        for name in sorted(needed_in(found, [layer] if layer else [DATA, MIGRATE, APPS])):
            copies[f"{layer}-{name}.yaml" if layer else f"{name}.yaml"] = _source(graph, place, name)
    return copies


def platform_copies(graph: EnvironmentGraph) -> Copies:
    """The encrypted files of the controllers, a folder a namespace."""
    if graph.platform.secrets.provider != "sops":
        return {}
    return {
        f"{where}-{name}.yaml": _source(graph, f"{graph.name}/platform/{where}", name)
        for _, component, node in platform.charts(graph)
        for where in [chart_namespace(component, node)]
        for name in sorted(platform.controller_secrets(graph, component))
    }


def _source(graph: EnvironmentGraph, place: str, name: str) -> str:
    return f"{graph.platform.secrets.folder}/{place}/{name}.yaml"


def secret_files(graph: EnvironmentGraph, pod: PodGraph, copies: Copies) -> Iterator[tuple[str, Rendered]]:
    """The stage of a tenant pod's Secrets, the same in both trees: nothing is set on an encrypted file."""
    for tree in ("overlays", "rendered"):
        folder = f"{tree}/{graph.name}/{pod.pod}/{SECRETS}"
        yield f"{folder}/kustomization.yaml", Rendered(pod.pointer, ({**API, "resources": list(copies)},))
        for name, source in copies.items():
            yield f"{folder}/{name}", Rendered("platform.secrets", copy_from=source)
