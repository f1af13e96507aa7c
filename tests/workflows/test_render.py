from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from solutio_topology.errors import ToolError
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import render_environment, write_environment
from solutio_topology.workflows.validate import validate

ROOT = Path(__file__).parents[2]
CUSTOM = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- target: {kind: Deployment, name: web}
  patch: |
    - {op: replace, path: /spec/replicas, value: 7}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "solutio_topology/workflows/starter.yaml", tmp_path / "topology.yaml")
    return tmp_path


def _custom(folder: Path) -> Path:
    path = folder / "overlays/prod/default/custom/kustomization.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(CUSTOM)
    return path


def test_the_example_shop_renders_and_is_proved() -> None:
    project = open_project(ROOT / "examples/shop/topology.yaml")
    found = validate(project, ("prod",), precise=False)
    assert [finding for finding in found.findings if finding.severity == "error"] == []
    assert {proof.verdict.value for proof in found.outcomes[0].edges} <= {"proven", "assumed"}


def test_what_is_committed_is_what_the_topology_renders_to() -> None:
    project = open_project(ROOT / "topology.yaml")
    for environment in project.topology.environments:
        files = render_environment(project, environment).files
        assert {path: (ROOT / path).read_bytes() for path in files} == files


@pytest.mark.skipif(not (shutil.which("kustomize") or shutil.which("kubectl")), reason="neither kustomize nor kubectl")
def test_a_component_of_the_users_own_is_built_by_kustomize_and_left_alone(folder: Path) -> None:
    own = _custom(folder)
    write_environment(open_project(folder / "topology.yaml"), "prod")
    assert "replicas: 7" in (folder / "rendered/prod/default/apps/web.yaml").read_text()
    assert own.read_text() == CUSTOM
    assert write_environment(open_project(folder / "topology.yaml"), "prod").written == ()


def test_without_kustomize_a_component_of_the_users_own_stops_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _custom(folder)
    monkeypatch.setitem(os.environ, "PATH", "")
    with pytest.raises(ToolError, match="neither kustomize nor kubectl"):
        write_environment(open_project(folder / "topology.yaml"), "prod")
    assert not (folder / "rendered").exists()
