from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from solutio_topology import __version__
from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]
STARTER = (ROOT / "solutio_topology/workflows/starter.yaml").read_text()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "topology.yaml").write_text(STARTER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _files(root: Path) -> dict[str, bytes]:
    """Every file but what a run remembers for the next one, which is this machine's own."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file() and ".solutio" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def test_the_starter_renders_and_holds(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["render", "prod"]) == 0
    first = _files(project)
    assert run(["render", "prod"]) == 0
    assert _files(project) == first
    assert run(["render", "prod", "--check"]) == 0
    capsys.readouterr()
    assert run(["validate", "prod", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["ok"]
    assert found["summary"]["hops"]["refuted"] == 0


def test_a_damaged_file_is_stale_and_refutes_the_path(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["render", "prod"])
    path = project / "rendered/prod/default/apps/web.yaml"
    path.write_text(path.read_text().replace("port: 5432", "port: 5433"))
    capsys.readouterr()
    assert run(["validate", "prod"]) == 1
    out = capsys.readouterr().out
    assert "F002" in out
    assert "P001" in out
    assert "5433" in out
    assert run(["path", "prod", "web", "db"]) == 1


def test_hash_seeds_change_nothing(project: Path) -> None:
    trees = []
    for seed in ("0", "1"):
        (project / seed).mkdir()
        (project / seed / "topology.yaml").write_text(STARTER)
        command = [sys.executable, "-m", "solutio_topology", "render", "prod"]
        environment = {"PYTHONHASHSEED": seed, "PATH": ""}
        subprocess.run(command, check=True, cwd=project / seed, env=environment, capture_output=True)
        trees.append(_files(project / seed))
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["validate", "prd"], "did you mean 'prod'?"),
        (["validate", "--topology", "none.yaml"], "there is no such file"),
        (["validate", "--topology", "."], "is a folder"),
        (["validte"], "No such command"),
        (["render"], "Missing argument"),
        (["render", "prod", "--frce"], "No such option"),
        (["path", "prod", "nowhere"], "there is no such path"),
        (["path", "prod", "cf", "nowhere"], "there is no service 'nowhere'"),
        (["reach", "nowhere"], "is neither a folder nor an environment"),
        (["rules", "Z999"], "there is no rule"),
        (["init"], "exists already"),
        (["validate", "prod", "--output", "pdf=x"], "FORMAT=FILE is needed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    before = _files(project)
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert _files(project) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"- a\n", "must hold a map"),
        (b"a: [", "not YAML"),
        (b"\x00\x01", "binary"),
        (b"a: \xff", "not UTF-8"),
        (STARTER.replace("component: rails", "component: rial").encode(), "there is no component 'rial'"),
        (STARTER.replace("{tier: default,", "{tier: defaul,").encode(), "did you mean 'default'?"),
        (STARTER.replace("  web: {", "  ../web: {").encode(), "the name '../web'"),
        (STARTER.replace("size: medium}", "size: medium, ports: {x: 0}}", 1).encode(), "out of range"),
        (STARTER.replace("size: medium}", "size: medium, ports: {x: 70000}}", 1).encode(), "out of range"),
        (STARTER.replace("  ing: {", "  cf: {component: cdn, layer: edge}\n  ing: {").encode(), "stands twice"),
    ],
)
@pytest.mark.parametrize("command", ["validate", "render"])
def test_bad_input_is_told_and_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], command: str, content: bytes, said: str
) -> None:
    run(["render", "prod"])
    (project / "topology.yaml").write_bytes(content)
    before = _files(project)
    capsys.readouterr()
    assert run([command, "prod"]) == 2
    captured = capsys.readouterr()
    assert said in " ".join(captured.err.split())
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert _files(project) == before


def test_json_stays_json_when_the_input_is_bad(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "topology.yaml").write_text("services: []\n")
    assert run(["validate", "--format", "json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert not found["ok"]
    assert {each["code"] for each in found["findings"]} >= {"S004", "S005"}


def test_the_version_is_told_without_loading_anything() -> None:
    code = (
        "import sys; sys.argv = ['solutio', '--version']\nfrom solutio_topology.__main__ import main\nmain()\n"
        "print(sorted(name for name in sys.modules if name.startswith(('typer', 'pydantic', 'yaml', 'networkx'))))"
    )
    run_ = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run_.stdout == f"solutio {__version__}\n[]\n"


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import solutio_topology.checks.run", ("solutio_topology.render",)),
        ("import solutio_topology.checks.alone", ("pydantic", "solutio_topology.spec", "jinja2")),
        (
            "from solutio_topology.workflows.project import open_project; open_project()",
            ("importlib.metadata", "email", "socket", "yaml", "networkx", "jinja2"),
        ),
    ],
    ids=["rules", "rules over manifests alone", "a topology"],
)
def test_what_is_never_loaded(code: str, never: tuple[str, ...]) -> None:
    told = f"import sys\n{code}\nprint([name for name in sys.modules if name.startswith({never!r})])"
    run_ = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run_.stdout == "[]\n"


def test_every_format_of_a_report(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("json", "sarif", "junit", "github", "markdown")
    outputs = [argument for name in names for argument in ("--output", f"{name}={name}.out")]
    assert run(["validate", "prod", *outputs]) == 0
    assert json.loads((project / "json.out").read_text())["command"] == "validate"
    assert json.loads((project / "sarif.out").read_text())["version"] == "2.1.0"
    assert (project / "junit.out").read_text().startswith('<?xml version="1.0"')
    assert (project / "markdown.out").read_text().startswith("## solutio validate")
    assert "hops" in capsys.readouterr().out


def test_reach_lists_and_compares(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["render", "prod"])
    capsys.readouterr()
    assert run(["reach", "prod", "--from", "web[", "--to", "db["]) == 0
    assert "solutio" not in capsys.readouterr().out.split("=>")[0]
    for form in ("json", "csv", "markdown", "dot"):
        assert run(["reach", "rendered/prod", "--format", form]) == 0
    capsys.readouterr()
    assert run(["reach", "prod", "--diff", "prod"]) == 0
    assert capsys.readouterr().out == "0 differences\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "options", [["rules"], ["validate", "prod", "--format", "json"], ["render", "prod", "--check"]]
)
def test_what_cannot_be_said_ends_in_one_line(project: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "solutio_topology", *options]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=project)
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["solutio: standard output: No space left on device", "  make room where it goes to, or write elsewhere"],
    )


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_closed_output_changes_no_answer(project: Path, closed: str) -> None:
    command = f"'{sys.executable}' -m solutio_topology rules {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd=project)
    assert (done.returncode, done.stderr) == (0, "")
