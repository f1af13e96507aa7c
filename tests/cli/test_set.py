"""``solutio set`` as people call it: one value, one small difference, and nothing half-written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from solutio_topology.cli.app import run
from solutio_topology.workflows import editing

ROOT = Path(__file__).parents[2]
TOPOLOGY = (ROOT / "topology.yaml").read_bytes()
_LINES = TOPOLOGY.decode().split("\n")
TAG = next(f"{n}:{line.index('2026.11.1') + 1}" for n, line in enumerate(_LINES, 1) if "tag: 2026.11.1" in line)
"""Where the tag of the API stands."""
OUT = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real topology in a folder of its own."""
    (tmp_path / "topology.yaml").write_bytes(TOPOLOGY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def changed(project: Path) -> list[tuple[str, str]]:
    """The lines that differ from the real topology, before and after."""
    old, new = TOPOLOGY.decode().split("\n"), (project / "topology.yaml").read_text().split("\n")
    assert len(old) == len(new)
    return [(one.strip(), two.strip()) for one, two in zip(old, new, strict=True) if one != two]


def rendered(project: Path) -> dict[str, bytes]:
    """What Flux would apply in production."""
    root = project / "rendered/prod"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_daily_bump_is_one_value_in_place(project: Path, capsys: OUT) -> None:
    assert run(["set", "services.api.image.tag", "2026.11.2"]) == 0
    assert capsys.readouterr().out == (
        "--- topology.yaml\n+++ topology.yaml\n@@ -65,3 +65,3 @@\n"
        "     title: solutio-api (Rails)\n"
        "-    image: {name: solutio-api, tag: 2026.11.1}\n"
        "+    image: {name: solutio-api, tag: 2026.11.2}\n"
        "     replicas: {min: 2, max: 8}\n"
        "next: solutio render prod\nnext: solutio render staging\n"
    )
    assert changed(project) == [
        ("image: {name: solutio-api, tag: 2026.11.1}", "image: {name: solutio-api, tag: 2026.11.2}")
    ]


def test_the_bump_of_one_tenant_pod_changes_its_images_and_nothing_else(project: Path) -> None:
    assert run(["render", "prod"]) == 0
    before = rendered(project)
    assert run(["set", "services.api.image.tag", "1.10", "--pod", "org-e"]) == 0
    assert changed(project) == [
        ("api: {replicas: {min: 2, max: 4}}", 'api: {replicas: {min: 2, max: 4}, image: {tag: "1.10"}}')
    ]
    assert run(["render", "prod"]) == 0
    after = rendered(project)
    differing = {path for path in after if after[path] != before[path]}
    assert differing == {".inventory/org-e.json", "org-e/apps/api.yaml", "org-e/migrate/api.yaml"}
    lines = after["org-e/apps/api.yaml"].decode().split("\n")
    images = {line.strip() for line in lines if "image:" in line}
    assert images == {"image: registry.digitalocean.com/solutio/solutio-api:1.10"}


def test_several_values_of_one_environment_at_once(project: Path) -> None:
    assert run(["set", "services.front.replicas", "2", "services.pg.storage", "30Gi", "--env", "staging"]) == 0
    assert changed(project) == [
        ("front: {replicas: 1}", "front: {replicas: 2}"),
        ("pg: {storage: 20Gi}", "pg: {storage: 30Gi}"),
    ]


def test_a_release_reaches_a_ring_first(project: Path, capsys: OUT) -> None:
    rings = TOPOLOGY.replace(b"\npods:\n", b"\nrings: [canary, all]   # our own first\n\npods:\n")
    own = b"    orgs: [org-enterprise]"
    (project / "topology.yaml").write_bytes(rings.replace(own, b"    ring: canary\n" + own))
    assert run(["set", "services.api.image.tag", "2026.11.2", "--ring", "canary"]) == 0
    text = (project / "topology.yaml").read_text()
    assert "rings: {canary: {services: {api: {image: {tag: 2026.11.2}}}}, all: {}}   # our own first\n" in text
    capsys.readouterr()
    assert run(["set", "services.api.image.tag", "2026.11.2"]) == 0
    assert (
        "note: ring canary (2026.11.2) keeps a value of its own for services.api.image.tag" in capsys.readouterr().err
    )
    assert run(["set", "services.api.image.tag", "2026.11.3", "--unset", "rings.canary.services.api.image.tag"]) == 0
    assert "keeps a value" not in capsys.readouterr().err
    assert "rings: {canary: {}, all: {}}   # our own first\n" in (project / "topology.yaml").read_text()


def test_what_is_so_already_is_not_written(project: Path, capsys: OUT) -> None:
    before = (project / "topology.yaml").stat()
    assert run(["set", "services.api.image.tag", "2026.11.1"]) == 0
    assert capsys.readouterr().out == "nothing to change: the topology says so already\n"
    after = (project / "topology.yaml").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    ("arguments", "notes"),
    [
        (
            ["services.api.replicas", "3"],
            [
                "environment staging (1) keeps a value of its own for services.api.replicas",
                "tenant pod org-e ({min: 2, max: 4}) keeps a value of its own for services.api.replicas",
            ],
        ),
        (
            ["services.api.replicas.min", "3"],
            [
                "environment staging (1) keeps a value of its own for services.api.replicas.min",
                "tenant pod org-e (2) keeps a value of its own for services.api.replicas.min",
            ],
        ),
        (
            ["services.front.image.tag", "16.0.4", "--pod", "org-e"],
            ["tenant pod org-e shares front with others: this changes nothing until its tier dedicates front"],
        ),
        (["services.api.image.tag", "2026.11.2", "--pod", "org-e"], []),
        (["services.front.image.tag", "16.0.4", "--pod", "default"], []),
    ],
)
def test_what_one_may_not_expect_is_noted(project: Path, capsys: OUT, arguments: list[str], notes: list[str]) -> None:
    assert run(["set", *arguments]) == 0
    assert capsys.readouterr().err == "".join(f"note: {note}\n" for note in notes)


