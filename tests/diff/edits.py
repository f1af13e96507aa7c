"""The real topology, edited: both sides of a comparison without a repository."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from solutio_topology.diff.model import Difference
from solutio_topology.workflows.diff import compare_materials
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.sides import Material, rendered_now

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "topology.yaml").read_text()


@cache
def side(folder: Path, text: str, environment: str) -> Material:
    """What a topology renders to; the file is written to `folder` under its usual name."""
    path = folder / "topology.yaml"
    path.write_text(text)
    return rendered_now(open_project(path), environment)


def edited(folder: Path, *changes: tuple[str, str], environment: str = "prod", pod: str = "") -> Difference:
    """The difference that changing pieces of the real topology's text makes; each piece must be there."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    base = folder / "base"
    base.mkdir(exist_ok=True)
    return compare_materials(environment, side(base, TEXT, environment), side(folder, text, environment), pod=pod)
