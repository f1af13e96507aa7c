"""The folder of records: ours are kept current, those of people are never touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from solutio_topology.errors import FileError
from solutio_topology.spec.decisions import Decision
from solutio_topology.spec.madr import records
from solutio_topology.store.records import RecordDrift, compare_records, write_records

DECISIONS = {"db": Decision(title="DB", chosen="PostgreSQL"), "front": Decision(title="Front", chosen="Next", id=7)}
WANTED = records(DECISIONS)


def _folder(path: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in sorted(path.iterdir())}


def test_a_folder_that_is_not_there_is_started(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "adr"
    assert write_records(folder, WANTED) == RecordDrift(missing=("db.md", "0007-front.md"))
    assert _folder(folder) == dict(sorted(WANTED.items()))
    assert write_records(folder, WANTED) == RecordDrift(unchanged=2)


def test_files_of_people_stay(tmp_path: Path) -> None:
    (tmp_path / "0001-by-hand.md").write_text("# By hand\n")
    write_records(tmp_path, WANTED)
    write_records(tmp_path, {})
    assert _folder(tmp_path) == {"0001-by-hand.md": "# By hand\n"}


def test_a_decision_that_is_gone_takes_its_record_along(tmp_path: Path) -> None:
    write_records(tmp_path, WANTED)
    only = {"db.md": WANTED["db.md"]}
    assert write_records(tmp_path, only) == RecordDrift(orphaned=("0007-front.md",), unchanged=1)
    assert _folder(tmp_path) == only


def test_a_decision_that_changed_is_written_again(tmp_path: Path) -> None:
    write_records(tmp_path, WANTED)
    changed = records({**DECISIONS, "db": Decision(title="DB", chosen="MySQL")})
    assert compare_records(tmp_path, changed) == RecordDrift(changed=("db.md",), unchanged=1)
    write_records(tmp_path, changed)
    assert compare_records(tmp_path, changed).clean


@pytest.mark.parametrize("wanted", [WANTED, {}])
def test_an_edit_by_hand_is_not_lost(tmp_path: Path, wanted: dict[str, str]) -> None:
    write_records(tmp_path, WANTED)
    (tmp_path / "db.md").write_text(WANTED["db.md"] + "\nWhy it was so.\n")
    before = _folder(tmp_path)
    with pytest.raises(FileError, match=r"edited by hand since they were exported: db\.md"):
        write_records(tmp_path, wanted)
    assert _folder(tmp_path) == before
    write_records(tmp_path, wanted, force=True)
    assert _folder(tmp_path) == dict(sorted(wanted.items()))


def test_a_file_of_people_in_the_way_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "db.md").write_text("# Mine\n")
    with pytest.raises(FileError, match="was not exported by solutio"):
        write_records(tmp_path, WANTED, force=True)
    assert _folder(tmp_path) == {"db.md": "# Mine\n"}


def test_a_number_is_given_once(tmp_path: Path) -> None:
    (tmp_path / "0007-mine.md").write_text("# Mine\n")
    with pytest.raises(FileError, match=r"0007-front\.md would have the number of .*0007-mine\.md"):
        write_records(tmp_path, WANTED)
    assert _folder(tmp_path) == {"0007-mine.md": "# Mine\n"}
