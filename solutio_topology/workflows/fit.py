"""Whether an environment fits into its node pools: what is rendered for it, held against the pools of its topology."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology import store
from solutio_topology.cost.capacity.fit import Capacity, fit
from solutio_topology.manifests import read_files, read_tree
from solutio_topology.workflows.project import Project, expand_environment
from solutio_topology.workflows.sides import rendered_now

if TYPE_CHECKING:
    from solutio_topology.manifests import Facts


def capacity(project: Project, environment: str, *, manifests: Path | None = None, fresh: bool = False) -> Capacity:
    """The capacity of an environment: of a folder that is named, else of what is rendered, else of what would be.

    With `fresh` of what would be rendered, whatever is. Raises FileError for what cannot be read.
    """
    graph = expand_environment(project, environment)
    facts, notes = _facts(project, environment, manifests, fresh=fresh)
    return Capacity(environment, graph.platform, fit(graph.platform, facts), notes)


def _facts(project: Project, environment: str, manifests: Path | None, *, fresh: bool) -> tuple[Facts, tuple[str, ...]]:
    if manifests is not None:
        return read_tree(manifests, display=str(manifests)), ()
    folder = project.root / "rendered" / environment
    if not fresh and folder.is_dir():
        store.refuse_unfinished(project.root, environment)
        return read_tree(folder, display=f"rendered/{environment}"), ()
    files = {path: data for path, data in rendered_now(project, environment).files.items() if path.endswith(".yaml")}
    why = "other values are tried" if fresh else "nothing is rendered yet"
    return read_files(files), (f"{environment}: {why}; judged what would be rendered",)
