"""``solutio diff`` as people call it, in repositories of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest

from solutio_topology.cli.app import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    found = subprocess.run(["git", "-C", str(folder), *author, *arguments], capture_output=True, check=True, text=True)
    return found.stdout.strip()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example, rendered and committed."""
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLE, folder)
    monkeypatch.chdir(folder)
    assert run(["render", "prod"]) == 0
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "topology.yaml"
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", ["human", "json", "markdown"])
def test_nothing_differs(shop: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    before = snapshot(shop)
    assert run(["diff", "prod", "--format", form]) == 0
    assert snapshot(shop) == before
    told = capsys.readouterr().out
    if form == "json":
        assert (json.loads(told)["ok"], json.loads(told)["objects"]) == (True, [])
    else:
        assert "othing differs" in told


def test_an_image_is_told_with_its_line_and_its_restart(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    before = snapshot(shop)
    assert run(["diff", "prod", "--format", "json"]) == 1
    assert snapshot(shop) == before
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["failing"]) == (False, ["any"])
    causes = {cause["pointer"] for each in found["objects"] for cause in each["causes"]}
    assert causes == {"services.web.image.tag"}
    assert "rolling" in {each["disruption"] for each in found["rollout"]["workloads"]}


def test_the_summary_alone_fits_a_few_lines(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    assert run(["diff", "prod", "--stat"]) == 1
    assert len(capsys.readouterr().out.splitlines()) <= 16


def test_everything_says_more_than_the_usual(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    run(["diff", "prod"])
    usual = capsys.readouterr().out
    run(["diff", "prod", "--full"])
    assert len(capsys.readouterr().out) >= len(usual)


def test_a_gate_decides_the_exit_code(shop: Path) -> None:
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    assert run(["diff", "prod", "--fail-on", "danger"]) == 0
    assert run(["diff", "prod", "--fail-on", "any"]) == 1
    assert run(["diff", "prod", "--exit-zero"]) == 0


def test_two_revisions(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    assert run(["render", "prod"]) == 0
    git(shop, "commit", "-q", "-a", "-m", "two")
    assert run(["diff", "prod"]) == 0
    capsys.readouterr()
    assert run(["diff", "prod", "--from", "HEAD~1", "--to", "HEAD", "--format", "json"]) == 1
    forward = json.loads(capsys.readouterr().out)
    assert run(["diff", "prod", "--from", "HEAD", "--to", "HEAD~1", "--format", "json"]) == 1
    back = json.loads(capsys.readouterr().out)
    assert [(each["action"], each["kind"]) for each in forward["objects"]] == [
        (each["action"], each["kind"]) for each in back["objects"]
    ]
    assert run(["diff", "prod", "--against", "HEAD~1"]) == 1


def test_where_the_work_left_another_branch(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "work")
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    assert run(["render", "prod"]) == 0
    git(shop, "commit", "-q", "-a", "-m", "two")
    assert run(["diff", "prod", "--against", "main..."]) == 1
    assert run(["diff", "prod", "--against", "work..."]) == 0


def test_a_folder_of_manifests(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(shop / "rendered" / "prod", tmp_path / "export")
    shutil.rmtree(shop / ".git")
    assert run(["diff", "prod", "--against", str(tmp_path / "export")]) == 0
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    capsys.readouterr()
    assert run(["diff", "prod", "--against", str(tmp_path / "export"), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["money"] is None
    assert any("money, causes and findings are not compared" in note for note in found["notes"])


def test_a_revision_from_before_the_topology(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop, "rm", "-rq", "--cached", ".")
    git(shop, "commit", "-q", "--allow-empty", "-m", "nothing")
    assert run(["diff", "prod", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert any("nothing rendered" in note for note in found["notes"])
    assert any("no topology.yaml" in note for note in found["notes"])
    assert {each["action"] for each in found["objects"]} == {"added"}


def test_a_revision_with_an_invalid_topology(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (shop / "topology.yaml").read_text()
    edit(shop, "services:", "servces:")
    git(shop, "commit", "-q", "-a", "-m", "broken")
    (shop / "topology.yaml").write_text(text.replace("tag: 4.2.0", "tag: 4.3.0"))
    assert run(["diff", "prod", "--format", "json"]) == 1
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert any("is not valid (topology.yaml:" in note for note in notes)


def test_json_keeps_to_its_schema(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((EXAMPLE.parents[1] / "schemas" / "diff.schema.json").read_text())
    check = jsonschema_rs.validator_for(schema)
    run(["diff", "prod", "--format", "json"])
    check.validate(json.loads(capsys.readouterr().out))
    edit(shop, "tag: 4.2.0", "tag: 4.3.0")
    edit(shop, "storage: 20Gi", "storage: 5Gi")
    run(["diff", "prod", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    check.validate(found)
    assert found["dangers"]
    check.validate({**found, "money": {"currency": "USD", "before": "1.00", "after": "2.50", "items": [], "pods": []}})
    assert not check.is_valid({**found, "dangers": [{**found["dangers"][0], "danger": "unheard-of"}]})


REFUSED = {
    "no such revision": (["--against", "v9"], "no revision 'v9'"),
    "half of two revisions": (["--from", "HEAD"], "belong together"),
    "two ways at once": (["--against", "HEAD", "--live"], "exclude each other"),
    "no such gate": (["--fail-on", "luck"], "no such gate"),
    "no such tenant pod": (["--pod", "nobody"], "no tenant pod 'nobody'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked(shop: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    del shop
    options, wanted = REFUSED[name]
    assert run(["diff", "prod", *options]) == 2
    assert wanted in capsys.readouterr().err


def test_no_repository(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(shop / ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(shop.parent))
    assert run(["diff", "prod"]) == 2
    assert "--against DIR" in capsys.readouterr().err


def test_a_shallow_clone(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = git(shop, "rev-parse", "HEAD")
    git(shop, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert run(["diff", "prod", "--against", first]) == 2
    assert "shallow" in capsys.readouterr().err


def test_git_is_missing(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop))
    assert run(["diff", "prod"]) == 2
    assert "git is not on PATH" in capsys.readouterr().err


def test_kubectl_is_missing(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(shop))
    assert run(["diff", "prod", "--live"]) == 2
    assert "kubectl is not on PATH" in capsys.readouterr().err


def test_a_folder_that_holds_no_manifests(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    del shop
    assert run(["diff", "prod", "--against", str(tmp_path / "empty")]) == 2
    assert "holds no manifests" in capsys.readouterr().err


@pytest.mark.parametrize(("gate", "code"), [("cost:+50", 1), ("cost:+96", 0), ("danger", 0)])
def test_money_as_a_gate(shop: Path, capsys: pytest.CaptureFixture[str], gate: str, code: int) -> None:
    edit(shop, "general: {size: s-4vcpu-8gb, nodes: 2}", "general: {size: s-4vcpu-8gb, nodes: 4}")
    assert run(["diff", "prod", "--fail-on", gate]) == code
    told = capsys.readouterr().out
    assert "money       139.78 → 235.78 EUR a month (+96.00)" in told
    assert "+96.00  Two machines of main" in told
