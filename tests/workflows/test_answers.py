"""What `validate` remembers of its last answer: given again only while nothing that it depends on has changed."""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from solutio_topology.cli.app import run
from solutio_topology.workflows import validate as workflow

STARTER = (Path(__file__).parents[2] / "solutio_topology/workflows/starter.yaml").read_text()
ANSWERS = ".solutio/answers.json"
LONG_AGO = 1_000_000_000_000_000_000

Said = tuple[int, str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rendered project whose files are old enough that their times say whether they changed."""
    (tmp_path / "topology.yaml").write_text(STARTER)
    monkeypatch.chdir(tmp_path)
    assert run(["render", "prod", "--quiet"]) == 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return tmp_path


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    def said(*options: str) -> Said:
        capsys.readouterr()
        code = run(["validate", "prod", *options])
        return code, capsys.readouterr().out

    return said


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The environments that were judged, each time."""
    found: list[str] = []
    judge = workflow.judge

    def counted(project: object, environment: str, *rest: object, **options: object) -> object:
        found.append(environment)
        return judge(project, environment, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(workflow, "judge", counted)
    return found


def test_the_same_answer_is_given_without_judging_anew(ask: Callable[..., Said], judged: list[str]) -> None:
    first = ask()
    assert ask() == first
    assert judged == ["prod"]
    assert first[0] == 0
    assert "0 refuted" in first[1]


def test_each_way_of_asking_has_its_own_answer(ask: Callable[..., Said], judged: list[str]) -> None:
    answers = [ask(), ask("--quiet"), ask("--format", "json"), ask("--strict")]
    assert [ask(), ask("--quiet"), ask("--format", "json"), ask("--strict")] == answers
    assert judged == ["prod"] * 4
    assert answers[1] == (0, "")
    assert json.loads(answers[2][1])["ok"]


def edited(root: Path) -> None:
    path = root / "rendered/prod/default/apps/web.yaml"
    path.write_text(path.read_text().replace("port: 5432", "port: 5433"))


def edited_with_its_time_kept(root: Path) -> None:
    edited(root)
    os.utime(root / "rendered/prod/default/apps/web.yaml", ns=(LONG_AGO, LONG_AGO))


def removed(root: Path) -> None:
    (root / "rendered/prod/default/apps/web.yaml").unlink()


def put_beside(root: Path) -> None:
    (root / "rendered/prod/default/apps/extra.yaml").write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: nowhere}\nspec: {selector: {a: b}}\n"
    )


def topology_edited(root: Path) -> None:
    path = root / "topology.yaml"
    path.write_text(path.read_text().replace("port: 5432", "port: 5433").replace("replicas: 2", "replicas: 3") + "\n")


def topology_broken(root: Path) -> None:
    (root / "topology.yaml").write_text("services: [")


def nothing_rendered(root: Path) -> None:
    shutil.rmtree(root / "rendered")


CHANGES = [
    edited,
    edited_with_its_time_kept,
    removed,
    put_beside,
    topology_edited,
    topology_broken,
    nothing_rendered,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_after_any_change_the_answer_is_that_of_a_run_that_remembers_nothing(
    root: Path, ask: Callable[..., Said], change: Callable[[Path], None]
) -> None:
    before = ask()
    change(root)
    after = ask()
    shutil.rmtree(root / ".solutio")
    assert after == ask()
    assert after != before


def test_another_day_is_asked_anew(
    ask: Callable[..., Said], judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acknowledgements and approvals end on a day."""
    ask()

    class Tomorrow(datetime.date):
        @classmethod
        def today(cls) -> datetime.date:
            return datetime.date.fromordinal(datetime.date(2026, 1, 1).toordinal())

    monkeypatch.setattr(datetime, "date", Tomorrow)
    ask()
    assert judged == ["prod", "prod"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"format": 1, "answers": {"x": {}}}',
        b'{"format": 9}',
        b'{"format": 1, "answers": 3}',
    ],
)
def test_a_damaged_memory_is_none(root: Path, ask: Callable[..., Said], judged: list[str], data: bytes) -> None:
    first = ask()
    (root / ANSWERS).write_bytes(data)
    assert ask() == first
    assert ask() == first
    assert judged == ["prod", "prod"]


def test_a_memory_of_wrong_kinds_is_none(root: Path, ask: Callable[..., Said], judged: list[str]) -> None:
    first = ask()
    data = json.loads((root / ANSWERS).read_bytes())
    for answer in data["answers"].values():
        answer["code"] = "0"
    (root / ANSWERS).write_text(json.dumps(data))
    assert ask() == first
    assert judged == ["prod", "prod"]


def test_few_answers_are_kept_and_the_oldest_goes(root: Path, ask: Callable[..., Said]) -> None:
    for form in ("human", "json", "junit"):
        for options in ([], ["--verbose"], ["--strict"]):
            ask("--format", form, *options)
    assert len(json.loads((root / ANSWERS).read_bytes())["answers"]) == 8
    assert (root / ".solutio/.gitignore").read_text() == "*\n"


def test_another_folder_or_charts_or_files_are_never_answered_from_memory(
    root: Path, ask: Callable[..., Said], judged: list[str]
) -> None:
    for options in (("--manifests", "rendered/prod"), ("--output", "json=found.json")):
        assert ask(*options) == ask(*options)
    assert judged == ["prod"] * 4
    assert not (root / ANSWERS).exists()
