"""What the files of an environment are rendered from, as hashes: what is equal need not be rendered again."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from solutio_topology import store

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.workflows.project import Project

_PACKAGE = Path(__file__).parent.parent


def renderer_signature() -> str:
    """Says which solutio renders: changes with its code, its data, the libraries it stands on and Python.

    Of files, size and time of change are taken: this never leaves the machine, and is asked at every start.
    """
    libraries = Path(msgspec.__file__).parent.parent.stat().st_mtime_ns
    told = [sys.version, str(_PACKAGE), str(libraries)]
    for path in sorted((*_PACKAGE.rglob("*"), *_PACKAGE.parent.glob("schemas/crds/**/*"))):
        if "__pycache__" not in path.parts and path.is_file():
            found = path.stat()
            told.append(f"{path.relative_to(_PACKAGE.parent)} {found.st_size} {found.st_mtime_ns}")
    return _hash(told)


def part_inputs(project: Project, graph: EnvironmentGraph, signature: str, parts: Iterable[str]) -> dict[str, str]:
    """For each part, the hash of everything that its files depend on.

    A tenant pod that serves no other is rendered from its view: itself, the ones that serve others, and nobody else.
    The platform and those that serve others see everything.
    """
    topology = graph.topology
    common = {pod.pod: topology.pods[pod.pod] for pod in graph.pods if graph.serves_others(pod.pod)}
    # Which rings have anybody decides which gate a tenant pod waits for.
    peopled = sorted({pod.ring or "" for pod in graph.pods})
    shared = [signature, graph.name, *graph.controllers, "rings", *peopled]
    shared.append(topology.model_copy(update={"pods": common, "include": []}).model_dump_json())
    own = {pod.pod: f"{pod.pod} {topology.pods[pod.pod].model_dump_json()}" for pod in graph.pods}
    everything = _hash([*shared, *own.values(), *_encrypted(project, graph, "*")])
    base = _hash(shared)
    return {
        part: everything
        if part not in own or graph.serves_others(part)
        else _hash([base, own[part], *_encrypted(project, graph, part)])
        for part in parts
    }


def _encrypted(project: Project, graph: EnvironmentGraph, part: str) -> list[str]:
    """The encrypted Secrets that are copied into a part, with their content."""
    settings = graph.platform.secrets
    if settings.provider != "sops":
        return []
    found = project.root.glob(f"{settings.folder}/{graph.name}/{part}/**/*")
    return [f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(found) if path.is_file()]


def nothing_changed(topology: Path, environment: str, index: store.Index) -> bool:
    """Whether the files on disk are all that a topology renders to, as far as size, times and hashes can say.

    Nothing is parsed for it. False whenever it is not certain.
    """
    root = topology.parent
    if not index.complete or store.unfinished(root, environment) or index.renderer != renderer_signature():
        return False
    if topology.name not in index.sources or store.matching(root, index.patterns) - {topology.name} != {
        path for path in index.sources if path != topology.name
    }:
        return False
    return index.holds(root, index.sources, sources=True) and index.holds(root, index.files)


class Memory(Struct):
    """What is remembered of an environment's last run, and what this one will leave behind."""

    root: Path
    environment: str
    index: store.Index
    """Of the last run."""
    signature: str
    inputs: dict[str, str]
    """Of this run, by part."""
    patterns: tuple[str, ...]
    sources: dict[str, store.Seen]
    are_sources_whole: bool
    """Whether the sources on disk are those that were loaded."""

    @classmethod
    def of(cls, project: Project, graph: EnvironmentGraph, parts: Iterable[str]) -> Memory:
        """For a run that renders `parts` of a graph."""
        root, signature = project.root, renderer_signature()
        patterns = (*project.topology.include, *_patterns(graph))
        loaded = {_relative(root, file.name): file.sha256 for file in project.source.files}
        sources = store.look(root, [*loaded, *sorted(store.matching(root, patterns) - loaded.keys())])
        return cls(
            root=root,
            environment=graph.name,
            index=store.load_index(root, graph.name),
            signature=signature,
            inputs=part_inputs(project, graph, signature, parts),
            patterns=patterns,
            sources=sources,
            are_sources_whole=all(path in sources and sources[path][4] == known for path, known in loaded.items()),
        )

    def vouches(self, part: str, entries: Collection[str]) -> bool:
        """Whether a part of these files was rendered from what it would be rendered from now, and is still so."""
        paths = [*entries, store.inventory_path(self.environment, part)]
        return bool(entries) and self.index.inputs.get(part) == self.inputs[part] and self.index.holds(self.root, paths)

    def seen(self, part: str, entries: Iterable[str]) -> dict[str, store.Seen]:
        """What was seen of the files of a part that it vouches for."""
        paths = [*entries, store.inventory_path(self.environment, part)]
        return {path: self.index.files[path] for path in paths}

    def save(self, parts: Iterable[str], files: dict[str, store.Seen], *, complete: bool) -> None:
        """Leave behind what is now on disk, and what it was rendered from."""
        found = store.Index(
            renderer=self.signature,
            patterns=self.patterns,
            sources=self.sources,
            inputs={part: self.inputs[part] for part in parts},
            files=files,
            complete=complete and self.are_sources_whole,
        )
        store.save_index(self.root, self.environment, found)


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
