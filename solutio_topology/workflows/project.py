"""Opening a topology: finding the file, loading it with the catalogue, expanding an environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology import catalog
from solutio_topology.errors import FileError, SolutioError

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.manifests.helm.charts import Charts
    from solutio_topology.spec.component import Component
    from solutio_topology.spec.source import SourceMap
    from solutio_topology.spec.topology import Topology

NAME = "topology.yaml"


@dataclass(frozen=True)
class Project:
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


def open_project(given: Path | None = None, overrides: Sequence[str] = ()) -> Project:
    """Load a topology. ``-`` reads standard input. Raises FileError and InputError.

    `overrides` are values to lay over it, as ``PATH=VALUE``; raises SolutioError for one that cannot be read.
    """
    from solutio_topology.spec.load import load, load_text
    from solutio_topology.spec.override import parse_override

    values = [parse_override(each) for each in overrides]
    if given is not None and str(given) == "-":
        import sys

        data = sys.stdin.buffer.read()
        loaded = load_text(data, "<stdin>", folder=Path(), known_components=catalog.names(), overrides=values)
        return Project(Path(), loaded.topology, loaded.source)
    path = find_topology(given)
    loaded = load(path, known_components=catalog.names(), overrides=values)
    return Project(path.parent, loaded.topology, loaded.source)


def charts_at(folder: Path | None, *, kubernetes: str | None = None) -> Charts | None:
    """The charts of a folder, for reading manifests; None where none is named. Raises FileError and ToolError."""
    if folder is None:
        return None
    from solutio_topology.manifests.helm.charts import open_charts

    return open_charts(folder, kubernetes=kubernetes) if kubernetes else open_charts(folder)


def expand_environment(project: Project, environment: str) -> EnvironmentGraph:
    """The graph of an environment."""
    from solutio_topology.graph.expand import expand

    return expand(project.topology, environment, project.component)
