"""Files that are read when somebody asks for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from solutio_topology.errors import FileError
from solutio_topology.workflows.contents import Contents, OnDisk, Unheld, differing


def on_disk(folder: Path, data: bytes, name: str = "a") -> OnDisk:
    (folder / name).write_bytes(data)
    return OnDisk(folder, name, hashlib.sha256(data).hexdigest())


def test_files_in_the_order_of_their_paths(tmp_path: Path) -> None:
    found = Contents({"b/2": b"two", "a/1": on_disk(tmp_path, b"one")})
    assert dict(found) == {"a/1": b"one", "b/2": b"two"}
    assert list(found) == ["a/1", "b/2"]
    assert dict(found.below("b/")) == {"b/2": b"two"}
    assert [found.sha256(path) for path in found] == [hashlib.sha256(data).hexdigest() for data in (b"one", b"two")]


def test_what_differs_is_found_without_reading(tmp_path: Path) -> None:
    same, gone = on_disk(tmp_path, b"same"), OnDisk(tmp_path, "gone", "7")
    before = Contents({"same": same, "gone": gone, "old": b"", "held": b"x", "read": on_disk(tmp_path, b"y", "b")})
    after = Contents({"same": same, "gone": gone, "new": b"", "held": b"z", "read": b"y"})
    assert differing(before, after) == {"old", "new", "held"}
    assert differing(before, before) == differing(Contents({}), Contents({})) == frozenset()


def test_a_file_that_is_gone_when_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        Contents({"a": OnDisk(tmp_path, "a", "7")})["a"]


def test_what_nobody_keeps_is_read_each_time(tmp_path: Path) -> None:
    on_disk(tmp_path, b"one", "b")
    found = Unheld({"c": b"held", "a": b"held"}, ["b"], lambda path: (tmp_path / path).read_bytes())
    assert dict(found) == {"a": b"held", "b": b"one", "c": b"held"}
    assert (list(found), len(found), "b" in found, "d" in found) == (["a", "b", "c"], 3, True, False)
    on_disk(tmp_path, b"two", "b")
    assert found["b"] == b"two"