def test_a_dry_run_writes_nothing(project: Path, capsys: OUT) -> None:
    assert run(["set", "services.api.size", "small", "--dry-run", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["written"], found["files"]) == (True, False, ["topology.yaml"])
    assert "+    size: small\n" in found["diff"]
    assert changed(project) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["services.ap.image.tag", "1"], "there is no service 'ap'; did you mean 'api'?"),
        (["services.api.imag.tag", "1"], "did you mean 'image'?"),
        (["services.api.image.tag"], "stands without a value"),
        ([], "no place is named"),
        (["services..size", "small"], "'services..size' names no place of a topology\n  write a place such as"),
        (["services.api.image.tag", "1\udcff"], f"topology.yaml:{TAG}: what shall stand here is not UTF-8"),
        (["services.api.env.\udcff", "1"], "what shall stand here is not UTF-8"),
        (["services.api.image.tag", "latest"], "the tag latest moves"),
        (["services.api.replicas", "many"], "'many' is not a whole number or a map"),
        (["services.api.replicas", "{min: 2"], "cannot be read"),
        (["services.pg.storage.size", "1Gi"], "holds no keys"),
        (["edges.api-pg.to", "postgres"], "there is no service 'postgres'"),
        (["edges.pg-spaces.to", "redis"], "G015"),
        (["tiers.enterprise.dedicates", "[]"], "T003 tier enterprise dedicates nothing"),
        (["orgs", "[org-a]", "--pod", "org-e"], "T004 organization org-a is claimed by default and by org-e"),
        (["edges.ing-api.host", "api.{zone}"], "T004"),
        (["ring", "canary", "--pod", "org-e"], "there is no ring 'canary'"),
        (["services.api.size", "small", "--pod", "orge"], "did you mean 'org-e'?"),
        (["services.api.size", "small", "--ring", "canary"], "there is no ring 'canary'"),
        (["services.api.size", "small", "--pod", "org-e", "--env", "prod"], "exclude each other"),
        (["--unset", "services.api.probes"], "services.api.probes is not set"),
        (["--unset", "services.api.component"], "lacks the key 'component'"),
        (["services.api.size", "small", "--topology", "-"], "cannot be edited in place"),
        (["services.api.size", "small", "--topology", "none.yaml"], "there is no such file"),
    ],
)
def test_what_cannot_be_set_is_said_and_the_file_is_untouched(
    project: Path, capsys: OUT, arguments: list[str], said: str
) -> None:
    assert run(["set", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert (captured.out, "Traceback" in captured.err) == ("", False)
    assert (project / "topology.yaml").read_bytes() == TOPOLOGY
    assert [path.name for path in project.iterdir()] == ["topology.yaml"]


def test_programs_get_what_would_be_wrong(project: Path, capsys: OUT) -> None:
    assert run(["set", "edges.api-pg.to", "postgres", "--format", "json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], [each["code"] for each in found["findings"]]) == (False, ["S006"])
    assert "is left as it is" in found["error"]
    assert (project / "topology.yaml").read_bytes() == TOPOLOGY


def test_what_somebody_edits_meanwhile_is_kept(project: Path, capsys: OUT, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = TOPOLOGY + b"# mine\n"
    judge = editing._new_findings

    def slowly(before: editing.Draft, after: editing.Draft) -> list[object]:
        (project / "topology.yaml").write_bytes(theirs)
        return judge(before, after)  # type: ignore[return-value]

    monkeypatch.setattr(editing, "_new_findings", slowly)
    assert run(["set", "services.api.image.tag", "2026.11.2"]) == 2
    assert "topology.yaml was changed by somebody else meanwhile" in capsys.readouterr().err
    assert (project / "topology.yaml").read_bytes() == theirs


def test_an_anchor_that_would_carry_the_change_elsewhere_is_told(project: Path, capsys: OUT) -> None:
    anchored = TOPOLOGY.replace(b"front: {replicas: 1}", b"front: &one {replicas: 1}")
    text = anchored.replace(b"docs: {replicas: 1}", b"docs: *one")
    (project / "topology.yaml").write_bytes(text)
    for service in ("front", "docs"):
        assert run(["set", f"services.{service}.replicas", "2", "--env", "staging"]) == 2
        assert "share" in capsys.readouterr().err
    assert (project / "topology.yaml").read_bytes() == text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_breaks_stay_as_they_are(project: Path, newline: str, end: str) -> None:
    text = TOPOLOGY.decode().rstrip().replace("\n", newline) + (newline if end else "")
    (project / "topology.yaml").write_bytes(text.encode())
    assert run(["set", "services.api.image.tag", "2026.11.2"]) == 0
    assert (project / "topology.yaml").read_bytes() == text.replace("tag: 2026.11.1", "tag: 2026.11.2").encode()


def test_the_example_with_its_secrets_is_edited_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples/shop", tmp_path / "shop")
    monkeypatch.chdir(tmp_path / "shop" / "secrets")
    before = (tmp_path / "shop/topology.yaml").read_text()
    assert run(["set", "services.web.replicas", "3"]) == 0
    after = (tmp_path / "shop/topology.yaml").read_text()
    assert len([line for line in after.split("\n") if line not in before.split("\n")]) == 1
