"""Whether an environment fits into its node pools: what is rendered for it, held against the pools of its topology."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology.cost.capacity.fit import Fit, fit
from solutio_topology.manifests import read_files, read_tree
from solutio_topology.workflows.project import Project, expand_environment
from solutio_topology.workflows.sides import refuse_unfinished, rendered_now

if TYPE_CHECKING:
    from solutio_topology.manifests import Facts
    from solutio_topology.spec.platform import Platform


@dataclass(frozen=True)
class Capacity:
    """An environment, its pools, and whether its pods fit."""

    environment: str
    platform: Platform
    fit: Fit
    notes: tuple[str, ...] = ()


def capacity(project: Project, environment: str, *, manifests: Path | None = None) -> Capacity:
    """The capacity of an environment: of a folder that is named, else of what is rendered, else of what would be.

    Raises FileError for what cannot be read.
    """
    graph = expand_environment(project, environment)
    facts, notes = _facts(project, environment, manifests)
    return Capacity(environment, graph.platform, fit(graph.platform, facts), notes)


def _facts(project: Project, environment: str, manifests: Path | None) -> tuple[Facts, tuple[str, ...]]:
    if manifests is not None:
        return read_tree(manifests, display=str(manifests)), ()
    refuse_unfinished(project, environment)
    folder = project.root / "rendered" / environment
    if folder.is_dir():
        return read_tree(folder, display=f"rendered/{environment}"), ()
    files = {path: data for path, data in rendered_now(project, environment).files.items() if path.endswith(".yaml")}
    return read_files(files), (f"{environment}: nothing is rendered yet; judged what would be rendered",)
