"""Rules that another process has begun with find what they find here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.cli.app import run
from solutio_topology.workflows import spread
from solutio_topology.workflows.apart import begun
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.validate import Validation, validate

COUNT = 2


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_processors", lambda: 2)


def judged(root: Path) -> Validation:
    """What is found with another process."""
    with begun(root / "topology.yaml", ["prod"]) as other:
        return validate(open_project(root / "topology.yaml"), ("prod",), apart=other)


def damage(root: Path) -> None:
    """Faults that rules over manifests alone find."""
    path = next((root / "rendered/prod").glob("cust-*/apps/api.yaml"))
    path.write_text(path.read_text().replace("containerPort:", "containerPorts:").replace("replicas: ", "replica: "))


def test_the_same_is_found(copied: Path) -> None:
    damage(copied)
    found = judged(copied)
    assert found == validate(open_project(copied / "topology.yaml"), ("prod",))
    assert {each.code for each in found.findings} > {"M002"}


def test_what_is_read_are_the_files_as_they_are_judged(copied: Path) -> None:
    path = copied / "rendered/prod/default/apps/api.yaml"
    with begun(copied / "topology.yaml", ["prod"]) as other:
        assert other._other is not None
        before = other._other.prepared()
        other._other.prepared = lambda: before  # type: ignore[method-assign]
        path.write_text(path.read_text().replace("containerPort:", "containerPorts:"))  # Too late for the other one.
        found = validate(open_project(copied / "topology.yaml"), ("prod",), apart=other)
    assert found == validate(open_project(copied / "topology.yaml"), ("prod",))
    assert {each.code for each in found.findings} > {"M002"}


@pytest.mark.parametrize("environments", [[], ["prod", "staging"], ["unknown"]])
def test_nobody_begins_where_it_is_not_one_environment_of_some_size(rendered: Path, environments: list[str]) -> None:
    with begun(rendered / "topology.yaml", environments) as other:
        assert other._other is None


def test_a_topology_that_cannot_be_read_ends_it(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "topology.yaml").write_text("services: []\n")
    assert run(["validate", "prod", "--topology", str(copied / "topology.yaml"), "--format", "json"]) == 2
    assert not json.loads(capsys.readouterr().out)["ok"]
