"""Rendering an environment: expand, render, write."""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology import store
from solutio_topology.errors import SolutioError
from solutio_topology.identity import PLATFORM, SERVICE
from solutio_topology.workflows.contents import Contents, OnDisk
from solutio_topology.workflows.inputs import Memory, changes
from solutio_topology.workflows.partial import Partial, open_changed
from solutio_topology.workflows.project import Project, expand_environment, find_topology, open_project
from solutio_topology.workflows.spread import ENOUGH, beside, spread
from solutio_topology.yamlio import emit, read_manifests

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.render import Rendered
    from solutio_topology.render.alike import Alike
    from solutio_topology.render.tree import Bases

APPS = "apps"
Tell = Callable[[str, int, int], None]
"""Told what is being done, how many of it are done, and how many there are (0: nobody knows)."""


def quiet(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


class Fresh(Struct, frozen=True):
    """What an environment renders to now: bytes and origin by path."""

    graph: EnvironmentGraph
    files: Contents
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
    inventory = store.read_inventory(project.root, environment)

    kept = {part: inventory[part] for part in renderer.parts if part not in renderer.custom and memory.vouches(part)}
    files: dict[str, bytes | OnDisk] = {}
    origins: dict[str, str] = {}
    for entries in kept.values():
        files |= {path: OnDisk(project.root, path, entry.sha256) for path, entry in entries.items()}
        origins |= {path: entry.origin for path, entry in entries.items()}
    todo = [part for part in renderer.parts if part not in kept]
    if todo:  # Computed once, before the processes are forked.
        _ = renderer.bases
    for found, origin in spread(renderer.part, todo):
        files |= found
        origins |= origin
    return Fresh(renderer.graph, Contents(files), origins)


class Renderer:
    """Renders the parts of one environment to bytes, each on its own."""

    def __init__(self, project: Project, graph: EnvironmentGraph, only: Sequence[str] | None = None) -> None:
        """Of all parts, or `only` of some tenant pods that serve no other."""
        from solutio_topology.graph.view import parts_of

        self.graph = graph
        self.parts = parts_of(graph)
        self.custom = _custom_pods(project, graph.name, self.parts[1:])
        self._project = project
        self._only = only

    @cached_property
    def bases(self) -> Bases:
        """What tenant pods have in common. Nothing of the renderer is loaded before it is needed."""
        from solutio_topology.render import bases_of

        return bases_of(self.graph, self._only)

    def part(self, name: str, *, only_lists: bool = False) -> tuple[dict[str, bytes], dict[str, str]]:
        """The files of the platform or of a tenant pod, and where each comes from."""
        from solutio_topology.render import render_part

        is_custom = name in self.custom
        rendered = render_part(self.graph, name, self.bases, is_custom=is_custom, only_lists=only_lists)
        # What stands in both trees is one object, and is written once.
        alike = self.bases.alike(self.graph.pod(name)) if name != PLATFORM else None
        made = {id(each): _bytes(self._project, each, alike) for each in rendered.values()}
        files = {path: made[id(rendered[path])] for path in sorted(rendered)}
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
    part = None
    if str(given) != "-":
        path = find_topology(given)
        index = store.load_index(path.parent, environment)
        changed = changes(path, environment, index)
        if changed == frozenset() and scope.complete and all(index.holds(path.parent, part) for part in index.parts):
            return store.Written((), (), _count(index.parts.values()))
        if changed and scope.shard[1] == 1:
            tell("reading the topology", 0, 0)
            part = open_changed(path, environment, index, changed, scope.pod)
    if part is not None:
        return _write_changed(part, scope, force=force, tell=tell)
    tell("reading the topology", 0, 0)
    project = open_project(given)
    (name,) = project.environments((environment,))
    return write_environment(project, name, scope=scope, force=force, tell=tell)


def _count(parts: Iterable[store.Part]) -> int:
    """How many files some parts have, without their inventories."""
    return sum(len(part.paths) - 1 for part in parts)


def _write_changed(part: Partial, scope: Scope, *, force: bool, tell: Tell) -> store.Written:
    """Render the tenant pods that changed, where all else is as it would be rendered."""
    renderer, memory = Renderer(part.project, part.graph, part.changed), part.memory
    kept = [name for name in memory.last.parts if name not in part.changed]
    with store.session(memory.root, memory.environment) as session:
        staged = list(_staged(session, renderer, part.changed, tell))
        written = _commit(session, staged, (), force=force, tell=tell)
        _save(session, memory, staged, kept, complete=True, at=memory.last.saved if scope.pod else None)
    return replace(written, unchanged=written.unchanged + _unchanged(memory, kept, scope))


def write_environment(
    project: Project, environment: str, *, scope: Scope = ALL, force: bool = False, tell: Tell = quiet
) -> store.Written:
    """Render an environment and make the disk so. Raises FileError with every file as it was."""
    graph = expand_environment(project, environment)
    renderer = Renderer(project, graph)
    memory = Memory.of(project, graph, renderer.parts)
    with store.session(project.root, environment) as session:
        chosen = _chosen(renderer, scope)
        kept = [part for part in renderer.parts if part not in renderer.custom and memory.vouches(part)]
        todo = [part for part in renderer.parts if part in chosen and part not in kept]
        staged = list(_staged(session, renderer, todo, tell))
        lists = []
        if scope.pod and PLATFORM not in kept:
            lists = [session.stage(PLATFORM, *renderer.part(PLATFORM, only_lists=True), whole=False)]
        gone = [part for part in session.inventory if part not in renderer.parts and scope.has(part)]
        written = _commit(session, [*staged, *lists], gone, force=force, tell=tell)
        complete = len(kept) + len(staged) == len(renderer.parts) and not renderer.custom
        _save(session, memory, staged, kept, complete=complete)
    return replace(written, unchanged=written.unchanged + _unchanged(memory, kept, scope))


def _unchanged(memory: Memory, kept: Collection[str], scope: Scope) -> int:
    """How many files that were to be rendered need not be, because nothing that they depend on changed."""
    from solutio_topology.render import is_list

    parts = memory.last.parts
    lists = parts[PLATFORM].paths if scope.pod and PLATFORM in kept else ()
    return _count(parts[part] for part in kept if scope.has(part)) + sum(map(is_list, lists))


def _commit(
    session: store.Session, staged: list[store.Staged], gone: Collection[str], *, force: bool, tell: Tell
) -> store.Written:
    store.forget(session.root, session.environment)
    tell("writing", 0, 0)
    return session.commit(staged, gone=gone, force=force)


def _save(
    session: store.Session,
    memory: Memory,
    staged: list[store.Staged],
    kept: list[str],
    *,
    complete: bool,
    at: int | None = None,
) -> None:
    """Remember what is on disk now: of what was staged, the parts of which every file was seen."""
    seen = {found.part: session.seen(found) for found in staged}
    whole = {found.part: seen[found.part] for found in staged if seen[found.part].keys() > found.entries.keys()}
    memory.save(kept, whole, complete=complete and len(whole) == len(staged), at=at)


def _chosen(renderer: Renderer, scope: Scope) -> frozenset[str]:
    if scope.pod and scope.pod not in renderer.parts[1:]:
        near = ", ".join(difflib.get_close_matches(scope.pod, renderer.parts[1:], n=3) or renderer.parts[1:4])
        raise SolutioError(
            f"there is no tenant pod {scope.pod!r} in {renderer.graph.name}", remedy=f"name one of its own: {near}"
        )
    return frozenset(part for part in renderer.parts if scope.has(part))


def _staged(session: store.Session, renderer: Renderer, todo: Sequence[str], tell: Tell) -> Iterator[store.Staged]:
    def stage(part: str) -> store.Staged:
        return session.stage(part, *renderer.part(part))

    if todo:  # Computed once, before the processes are forked.
        _ = renderer.bases, renderer.graph.outline
    for number, found in enumerate(spread(stage, todo), 1):
        tell("rendering tenant pods", number, len(todo))
        yield found


def check_environment(project: Project, environment: str, *, scope: Scope = ALL, tell: Tell = quiet) -> store.Drift:
    """How the disk differs from what the environment renders to. Raises FileError where rendering was cut off."""
    store.refuse_unfinished(project.root, environment)
    return compare_environment(project, expand_environment(project, environment), scope=scope, tell=tell).drift


class Comparison(Struct, frozen=True):
    """How the disk differs from what was rendered, and the hashes of the files that are certainly as they were."""

    hashes: dict[str, str]
    find: Callable[[], store.Drift]
    """Waits for the difference: it may be looked for in another process."""

    @property
    def drift(self) -> store.Drift:
        """The difference."""
        return self.find()


def compare_environment(
    project: Project, graph: EnvironmentGraph, *, scope: Scope = ALL, tell: Tell = quiet, apart: bool = False
) -> Comparison:
    """The disk held against what the environment renders to; `apart`, in another process where that pays."""
    renderer = Renderer(project, graph)
    root, chosen = project.root, _chosen(renderer, scope)
    inventory = store.read_inventory(root, graph.name)
    memory = Memory.of(project, graph, renderer.parts)
    kept = [part for part in sorted(chosen) if part not in renderer.custom and memory.vouches(part)]
    hashes = {path: entry.sha256 for part in kept for path, entry in inventory[part].items()}
    todo = sorted(chosen.difference(kept))
    known = {path: entry for entries in inventory.values() for path, entry in entries.items()} if todo else {}

    def drift(part: str) -> tuple[store.Drift, list[str]]:
        files, _ = renderer.part(part)
        return store.compare_files(root, files, known.get), list(files)

    def find() -> store.Drift:
        drifts = [store.Drift(unchanged=tuple(hashes))]
        wanted = set(hashes)
        for number, (found, paths) in enumerate(spread(drift, todo), 1):
            tell("comparing with what would be rendered", number, len(todo))
            drifts.append(found)
            wanted.update(paths)
        ended = {part for part in inventory if part in chosen or (part not in renderer.parts and scope.has(part))}
        unwanted = {path: entry for part in ended for path, entry in inventory[part].items() if path not in wanted}
        return store.merged([*drifts, store.compare_unwanted(root, unwanted)])

    # Many parts are spread over processes anyway, and none need no other one.
    return Comparison(hashes, beside(find) if apart and 0 < len(todo) < ENOUGH else find)


def _bytes(project: Project, found: Rendered, alike: Alike | None = None) -> bytes:
    if found.copy_from is not None:
        from solutio_topology.spec.load import read_bytes

        return read_bytes(project.root / found.copy_from)
    if found.text is not None:
        return found.text.encode()
    if alike is not None:
        return emit((), header=_header(found.origin)) + alike.made(emit, found.objects, "YAML", found.plain)
    return emit(found.objects, header=_header(found.origin))


def _header(origin: str) -> str:
    return f"Generated by solutio from {origin}. Do not edit: change topology.yaml and render again."


def _custom_pods(project: Project, environment: str, pods: Iterable[str]) -> frozenset[str]:
    """The tenant pods that have a kustomize component of the user's own."""
    folder = project.root / "overlays" / environment
    return frozenset(pod for pod in pods if os.path.isfile(f"{folder}/{pod}/custom/kustomization.yaml"))  # noqa: PTH113


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
