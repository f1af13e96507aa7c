"""``solutio isolation`` on the real topology, and with input that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]
REAL = ["--topology", str(ROOT / "topology.yaml")]


def test_the_enterprise_pod_is_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "prod", "org-e", "--format", "json", *REAL]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"]
    (pod,) = found["pods"]
    assert [(aspect["name"], aspect["verdict"]) for aspect in pod["aspects"]] == [
        ("services", "proven"),
        ("namespaces", "proven"),
        ("nodes", "assumed"),
        ("secrets", "assumed"),
        ("storage", "proven"),
        ("hosts", "proven"),
        ("connections", "assumed"),
        ("accounts", "assumed"),
        ("bounds", "proven"),
    ]
    storage = next(aspect for aspect in pod["aspects"] if aspect["name"] == "storage")
    assert [each["subject"] for each in storage["accepted"]] == [
        "service vector of org-e",
        "service spaces of org-e",
    ]


def test_the_text_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "prod", *REAL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tenant pod org-e of prod (tier enterprise, serves org-enterprise): assumed"
    assert [line for line in lines if len(line) > 80 and not line.strip().startswith(str(ROOT))] == []


def test_an_environment_without_dedicated_pods_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", "staging", *REAL]) == 0
    assert capsys.readouterr().out == "staging has no dedicated tenant pod\n"
    assert run(["isolation", "staging", "--format", "json", *REAL]) == 0
    assert json.loads(capsys.readouterr().out)["pods"] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["prod", "org-f"], "prod has no tenant pod 'org-f'; did you mean 'org-e'?"),
        (["prod", "default"], "default is a shared tenant pod"),
        (["staging", "org-e"], "staging has no tenant pod 'org-e': there is default"),
        (["prd"], "there is no environment 'prd'; did you mean 'prod'?"),
    ],
)
def test_wrong_names_are_told(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["isolation", *arguments, *REAL]) == 2
    assert says in capsys.readouterr().err


def test_a_damaged_tree_is_refuted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "topology.yaml").write_text((ROOT / "topology.yaml").read_text())
    command = ["--topology", str(tmp_path / "topology.yaml")]
    assert run(["render", "prod", *command]) == 0
    path = tmp_path / "rendered/prod/org-e/data/secrets.yaml"
    path.write_text(path.read_text().replace("prod/org-e/redis-auth", "prod/default/redis-auth"))
    capsys.readouterr()
    assert run(["isolation", "prod", "org-e", *command]) == 1
    told = capsys.readouterr()
    assert "secrets  refuted" in told.out
    assert "T008" in told.out
    assert "is not what the topology renders to now" in told.err
    assert run(["isolation", "prod", "org-e", "--format", "markdown", *command]) == 1
    assert "### Contradicted" in capsys.readouterr().out
