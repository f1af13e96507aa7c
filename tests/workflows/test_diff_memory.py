"""A comparison that remembers, and trusts git, says what one says that reads everything."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from bench import fleet
from solutio_topology.diff.members import Members
from solutio_topology.diff.objects import ObjectChange
from solutio_topology.manifests.shared import InseparableError
from solutio_topology.report import diff_json as as_json
from solutio_topology.workflows import spread
from solutio_topology.workflows.diff import diff
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import write_topology

NAMES = tuple(fleet.name_of(index) for index in range(6))
PRINTS = ".solutio/prod.prints.json"


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    found = subprocess.run(["git", "-C", str(folder), *author, *arguments], capture_output=True, check=True, text=True)
    return found.stdout.strip()


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet that is rendered and committed, and one whose database was enlarged since."""
    folder = tmp_path_factory.mktemp("fleet")
    fleet.write(folder, len(NAMES))
    write_topology(folder / "topology.yaml", "prod")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    grow(folder, NAMES[4])
    return folder


@pytest.fixture
def copied(committed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(committed, tmp_path / "fleet", symlinks=True))


def grow(folder: Path, pod: str, size: str = "70Gi") -> None:
    at = folder / f"customers/{pod}.yaml"
    at.write_text(at.read_text().replace("50Gi", size))


def told(folder: Path) -> str:
    return as_json.render(diff(open_project(folder / "topology.yaml"), "prod"))


def without_memory(folder: Path) -> str:
    shutil.rmtree(folder / ".solutio")
    return told(folder)


def test_the_second_time_and_without_a_memory(copied: Path) -> None:
    first = told(copied)
    assert NAMES[4] in first
    assert (copied / PRINTS).is_file()
    assert told(copied) == first == without_memory(copied)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "empty": lambda at: at.write_text(""),
    "no map": lambda at: at.write_text("[1]"),
    "another format": lambda at: at.write_text('{"format": 0}'),
    "wrong kinds": lambda at: at.write_text(
        at.read_text().replace("true", "7").replace('"prints":{', '"prints":{"x":1,')
    ),
    "not text": lambda at: at.write_bytes(b"\xff\xfe"),
    "a folder": lambda at: (at.unlink(), at.mkdir()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_memory_is_none(copied: Path, damage: str) -> None:
    first = told(copied)
    DAMAGES[damage](copied / PRINTS)
    assert told(copied) == first


def test_what_changes_while_it_is_remembered(copied: Path) -> None:
    told(copied)
    grow(copied, NAMES[1], "90Gi")
    assert NAMES[1] in told(copied)
    assert told(copied) == without_memory(copied)


def test_what_was_rendered_since_the_revision(copied: Path) -> None:
    """What is on disk is what would be rendered, and not what was committed."""
    before = told(copied)
    write_topology(copied / "topology.yaml", "prod")
    assert told(copied) == before == without_memory(copied)


def test_what_was_changed_by_hand_and_committed(copied: Path) -> None:
    """What was committed is not what is rendered now, in one of several equal tenant pods."""
    at = copied / f"rendered/prod/{NAMES[5]}/data/pg.yaml"
    whole = at.read_bytes()
    at.write_bytes(whole.replace(b"port: 5432", b"port: 5433"))
    git(copied, "commit", "-qam", "by hand")
    at.write_bytes(whole)
    found = told(copied)
    assert f"solutio-{NAMES[5]}" in found
    assert found == without_memory(copied)


def test_what_git_was_told_not_to_look_at_is_read(copied: Path) -> None:
    at = f"rendered/prod/{NAMES[4]}/data/pg.yaml"
    git(copied, "update-index", "--assume-unchanged", at)
    before = told(copied)
    write_topology(copied / "topology.yaml", "prod")
    assert git(copied, "status", "--short", at) == ""
    assert told(copied) == before


def test_on_one_processor_and_on_two(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for number in (1, 2):
        monkeypatch.setattr(spread, "_processors", lambda number=number: number)
        found.append(without_memory(copied))
    assert found[0] == found[1]


def test_where_some_cannot_stand_for_others_all_are_looked_at(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pod in NAMES:
        grow(copied, pod)
    found = told(copied)
    tried = []

    def refuse(self: Members, changes: Iterable[ObjectChange], _about: object) -> Iterator[ObjectChange]:
        tried.append(bool(self.stands_for))
        if self.stands_for:
            raise InseparableError
        return iter(tuple(changes))

    monkeypatch.setattr(Members, "each_apart", refuse)
    assert told(copied) == found
    assert tried == [True, False]
