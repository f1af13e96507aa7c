"""Odd names in a fleet: each tenant pod is rendered to the same bytes, whatever is remembered of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.render import tree
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import render_environment

NAMES = (
    "acme",
    "bank",
    "zulu",
    "acme-eu",
    "api1",
    "nulls",
    "metrics",
    "cust0",
    "cust1",
    "a",
    "9to5",
    "long-name-1",
    "long-name-2",
)
MORE = {
    "bank": "domain: video.bank.example\n    ",
    "zulu": "domain: zulu.bank.example\n    namespace: zulu-apps\n    ",
    "long-name-1": "domain: a.long-name-1.example\n    ",
    "long-name-2": "domain: a.long-name-2.example\n    ",
}


def rendered(folder: Path, monkeypatch: pytest.MonkeyPatch, many: int) -> dict[str, bytes]:
    """Every file, where tenant pods are remembered for others from `many` on."""
    monkeypatch.setattr(tree, "_MANY", many)
    return dict(render_environment(open_project(folder / "topology.yaml"), "prod").files)


def test_every_name_is_rendered_as_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.write(tmp_path, len(NAMES))
    for index, name in enumerate(NAMES):
        at = tmp_path / fleet.PARTS / f"{fleet.name_of(index)}.yaml"
        at.write_text(at.read_text().replace(fleet.name_of(index), name).replace("tier:", f"{MORE.get(name, '')}tier:"))
    remembered = rendered(tmp_path, monkeypatch, 1)
    assert len(remembered) > 15 * len(NAMES)
    assert remembered == rendered(tmp_path, monkeypatch, len(NAMES) + 2)
