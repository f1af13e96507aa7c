"""A rendered tree, taken apart into its objects, so that one of them can be damaged."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from solutio_topology.checks.inputs import Intent
from solutio_topology.spec.topology import Ignore
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import render_environment
from solutio_topology.yamlio import emit, read_manifests

ROOT = Path(__file__).parents[2]
SOURCES = {
    "prod": ("topology.yaml", "prod"),
    "staging": ("topology.yaml", "staging"),
    "shop": ("examples/shop/topology.yaml", "prod"),
}
"""The trees that are damaged: name → topology and environment. The shop uses the Gateway API and SOPS."""
Pointer = tuple[str | int, ...]


class Gone(Enum):
    """The value that stands for nothing: what was there is taken out. The same one in every process."""

    GONE = "nothing"

    def __str__(self) -> str:
        return self.value


GONE = Gone.GONE


@dataclass(frozen=True)
class Item:
    """One document of a file."""

    file: str
    index: int
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        """Its kind; Flux's Kustomization and kustomize's own share a word, so the latter is ``Build``."""
        version = str(self.body.get("apiVersion", ""))
        return "Build" if version.startswith("kustomize.config.k8s.io/") else str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        """What people call it."""
        metadata = self.body.get("metadata", {})
        space = f"{metadata['namespace']}/" if "namespace" in metadata else ""
        return f"{self.kind} {space}{metadata['name']}" if "name" in metadata else self.file


@dataclass(frozen=True)
class Edit:
    """One fault: `value` at `pointer` of a document. An empty pointer stands for the whole document.

    `more` are documents that the file holds besides.
    """

    pointer: Pointer
    value: Any = GONE
    more: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Tree:
    """The files of one environment, and the topology that they are held against."""

    name: str
    environment: str
    intent: Intent
    ignore: tuple[Ignore, ...]
    files: dict[str, bytes]
    others: frozenset[str]
    """Files that hold no manifests: reports, inventories."""

    @cached_property
    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """The parsed documents of every manifest."""
        return {file: [each.value for each in read_manifests(data)[0]] for file, data in self.files.items()}

    @cached_property
    def known(self) -> frozenset[bytes]:
        """The texts of the files as they are: nothing that a mutant changes."""
        return frozenset(self.files.values())

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every document, in the order of the files."""
        return tuple(
            Item(file, index, body)
            for file, bodies in sorted(self.documents.items())
            for index, body in enumerate(bodies)
            if isinstance(body, dict)
        )

    def of_kind(self, *kinds: str) -> Iterator[Item]:
        """The documents of some kinds."""
        return (each for each in self.items if each.kind in kinds)

    def damaged(self, file: str, index: int, edit: Edit) -> dict[str, bytes]:
        """The files, with one document changed."""
        bodies: list[Any] = list(self.documents[file])
        if edit.pointer:
            bodies[index] = copy.deepcopy(bodies[index])
            _put(bodies[index], edit.pointer, edit.value)
        elif edit.value is GONE:
            bodies[index : index + 1] = []
        elif edit.value is not None:
            bodies[index] = edit.value
        bodies += edit.more
        files = dict(self.files)
        files[file] = emit(bodies)
        return files


def _put(body: Any, pointer: Pointer, value: Any) -> None:
    for step in pointer[:-1]:
        body = body[step]
    if value is GONE:
        del body[pointer[-1]]
    else:
        body[pointer[-1]] = copy.deepcopy(value)


@cache
def load(name: str) -> Tree:
    """One of `SOURCES`: what is committed, or what would be rendered where nothing is."""
    path, environment = SOURCES[name]
    project = open_project(ROOT / path)
    fresh = render_environment(project, environment)
    folder = project.root / "rendered" / environment
    files = {path: data for path, data in fresh.files.items() if path.startswith(f"rendered/{environment}/")}
    if folder.is_dir():
        found = (path for path in folder.rglob("*") if path.is_file())
        files = {path.relative_to(project.root).as_posix(): path.read_bytes() for path in found}
    manifests = {path: data for path, data in files.items() if path.endswith(".yaml")}
    intent = Intent(fresh.graph, project.source.locate)
    ignore = tuple(project.topology.ignore)
    return Tree(name, environment, intent, ignore, manifests, frozenset(files) - frozenset(manifests))
