"""Fleets of tenant pods that are rendered once for a module, and copied for each test that changes them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.workflows.render import write_topology


@pytest.fixture(scope="module")
def rendered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet of as many equal tenant pods as the module's `COUNT` says."""
    folder = tmp_path_factory.mktemp("fleet")
    fleet.write(folder, request.module.COUNT)
    write_topology(folder / "topology.yaml", "prod")
    return folder


@pytest.fixture
def copied(rendered: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(rendered, tmp_path / "fleet"))
