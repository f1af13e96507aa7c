"""Parts of a fleet on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.cli.app import run
from solutio_topology.cli.options import Bar


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fleet.write(tmp_path, 2)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_tenant_pod(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "prod", "--pod", "cust-00001"]) == 0
    assert "0 removed, 0 unchanged" in capsys.readouterr().out
    assert (folder / "rendered/prod/cust-00001").is_dir()
    assert not (folder / "rendered/prod/cust-00000").exists()
    assert run(["render", "prod", "--check", "--pod", "cust-00001"]) == 0
    assert run(["render", "prod", "--check"]) == 1


def test_shares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("1/3", "2/3", "3/3"):
        assert run(["render", "prod", "--shard", number]) == 0
    assert run(["render", "prod", "--check"]) == 0
    assert "all as it would be rendered" in capsys.readouterr().out


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "/", "1/0", "-1/3"])
def test_a_share_that_does_not_exist(folder: Path, capsys: pytest.CaptureFixture[str], shard: str) -> None:
    assert run(["render", "prod", f"--shard={shard}"]) == 2
    told = capsys.readouterr().err
    assert f"--shard {shard}: there is no such share" in told
    assert "--shard 3/8" in told


def test_what_excludes_each_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "prod", "--pod", "cust-00000", "--shard", "1/2"]) == 2
    assert "--pod and --shard exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nobody", "platform", "cust-0000"])
def test_a_tenant_pod_that_does_not_exist(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["render", "prod", "--pod", name]) == 2
    assert f"there is no tenant pod {name!r} in prod" in capsys.readouterr().err
    assert not (folder / "rendered").exists()


def test_a_pipe_hears_nothing_of_the_progress(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "prod", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_what_is_done(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(Bar, "PATIENCE", 0)
    assert run(["render", "prod"]) == 0
    told = capsys.readouterr()
    assert "files written" in told.out
    assert "rendering tenant pods" in told.err
    assert run(["validate", "prod"]) == 0
    told = capsys.readouterr()
    assert "checking rules" in told.err


def test_a_terminal_sees_nothing_of_what_is_quickly_done(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(Bar, "PATIENCE", 3600)
    assert run(["render", "prod", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_address_of_artifacts_goes_with_its_kind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = folder / "topology.yaml"
    at.write_text(
        at.read_text()
        .replace('url: "ssh://git@github.com/solutio/platform"', 'url: "oci://registry/x"')
        .replace("url: ssh://git@github.com/solutio/platform", "url: oci://registry/x")
    )
    assert run(["render", "prod"]) == 2
    assert "oci:// goes with kind: oci" in capsys.readouterr().err


def test_paths_of_equals_are_shown_for_some_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.write(tmp_path, 6)
    monkeypatch.chdir(tmp_path)
    assert run(["render", "prod", "--quiet"]) == 0
    assert run(["path", "prod", "api", "pg", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["pod"]: each.get("equal", []) for each in found} == {
        "default": [],
        "cust-00000": ["cust-00003", "cust-00004", "cust-00005"],
        "cust-00001": [],
        "cust-00002": [],
    }
    assert run(["path", "prod", "api", "pg"]) == 0
    assert "and 3 tenant pods that are equal to cust-00000 but for their names" in capsys.readouterr().out
    assert run(["path", "prod", "api", "pg", "--pod", "cust-00004", "--format", "json"]) == 0
    (path,) = json.loads(capsys.readouterr().out)
    assert (path["pod"], "equal" in path) == ("cust-00004", False)


def test_a_tree_that_is_half_written_is_not_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "prod", "--quiet"]) == 0
    (folder / "rendered/prod/.journal.json").write_text("[]")
    (folder / "rendered/prod/cust-00000/apps/api.yaml").unlink()
    assert run(["validate", "prod", "--format", "json"]) == 1
    assert [each["code"] for each in json.loads(capsys.readouterr().out)["findings"]] == ["F003"]
    for command in (["path", "prod"], ["isolation", "prod"], ["render", "prod", "--check"], ["diff", "prod"]):
        assert run(command) == 2
        told = capsys.readouterr().err
        assert "is unfinished: a run was cut off" in told
        assert "solutio render prod" in told
    assert run(["render", "prod"]) == 0
    assert "prod: finished what a run that was cut off had begun to write" in capsys.readouterr().out


def test_an_error_names_the_whole_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pod", "add", "acme", "--tier", "gold", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["command"] == "pod add"
