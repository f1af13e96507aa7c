"""``solutio decisions``, as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]
RECORD = """\
---
status: accepted
date: 2026-02-28
decision-makers: [Ana]
---

# Take Redis for sessions

## Considered Options

* Redis
* Memcached

## Decision Outcome

Chosen option: "Redis", because sessions outlive a restart

## Pros and Cons of the Options

### Memcached

* Bad, because it forgets
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "topology.yaml").write_bytes((ROOT / "topology.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_export_writes_one_record_a_decision_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["decisions", "export", "--check"]) == 1
    assert "missing: db.md" in capsys.readouterr().out
    assert not (project / "docs").exists()
    assert run(["decisions", "export"]) == 0
    names = sorted(path.name for path in (project / "docs/adr").iterdir())
    assert names == [
        "backend.md",
        "bridge.md",
        "db.md",
        "front.md",
        "media.md",
        "mobile.md",
        "orquestrador.md",
        "vector.md",
    ]
    capsys.readouterr()
    assert run(["decisions", "export", "--check"]) == 0
    assert capsys.readouterr().out == "8 records unchanged\n"


def test_import_adds_a_record_and_says_what_it_left(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "0012-redis.md").write_text(RECORD)
    assert run(["decisions", "import", "0012-redis.md"]) == 0
    done = capsys.readouterr()
    assert done.out == "topology.yaml: decisions.redis\n1 decisions written, 0 unchanged\n"
    assert done.err == "0012-redis.md: not taken over: decision-makers\n"
    assert run(["decisions", "import", "0012-redis.md"]) == 0
    assert capsys.readouterr().out == "0 decisions written, 1 unchanged\n"
    assert run(["decisions", "list", "--format", "json"]) == 0
    (found,) = [each for each in json.loads(capsys.readouterr().out)["decisions"] if each["key"] == "redis"]
    assert (found["id"], found["date"], found["why"]) == (12, "2026-02-28", "sessions outlive a restart")
    assert [(each["name"], each["realizedBy"]) for each in found["parts"]] == [("Redis", ["redis", "lkredis"])]
    assert [(each["name"], each["reason"]) for each in found["rejected"]] == [("Memcached", "it forgets")]


def test_what_is_exported_and_imported_is_the_same(project: Path) -> None:
    before = (project / "topology.yaml").read_bytes()
    run(["decisions", "export"])
    assert run(["decisions", "import", *map(str, sorted((project / "docs/adr").iterdir()))]) == 0
    assert (project / "topology.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.md": "no record"}, "a.md"),
        ({"a.md": RECORD, "b.md": "# T\n"}, "it does not say which option was chosen"),
        ({"a.md": RECORD.replace("accepted", "done")}, "'done' is none of proposed, accepted"),
        ({"db.md": RECORD}, "another decision db already"),
    ],
)
def test_bad_input_changes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], says: str
) -> None:
    before = (project / "topology.yaml").read_bytes()
    for name, text in files.items():
        (project / name).write_text(text)
    assert run(["decisions", "import", *files]) == 2
    assert says in capsys.readouterr().err
    assert (project / "topology.yaml").read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == sorted(["topology.yaml", *files])


@pytest.mark.parametrize("name", ["nothing.md", "."])
def test_what_cannot_be_read(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["decisions", "import", name]) == 2
    assert capsys.readouterr().err.startswith(f"solutio: {name}")


def test_the_list_is_at_most_80_columns_wide_and_says_what_cannot_be_seen(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["decisions", "list"]) == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert "rejected Modular Rails\n    recognised only by the titles of services (a way to cut the code" in text
    assert run(["decisions", "list", "--format", "markdown"]) == 0
    table = capsys.readouterr().out
    assert "| Bridge câmera | go2rtc + MediaMTX | Janus (descontinuados), Kurento (descontinuados) |" in table


def test_a_topology_without_decisions(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "new.yaml"]) == 0
    capsys.readouterr()
    assert run(["decisions", "list", "-t", "new.yaml"]) == 0
    assert capsys.readouterr().out == "the topology has no decisions\n"
