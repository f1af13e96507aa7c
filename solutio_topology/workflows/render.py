"""Rendering an environment: expand, render, write."""

from __future__ import annotations

import difflib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology import store
from solutio_topology.errors import SolutioError
from solutio_topology.identity import PLATFORM, SERVICE
from solutio_topology.workflows.inputs import Memory, nothing_changed
from solutio_topology.workflows.project import Project, expand_environment, find_topology, open_project
from solutio_topology.workflows.spread import spread
from solutio_topology.yamlio import emit, read_manifests

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.render import Rendered
    from solutio_topology.render.tree import Bases

APPS = "apps"
Tell = Callable[[str, int, int], None]
"""Told what is being done, how many of it are done, and how many there are (0: nobody knows)."""


def quiet(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


class Fresh(Struct, frozen=True):
    """What an environment renders to now: bytes and origin by path."""

    graph: EnvironmentGraph
    files: dict[str, bytes]
    origins: dict[str, str]


class Scope(Struct, frozen=True):
    """Which parts of an environment to render: all, one tenant pod, or the n-th of so many shares."""

    pod: str = ""
    shard: tuple[int, int] = (1, 1)

    @property
    def complete(self) -> bool:
        """Whether it is all of them."""
        return not self.pod and self.shard[1] == 1

    def has(self, part: str) -> bool:
        """Whether a part is to be rendered. Which share a part falls to depends on its name alone."""
        if self.pod:
            return part == self.pod
        return int(hashlib.sha256(part.encode()).hexdigest(), 16) % self.shard[1] == self.shard[0] - 1


ALL = Scope()


def render_environment(project: Project, environment: str) -> Fresh:
    """Everything that the environment renders to, without writing. What is certainly on disk already is read there."""
    renderer = Renderer(project, expand_environment(project, environment))
    memory = Memory.of(project, renderer.graph, renderer.parts)
    inventory = store.read_inventory(project.root, environment) if memory.index.inputs else {}

    def part(name: str) -> tuple[dict[str, bytes], dict[str, str]]:
        entries = inventory.get(name, {})
        if name in renderer.custom or not memory.vouches(name, entries):
            return renderer.part(name)
        files = {path: (project.root / path).read_bytes() for path in entries}
        return files, {path: entry.origin for path, entry in entries.items()}

    parts = list(spread(part, renderer.parts))
    files = {path: data for found, _ in parts for path, data in found.items()}
    origins = {path: origin for _, found in parts for path, origin in found.items()}
    return Fresh(renderer.graph, dict(sorted(files.items())), origins)


class Renderer:
    """Renders the parts of one environment to bytes, each on its own."""

    def __init__(self, project: Project, graph: EnvironmentGraph) -> None:
        from solutio_topology.graph.view import parts_of

        self.graph = graph
        self.parts = parts_of(graph)
        self.custom = _custom_pods(project, graph.name)
        self._project = project

    @cached_property
    def bases(self) -> Bases:
        """What tenant pods have in common. Nothing of the renderer is loaded before it is needed."""
        from solutio_topology.render import bases_of

        return bases_of(self.graph)

    def part(self, name: str, *, only_lists: bool = False) -> tuple[dict[str, bytes], dict[str, str]]:
        """The files of the platform or of a tenant pod, and where each comes from."""
        from solutio_topology.render import render_part

        is_custom = name in self.custom
        rendered = render_part(self.graph, name, self.bases, is_custom=is_custom, only_lists=only_lists)
        files = {path: _bytes(self._project, rendered[path]) for path in sorted(rendered)}
        origins = {path: rendered[path].origin for path in files}
        if is_custom:
            for path, data in _customized(self._project, self.graph.name, name, {**files, **self._base_files()}, files):
                files[path], origins[path] = data, f"pods.{name}"
        return files, origins

    def _base_files(self) -> dict[str, bytes]:
        from solutio_topology.render import base_files

        return {path: _bytes(self._project, found) for path, found in base_files(self.graph, self.bases)}


def write_topology(
    given: Path | None, environment: str, *, scope: Scope = ALL, force: bool = False, tell: Tell = quiet
) -> store.Written:
    """Render an environment of a topology file and make the disk so, looking at as little as is needed.

    Raises FileError with every file as it was, and what opening the topology raises.
    """
    if scope.complete and str(given) != "-":
        path = find_topology(given)
        index = store.load_index(path.parent, environment)
        if nothing_changed(path, environment, index):
            return store.Written((), (), len(index.files) - len(index.inputs))
    tell("reading the topology", 0, 0)
    project = open_project(given)
    (name,) = project.environments((environment,))
    return write_environment(project, name, scope=scope, force=force, tell=tell)


def write_environment(
    project: Project, environment: str, *, scope: Scope = ALL, force: bool = False, tell: Tell = quiet
) -> store.Written:
    """Render an environment and make the disk so. Raises FileError with every file as it was."""
    graph = expand_environment(project, environment)
    renderer = Renderer(project, graph)
    memory = Memory.of(project, graph, renderer.parts)
    with store.session(project.root, environment) as session:
        chosen = _chosen(renderer, scope)
        kept = {part: found for part in renderer.parts if (found := _kept(session, memory, renderer, part))}
        todo = [part for part in renderer.parts if part in chosen and part not in kept]
        parts = {**kept, **{found.part: found for found in _staged(session, renderer, todo, tell)}}
        staged = [parts[part] for part in renderer.parts if part in chosen]
        if scope.pod:
            files, origins = renderer.part(PLATFORM, only_lists=True)
            staged.append(session.stage(PLATFORM, files, origins, whole=False))
            parts.pop(PLATFORM, None)
        gone = [part for part in session.inventory if part not in renderer.parts and scope.has(part)]
        store.forget(project.root, environment)
        tell("writing", 0, 0)
        written = session.commit(staged, gone=gone, force=force)
        seen = session.seen(parts.values())
        told = all(path in seen for found in parts.values() for path in found.entries)
        complete = told and len(parts) == len(renderer.parts) and not renderer.custom
        memory.save(parts, seen, complete=complete)
    return written


def _chosen(renderer: Renderer, scope: Scope) -> frozenset[str]:
    if scope.pod and scope.pod not in renderer.parts[1:]:
        near = ", ".join(difflib.get_close_matches(scope.pod, renderer.parts[1:], n=3) or renderer.parts[1:4])
        raise SolutioError(
            f"there is no tenant pod {scope.pod!r} in {renderer.graph.name}", remedy=f"name one of its own: {near}"
        )
    return frozenset(part for part in renderer.parts if scope.has(part))


def _kept(session: store.Session, memory: Memory, renderer: Renderer, part: str) -> store.Staged | None:
    """A part whose files are certainly as they would be rendered; None for one that must be rendered to know."""
    entries = session.inventory.get(part, {})
    if part in renderer.custom or not memory.vouches(part, entries):
        return None
    return store.Staged(part, entries, store.Drift(unchanged=tuple(entries)), seen=memory.seen(part, entries))


def _staged(session: store.Session, renderer: Renderer, todo: list[str], tell: Tell) -> Iterator[store.Staged]:
    def stage(part: str) -> store.Staged:
        return session.stage(part, *renderer.part(part))

    if todo:  # Computed once, before the processes are forked.
        _ = session.known, renderer.bases
    for number, found in enumerate(spread(stage, todo), 1):
        tell("rendering tenant pods", number, len(todo))
        yield found


def check_environment(project: Project, environment: str, *, scope: Scope = ALL, tell: Tell = quiet) -> store.Drift:
    """How the disk differs from what the environment renders to."""
    renderer = Renderer(project, expand_environment(project, environment))
    return compare(project, renderer, _chosen(renderer, scope), scope=scope, tell=tell)


def compare(
    project: Project, renderer: Renderer, chosen: frozenset[str], *, scope: Scope = ALL, tell: Tell = quiet
) -> store.Drift:
    """How the disk differs from what the chosen parts render to."""
    root, environment = project.root, renderer.graph.name
    inventory = store.read_inventory(root, environment)
    known = {path: entry for entries in inventory.values() for path, entry in entries.items()}
    memory = Memory.of(project, renderer.graph, renderer.parts)

    def drift(part: str) -> tuple[store.Drift, list[str]]:
        entries = inventory.get(part, {})
        if part not in renderer.custom and memory.vouches(part, entries):
            return store.Drift(unchanged=tuple(entries)), list(entries)
        files, _ = renderer.part(part)
        return store.compare_files(root, files, known), list(files)

    drifts: list[store.Drift] = []
    wanted: set[str] = set()
    todo = sorted(chosen)
    for number, (found, paths) in enumerate(spread(drift, todo), 1):
        tell("comparing with what would be rendered", number, len(todo))
        drifts.append(found)
        wanted.update(paths)
    ended = {part for part in inventory if part in chosen or (part not in renderer.parts and scope.has(part))}
    unwanted = {path: entry for part in ended for path, entry in inventory[part].items() if path not in wanted}
    return store.merged([*drifts, store.compare_unwanted(root, unwanted)])


def _bytes(project: Project, found: Rendered) -> bytes:
    if found.copy_from is not None:
        from solutio_topology.spec.load import read_bytes

        return read_bytes(project.root / found.copy_from)
    if found.text is not None:
        return found.text.encode()
    return emit(found.objects, header=_header(found.origin))


def _header(origin: str) -> str:
    return f"Generated by solutio from {origin}. Do not edit: change topology.yaml and render again."


def _custom_pods(project: Project, environment: str) -> frozenset[str]:
    """The tenant pods that have a kustomize component of the user's own."""
    folder = project.root / "overlays" / environment
    return frozenset(path.parent.parent.name for path in folder.glob("*/custom/kustomization.yaml"))


def _customized(
    project: Project, environment: str, pod: str, seen: dict[str, bytes], files: dict[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    """The apps of a tenant pod as the real kustomize makes them of what it has `seen`, with the user's component."""
    from solutio_topology.external import kustomize_build

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in seen.items():
            if path.startswith("overlays/"):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
        own = f"overlays/{environment}/{pod}/custom"
        shutil.copytree(project.root / own, folder / own)
        built = kustomize_build(folder / f"overlays/{environment}/{pod}/{APPS}")
    prefix = f"rendered/{environment}/{pod}/{APPS}"
    for path in [path for path in files if path.startswith(f"{prefix}/")]:
        del files[path]
    groups: dict[str, list[dict[str, object]]] = {}
    for document in read_manifests(built)[0]:
        labels = document.value.get("metadata", {}).get("labels", {})
        groups.setdefault(labels.get(SERVICE, "custom"), []).append(document.value)
    for service, objects in groups.items():
        yield f"{prefix}/{service}.yaml", emit(objects, header=_header(f"services.{service} and {own}"))
    top = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"{service}.yaml" for service in sorted(groups)],
    }
    yield f"{prefix}/kustomization.yaml", emit([top], header=_header(f"pods.{pod}"))
