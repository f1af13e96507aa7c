"""The generator of fleets makes the same fleet each time, of topologies that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.workflows.project import open_project


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("different", [False, True])
@pytest.mark.parametrize("inline", [False, True])
def test_the_same_arguments_write_the_same_bytes(tmp_path: Path, different: bool, inline: bool) -> None:
    for name in ("a", "b"):
        fleet.write(tmp_path / name, 5, different=different, inline=inline)
    assert _files(tmp_path / "a") == _files(tmp_path / "b")
    pods = open_project(tmp_path / "a/topology.yaml").topology.pods
    assert list(pods) == ["default", *(fleet.name_of(index) for index in range(5))]
    told = {pod.model_dump_json(exclude={"orgs", "domain"}) for name, pod in pods.items() if name != "default"}
    assert len(told) == (5 if different else 1)


def test_a_fleet_is_not_written_over_a_topology(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fleet.main([str(tmp_path), "--pods", "1"]) == 0
    assert fleet.main([str(tmp_path), "--pods", "1"]) == 2
    assert "exists already" in capsys.readouterr().err
