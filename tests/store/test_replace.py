"""Files that people write too: replaced whole, and never over what somebody changed meanwhile."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from solutio_topology.errors import FileError
from solutio_topology.store import Replacement, replace_files


def test_a_link_stays_and_its_target_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "real" / "t.yaml"
    target.parent.mkdir()
    target.write_bytes(b"a")
    target.chmod(0o640)
    link = tmp_path / "t.yaml"
    link.symlink_to("real/t.yaml")
    replace_files(tmp_path, {link: Replacement(b"a", b"b")})
    assert (link.is_symlink(), target.read_bytes(), target.stat().st_mode & 0o777) == (True, b"b", 0o640)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["real", "t.yaml", "t.yaml"]


def test_what_somebody_changed_meanwhile_is_left_as_they_made_it(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_bytes(b"1")
    two.write_bytes(b"theirs")
    changes = {one: Replacement(b"1", b"new"), two: Replacement(b"2", b"new")}
    with pytest.raises(FileError, match=r"two.yaml was changed by somebody else meanwhile"):
        replace_files(tmp_path, changes)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one.yaml": b"1", "two.yaml": b"theirs"}


@pytest.mark.parametrize("before", [b"1", None])
def test_a_file_that_went_or_came_meanwhile_is_told(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "t.yaml"
    if before is None:
        path.write_bytes(b"theirs")
    with pytest.raises(FileError, match="meanwhile"):
        replace_files(tmp_path, {path: Replacement(before, b"new")})
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([b"theirs"] if before is None else [])


def test_a_new_file_comes_to_be_with_its_folder(tmp_path: Path) -> None:
    replace_files(tmp_path, {tmp_path / "pods" / "a.yaml": Replacement(None, b"new")})
    assert (tmp_path / "pods" / "a.yaml").read_bytes() == b"new"


def test_two_runs_do_not_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"1")
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(FileError, match="another run of solutio is writing here"):
            replace_files(tmp_path, {path: Replacement(b"1", b"2")})
    finally:
        os.close(handle)
    assert path.read_bytes() == b"1"


def test_a_disk_that_refuses_leaves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"1")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"^\S+/t\.yaml cannot be written: the disk is full; every file is as it was\n"):
        replace_files(tmp_path, {path: Replacement(b"1", b"2")})
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"t.yaml": b"1"}


def test_a_file_that_cannot_be_replaced_takes_those_before_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = (tmp_path / name for name in ("one.yaml", "new.yaml", "two.yaml"))
    one.write_bytes(b"1")
    three.write_bytes(b"2")
    replace = Path.replace

    def refusing(draft: Path, target: Path) -> Path:
        if target == three:
            raise PermissionError(1, "Operation not permitted", str(draft))
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", refusing)
    changes = {one: Replacement(b"1", b"new"), two: Replacement(None, b"new"), three: Replacement(b"2", b"new")}
    with pytest.raises(FileError, match=r"/two\.yaml cannot be written: Operation not permitted; every file is as it"):
        replace_files(tmp_path, changes)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one.yaml": b"1", "two.yaml": b"2"}
