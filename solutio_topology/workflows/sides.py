"""The two sides of a comparison: what is committed, what a folder or a cluster holds, what the topology renders now."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.errors import FileError, InputError, SolutioError
from solutio_topology.workflows.contents import Contents, OnDisk
from solutio_topology.workflows.project import NAME, Project, expand_environment, open_files, open_project
from solutio_topology.workflows.render import render_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from solutio_topology.findings import Location
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.store.git import Revision

MANIFESTS = (".yaml", ".yml", ".json")


class Material(Struct, frozen=True):
    """One side before anything of it is parsed: its files, and its topology where it has one."""

    name: str
    files: Contents
    """By path as it is shown: ``rendered/prod/…``."""
    project: Project | None = None
    graph: EnvironmentGraph | None = None
    shown: Callable[[Location], Location] = lambda location: location
    """How a place of its topology is told."""
    notes: tuple[str, ...] = ()


def rendered_now(project: Project, environment: str) -> Material:
    """What the topology renders to now."""
    fresh = render_environment(project, environment)
    prefix = f"rendered/{environment}/"
    return Material(f"{NAME} now", fresh.files.below(prefix), project, fresh.graph)


def committed(root: Path, environment: str, asked: str, like: Material | None = None) -> Material:
    """What a revision has rendered. Files that are `like` those of another side are told by hash and not fetched.

    Raises FileError and ToolError; a topology that cannot be read becomes a note.
    """
    from solutio_topology.store.git import listing, revision

    at = revision(root, asked)
    known = listing(at)
    prefix = f"rendered/{environment}/"
    wanted = {path: known[path] for path in known if path.startswith(prefix) and not _is_hidden(path)}
    files = _contents(at, wanted, like.files if like else Contents({}), prefix)
    notes = () if files else (f"{at.name} has nothing rendered for {environment}: all of it is new",)
    project, note = _topology_of(at, known)
    graph, more = _graph_of(project, environment, at.name, like.graph if like else None)
    return Material(at.name, files, project, graph, _under(at), (*notes, *note, *more))


def _contents(at: Revision, wanted: Mapping[str, str], at_hand: Contents, prefix: str) -> Contents:
    from solutio_topology.store.git import blob_digest, contents, doubtful

    doubted = doubtful(at, prefix) if at_hand else frozenset()

    def is_same(path: str) -> bool:
        if isinstance(at_hand.held(path), OnDisk) and path not in doubted:
            return True
        return blob_digest(at_hand[path], wanted[path]) == wanted[path]

    same = {path: at_hand.held(path) for path in wanted.keys() & at_hand.keys() if is_same(path)}
    fetched = contents(at, {path: wanted[path] for path in wanted if path not in same})
    return Contents({**same, **fetched})


def _topology_of(at: Revision, known: Mapping[str, str]) -> tuple[Project | None, tuple[str, ...]]:
    """The topology of a revision, or why there is none. Nothing of it is written to disk."""
    from solutio_topology.store.git import contents

    if NAME not in known:
        return None, (f"{at.name} has no {NAME}: money, causes and findings are not compared",)
    wanted = {path: known[path] for path in known if path.endswith((".yaml", ".yml")) and _may_be_included(path)}
    with tempfile.TemporaryDirectory() as name:
        files = {Path(name, path): data for path, data in contents(at, wanted).items()}
        try:
            project = open_files(Path(name, NAME), files)
        except InputError as error:
            first = min(error.findings, key=lambda each: each.sort_key)
            where = f"{NAME}:{first.location.line}"
            told = f"the {NAME} of {at.name} is not valid ({where}: {first.message})"
            return None, (f"{told}: money, causes and findings are not compared",)
    return replace(project, root=at.folder), ()


def _may_be_included(path: str) -> bool:
    return not path.startswith(("rendered/", "overlays/", "schemas/", "tests/", "."))


def _under(at: Revision) -> Callable[[Location], Location]:
    """Places of a revision's topology, as ``HEAD:topology.yaml``."""
    return lambda location: replace(location, file=f"{at.asked}:{Path(location.file).name}")


def _graph_of(
    project: Project | None, environment: str, name: str, like: EnvironmentGraph | None
) -> tuple[EnvironmentGraph | None, tuple[str, ...]]:
    if project is None:
        return None, ()
    if environment not in project.topology.environments:
        return None, (f"{name} has no environment {environment}: money, causes and findings are not compared",)
    return expand_environment(project, environment, like), ()


def folder(path: Path, environment: str, like: Material) -> Material:
    """A folder: one with a topology and what it has rendered, or any manifests. Raises FileError."""
    from solutio_topology.manifests.read import manifest_paths

    if (path / NAME).is_file() and (path / "rendered" / environment).is_dir():
        project = open_project(path / NAME)
        root = path / "rendered" / environment
        files = Contents(
            {f"rendered/{environment}/{each.relative_to(root).as_posix()}": each.read_bytes() for each in _all(root)}
        )
        graph, notes = _graph_of(project, environment, f"folder {path}", like.graph)
        return Material(f"folder {path}", files, project, graph, notes=notes)
    paths = manifest_paths(path)
    if not paths:
        raise FileError(f"{path} holds no manifests", remedy="name a folder of YAML or JSON files")
    note = f"folder {path} has no {NAME}: money, causes and findings are not compared"
    files = Contents({each.as_posix(): each.read_bytes() for each in paths})
    return Material(f"folder {path}", files, notes=(note,))


def _is_hidden(path: str) -> bool:
    return any(step.startswith(".") for step in path.split("/"))


def _all(root: Path) -> list[Path]:
    return sorted(
        each for each in root.rglob("*") if each.is_file() and not _is_hidden(each.relative_to(root).as_posix())
    )


def other_side(project: Project, environment: str, asked: str, like: Material) -> Material:
    """What ``--against`` names: a folder where there is one of this name, else a revision."""
    place = Path(asked)
    if asked not in {"", "HEAD"} and place.is_dir():
        return folder(place, environment, like)
    try:
        return committed(project.root, environment, asked, like)
    except FileError as error:
        if asked == "HEAD":
            raise
        raise SolutioError(f"{error.message}, and there is no such folder", remedy=error.remedy) from None
