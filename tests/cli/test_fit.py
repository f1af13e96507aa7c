"""``solutio cost --fit`` as people type it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def topology(tmp_path: Path) -> Path:
    """The shipped topology where nothing is rendered yet."""
    path = tmp_path / "topology.yaml"
    path.write_bytes((ROOT / "topology.yaml").read_bytes())
    return path


def _edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_is_rendered_is_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "prod", "--fit", "--topology", str(ROOT / "topology.yaml")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("prod: does it fit?\n  at minimum replicas                fits\n")
    assert max(map(len, out.splitlines())) <= 80


def test_where_nothing_is_rendered_that_is_said(topology: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "prod", "--fit", "--topology", str(topology)]) == 0
    assert capsys.readouterr().out.startswith("prod: nothing is rendered yet; judged what would be rendered\n")


@pytest.mark.parametrize(("level", "code"), [("minimum", 0), ("usual", 0), ("maximum", 1)])
def test_the_exit_code_is_the_answer_at_the_level(topology: Path, level: str, code: int) -> None:
    assert run(["cost", "prod", "--fit", "--level", level, "--topology", str(topology)]) == code


def test_what_is_not_decided_is_2(topology: Path) -> None:
    _edited(
        topology,
        "apps:  {size: s-4vcpu-8gb, nodes: 3}",
        "apps:  {size: mine, nodes: 3}\n    rest:  {size: s-1vcpu-2gb, nodes: 1}",
    )
    _edited(topology, "    pool: apps\n", "")
    assert run(["cost", "prod", "--fit", "--topology", str(topology)]) == 2


def test_other_values_are_tried_without_editing(topology: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = "platform.pools.apps.nodes=1"
    assert run(["cost", "prod", "--fit", "--set", value, "--topology", str(topology)]) == 1
    assert "prod: other values are tried; judged what would be rendered" in capsys.readouterr().out


def test_several_environments_in_json(topology: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "--fit", "--format", "json", "--topology", str(topology)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in document["environments"]] == ["prod", "staging"]
    assert (document["ok"], document["command"], document["level"]) == (True, "cost", "usual")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--level", "usual"], "--level belongs to --fit"),
        (["--manifests", "x"], "--manifests belongs to --fit"),
        (["--fit", "--format", "csv"], "--fit has no format csv"),
        (["--fit", "--manifests", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_what_cannot_be_asked(
    topology: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(["cost", "prod", *arguments, "--topology", str(topology)]) == 2
    assert told in capsys.readouterr().err
