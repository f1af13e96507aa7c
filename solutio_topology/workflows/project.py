"""Opening a topology: finding the file, loading it with the catalogue, expanding an environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology import catalog
from solutio_topology.errors import FileError, SolutioError
from solutio_topology.spec.files import Only, Read, read_bytes

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.manifests.helm.charts import Charts
    from solutio_topology.spec.component import Component
    from solutio_topology.spec.override import Override
    from solutio_topology.spec.source import SourceMap
    from solutio_topology.spec.topology import Topology

NAME = "topology.yaml"


class Project(Struct, frozen=True):
    """A topology, and the folder in which its overlays and rendered manifests stand."""

    root: Path
    topology: Topology
    source: SourceMap

    def component(self, name: str) -> Component:
        """A component, the user's own first."""
        return catalog.component(name, self.topology.components)

    def environments(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """The environments that were named, or all. Raises SolutioError for one that does not exist."""
        known = list(self.topology.environments)
        for name in named:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                guess = f"; did you mean {near[0]!r}?" if near else f": there is {', '.join(known)}"
                raise SolutioError(f"there is no environment {name!r}{guess}", remedy="name one of the topology's")
        return named or tuple(known)


def find_topology(given: Path | None) -> Path:
    """The topology's file: the given one, else ``topology.yaml`` here or in a parent. Raises FileError."""
    if given is not None:
        return given
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return Path(os.path.relpath(folder / NAME, here))
    raise FileError(
        f"there is no {NAME} here or in a parent folder", remedy="name one with --topology, or start one: solutio init"
    )


def open_project(given: Path | None = None) -> Project:
    """Load a topology. ``-`` reads standard input. Raises FileError and InputError."""
    return _loaded(*_read(given))


def open_files(topology: Path, files: Mapping[Path, bytes]) -> Project:
    """A topology whose files are at hand and need not stand on disk. Raises FileError and InputError."""

    def read(path: Path) -> bytes:
        if path not in files:
            raise FileError(f"{path}: there is no such file", remedy="add it to the revision")
        return files[path]

    return _loaded(read(topology), str(topology), topology.parent, read=read, new=files)


def open_part(topology: Path, files: Sequence[str], elsewhere: frozenset[str]) -> Project:
    """A topology with no more than `files` of those that it includes; the tenant pods `elsewhere` exist, too.

    Raises FileError and InputError.
    """
    return _loaded(*_read(topology), only=Only(tuple(topology.parent / file for file in files), elsewhere))


def open_with(given: Path | None, values: Sequence[str]) -> tuple[Project, Project]:
    """A topology as it is, and with values laid over it, as ``PATH=VALUE``; it is read once.

    Raises FileError and InputError, and SolutioError for a value that cannot be read.
    """
    from solutio_topology.spec.override import parse_override

    overrides = [parse_override(each) for each in values]
    found = _read(given)
    return _loaded(*found), _loaded(*found, overrides)


def _read(given: Path | None) -> tuple[bytes, str, Path]:
    """What the topology's file holds, what it is called, and the folder that it stands in."""
    if given is not None and str(given) == "-":
        import sys

        return sys.stdin.buffer.read(), "<stdin>", Path()
    path = find_topology(given)
    return read_bytes(path), str(path), path.parent


def _loaded(
    data: bytes,
    name: str,
    folder: Path,
    overrides: Sequence[Override] = (),
    *,
    only: Only | None = None,
    read: Read = read_bytes,
    new: Iterable[Path] = (),
) -> Project:
    from solutio_topology.spec.load import load_text

    known = catalog.names()
    loaded = load_text(
        data, name, folder=folder, known_components=known, overrides=overrides, only=only, read=read, new=new
    )
    return Project(folder, loaded.topology, loaded.source)


def charts_at(folder: Path | None, *, kubernetes: str | None = None) -> Charts | None:
    """The charts of a folder, for reading manifests; None where none is named. Raises FileError and ToolError."""
    if folder is None:
        return None
    from solutio_topology.manifests.helm.charts import open_charts

    return open_charts(folder, kubernetes=kubernetes) if kubernetes else open_charts(folder)


def expand_environment(project: Project, environment: str, like: EnvironmentGraph | None = None) -> EnvironmentGraph:
    """The graph of an environment; of what is the same in another state, it is taken over from its graph."""
    from solutio_topology.graph.expand import expand

    return expand(project.topology, environment, project.component, like)
