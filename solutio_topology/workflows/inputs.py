"""What the files of an environment are rendered from, as hashes: what is equal need not be rendered again."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from solutio_topology import store

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.workflows.project import Project

_PACKAGE = Path(__file__).parent.parent


def renderer_signature() -> str:
    """Says which solutio renders: changes with its code, its data, the libraries it stands on and Python.

    Of files, size and time of change are taken: this never leaves the machine, and is asked at every start.
    """
    libraries = Path(msgspec.__file__).parent.parent.stat().st_mtime_ns
    schemas = _PACKAGE.parent / "schemas" / "crds"
    folders = [_PACKAGE, *([schemas] if schemas.is_dir() else [])]
    return _hash([sys.version, str(libraries), *sorted(told for folder in folders for told in _told(str(folder)))])


def _told(folder: str) -> Iterator[str]:
    """Each file of a folder and of those below, with its size and time of change."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir():
                yield from _told(entry.path) if entry.name != "__pycache__" else ()
            else:
                seen = entry.stat()
                yield f"{entry.path} {seen.st_size} {seen.st_mtime_ns}"


def shared_inputs(graph: EnvironmentGraph, signature: str) -> str:
    """The hash of what the files of every tenant pod depend on: of the whole topology, but for the customers."""
    common = {pod.pod: graph.topology.pods[pod.pod] for pod in graph.common}
    # Which rings have anybody decides which gate a tenant pod waits for.
    shared = [signature, graph.name, *graph.controllers, "rings", *graph.rings]
    return _hash([*shared, graph.topology.model_copy(update={"pods": common, "include": []}).model_dump_json()])


def own_inputs(project: Project, graph: EnvironmentGraph, base: str, pod: str) -> str:
    """The hash of everything that the files of a tenant pod depend on that serves no other.

    They are rendered from its view: itself, the ones that serve others, whose hash is `base`, and nobody else.
    """
    own = graph.topology.pods[pod].model_dump_json()
    return _hash([base, f"{pod} {own}", *_encrypted(project, graph, pod)])


def seen_outside(graph: EnvironmentGraph, pod: PodGraph) -> str:
    """The hash of everything that the files of others depend on, of a tenant pod that serves none of them."""
    from solutio_topology.graph.controllers import needs_of
    from solutio_topology.graph.view import outline

    told = outline(pod.tenant).model_dump_json()
    return _hash([pod.pod, told, *sorted(needs_of(graph.platform, pod.nodes.values()))])


def _encrypted(project: Project, graph: EnvironmentGraph, part: str) -> list[str]:
    """The encrypted Secrets that are copied into a part, with their content."""
    settings = graph.platform.secrets
    if settings.provider != "sops":
        return []
    found = project.root.glob(f"{settings.folder}/{graph.name}/{part}/**/*")
    return [f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(found) if path.is_file()]


def changes(topology: Path, environment: str, index: store.Index) -> frozenset[str] | None:
    """The sources that are no longer what they were when everything was rendered.

    Nothing is parsed for it. None whenever that is not certain: then all of it has to be looked at.
    """
    root = topology.parent
    if not index.complete or store.unfinished(root, environment) or index.renderer != renderer_signature():
        return None
    if topology.name not in index.sources or store.matching(root, index.patterns) - {topology.name} != {
        path for path in index.sources if path != topology.name
    }:
        return None
    return index.changed_sources(root)


def nothing_changed(topology: Path, environment: str, index: store.Index) -> bool:
    """Whether the files on disk are all that a topology renders to, as far as size, times and hashes can say.

    Nothing is parsed for it. False whenever it is not certain.
    """
    are_same = changes(topology, environment, index) == frozenset()
    return are_same and all(index.holds(topology.parent, part) for part in index.parts)


class Memory(Struct):
    """What is remembered of an environment's last run, and what this one will leave behind."""

    root: Path
    environment: str
    last: store.Index
    """Of the last run."""
    now: store.Index
    """Of this run, without the files."""
    inputs: Mapping[str, str]
    """Of this run, by part."""
    outside: Mapping[str, str]
    """The same, for the tenant pods that serve no other."""

    @classmethod
    def of(cls, project: Project, graph: EnvironmentGraph, parts: Iterable[str]) -> Memory:
        """For a run that renders `parts` of a graph."""
        root, signature = project.root, renderer_signature()
        patterns = (*project.topology.include, *_patterns(graph))
        loaded = loaded_sources(project)
        sources = store.look(root, [*loaded, *sorted(store.matching(root, patterns) - loaded.keys())])
        base = shared_inputs(graph, signature)
        outside = {pod.pod: seen_outside(graph, pod) for pod in graph.pods if not graph.serves_others(pod.pod)}
        everything = _hash([base, *outside.values(), *_encrypted(project, graph, "*")])
        now = store.Index(
            renderer=signature,
            patterns=patterns,
            sources=sources,
            shared=_shared(project, graph, base),
            complete=all(path in sources and sources[path][4] == known for path, known in loaded.items()),
        )
        inputs = {part: own_inputs(project, graph, base, part) if part in outside else everything for part in parts}
        return cls(root, graph.name, store.load_index(root, graph.name), now, inputs, outside)

    def vouches(self, part: str) -> bool:
        """Whether the files of a part were rendered from what they would be rendered from now, and are still so."""
        known = self.last.parts.get(part)
        return known is not None and known.inputs == self.inputs[part] and self.last.holds(self.root, part)

    def save(
        self,
        kept: Iterable[str],
        written: Mapping[str, Mapping[str, store.Seen]],
        *,
        complete: bool,
        at: int | None = None,
    ) -> None:
        """Leave behind what is now on disk, and what it was rendered from: parts that it vouches for, and the files
        of those that were `written`."""
        parts = {part: self.last.parts[part] for part in kept}
        for part, files in written.items():
            parts[part] = store.Part.of(files, self.inputs[part], self.outside.get(part, ""))
        now = replace(self.now, parts=parts, complete=self.now.complete and complete)
        store.save_index(self.root, self.environment, now, at=at)


def loaded_sources(project: Project) -> dict[str, str]:
    """The files of a topology as they were read: path, relative to its folder → hash."""
    return {_relative(project.root, file.name): file.sha256 for file in project.source.files}


def defined_pods(project: Project) -> dict[str, list[str]]:
    """The tenant pods that each file of a topology defines, by its path relative to the topology's folder."""
    found: dict[str, list[str]] = {}
    for name in project.topology.pods:
        file = project.source.pods.get(name, project.source.main)
        found.setdefault(_relative(project.root, file.name), []).append(name)
    return found


def _shared(project: Project, graph: EnvironmentGraph, base: str) -> dict[str, Any]:
    """What is to be known of the whole by whoever opens a part of it: see `partial`."""
    common = [pod.pod for pod in graph.common]
    told = {"base": base, "common": common, "rings": [*graph.rings], "controllers": [*graph.controllers]}
    return {**told, "pods": defined_pods(project)}


def _patterns(graph: EnvironmentGraph) -> tuple[str, ...]:
    settings = graph.platform.secrets
    own = f"overlays/{graph.name}/*/custom/**/*"
    return (own, f"{settings.folder}/{graph.name}/**/*") if settings.provider == "sops" else (own,)


def _relative(root: Path, name: str) -> str:
    return Path(name).relative_to(root).as_posix() if Path(name).is_relative_to(root) else name


def _hash(texts: Iterable[str]) -> str:
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode())
        found.update(b"\0")
    return found.hexdigest()
