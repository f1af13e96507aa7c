"""Opening of a fleet no more than what changed, where nothing else can be rendered otherwise than it was.

That is so where only files changed that hold tenant pods, where these are the same tenant pods, serve no other, and
look to the others as they did (`graph.view.outline`). Then they are opened with those that serve others, as a topology
of their own. Whatever does not fit, and every fault, leads to opening all of it: what that says counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology import store
from solutio_topology.errors import SolutioError
from solutio_topology.identity import PLATFORM
from solutio_topology.workflows.inputs import Memory, defined_pods, loaded_sources, own_inputs, seen_outside
from solutio_topology.workflows.project import Project, expand_environment, open_part

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph


class Partial(Struct, frozen=True):
    """A topology that was opened in part."""

    project: Project
    graph: EnvironmentGraph
    """With the tenant pods that serve others, and those that changed."""
    memory: Memory
    changed: tuple[str, ...]
    """The tenant pods that changed. Of all other parts the files are as they would be rendered."""


def open_changed(
    topology: Path, environment: str, index: store.Index, sources: Collection[str], only: str = ""
) -> Partial | None:
    """The tenant pods of the `sources` that changed since `index` was written; None where that does not tell all.

    With the name of a tenant pod in `only`, None where another one changed, too; the files of others do not matter.
    """
    defined: Mapping[str, list[str]] = index.shared["pods"]
    changed = tuple(pod for source in sources for pod in defined.get(source, [""]))
    others = {*index.shared["common"], *(pod for pod in changed if pod not in index.parts)}
    if topology.name in sources or not others.isdisjoint(changed) or (only and changed != (only,)):
        return None
    kept = [PLATFORM] if only else [part for part in index.parts if part not in changed]
    if not all(index.holds(topology.parent, part) for part in kept):
        return None
    files = [source for source, pods in defined.items() if source in sources or not others.isdisjoint(pods)]
    names = frozenset(pod for pods in defined.values() for pod in pods)
    try:
        project = open_part(topology, [file for file in files if file != topology.name], names)
    except SolutioError:
        return None
    if not _is_as_known(project, index, sources):
        return None
    return _partial(project, expand_environment(project, environment), index, changed)


def _is_as_known(project: Project, index: store.Index, sources: Collection[str]) -> bool:
    """Whether what was opened is what the index speaks of, and the `sources` define the tenant pods that they did."""
    loaded = loaded_sources(project)
    if any(index.sources[path][4] != found for path, found in loaded.items() if path not in sources):
        return False
    found = defined_pods(project)
    return all(found.get(source) == index.shared["pods"][source] for source in sources)


def _partial(project: Project, graph: EnvironmentGraph, index: store.Index, changed: tuple[str, ...]) -> Partial | None:
    """The part that was opened; None where what changed concerns others."""
    outside = {pod: seen_outside(graph, graph.pod(pod)) for pod in changed}
    if any(index.parts[pod].outside != found for pod, found in outside.items()):
        return None
    controllers = {name: project.component(name) for name in index.shared["controllers"]}
    whole = replace(graph, controllers=controllers, rings=tuple(index.shared["rings"]))
    loaded = loaded_sources(project)
    seen = store.look(project.root, loaded)
    if any(path not in seen or seen[path][4] != found for path, found in loaded.items()):
        return None
    now = replace(index, sources={**index.sources, **seen})
    inputs = {pod: own_inputs(project, whole, index.shared["base"], pod) for pod in changed}
    return Partial(project, whole, Memory(project.root, graph.name, index, now, inputs, outside), changed)
