"""What is remembered between runs: quick where nothing changed, and never wrong where something did."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from solutio_topology import store
from solutio_topology.store.index import times_of

OLD_ENOUGH = 5_000_000_000


def remembered(root: Path, files: dict[str, bytes]) -> store.Index:
    """An index that saw the files long after they were written."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        now = (root / path).stat().st_mtime_ns - OLD_ENOUGH
        os.utime(root / path, ns=(now, now))
    store.save_index(root, "prod", store.Index(files=store.look(root, files)))
    return store.load_index(root, "prod")


def test_what_is_as_it_was_holds_and_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = remembered(tmp_path, {"a": b"1", "b/c": b"2"})
    index._saved += OLD_ENOUGH  # as if the run had ended later
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} is read"))
    assert index.holds(tmp_path, ["a", "b/c"])


@pytest.mark.parametrize("data", [b"other", b"longer than before", b""], ids=["same size", "longer", "shorter"])
def test_what_changed_does_not_hold(tmp_path: Path, data: bytes) -> None:
    index = remembered(tmp_path, {"a": b"first"})
    (tmp_path / "a").write_bytes(data)
    assert not index.holds(tmp_path, ["a"])


def test_a_change_of_the_same_size_with_the_time_set_back_is_seen(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"first"})
    before = (tmp_path / "a").stat()
    (tmp_path / "a").write_bytes(b"other")
    os.utime(tmp_path / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not index.holds(tmp_path, ["a"])


def test_a_change_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """As git's racy entries: what was changed just before the index was written may have changed once more."""
    index = remembered(tmp_path, {"a": b"first"})
    (tmp_path / "a").write_bytes(b"other")
    index.files["a"] = (*times_of(f"{tmp_path}/a"), index.files["a"][4])
    index._saved = (tmp_path / "a").stat().st_mtime_ns
    assert not index.holds(tmp_path, ["a"])


def test_touched_but_equal_holds_and_is_remembered_anew(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"1"})
    os.utime(tmp_path / "a")
    assert index.holds(tmp_path, ["a"])
    assert index.files["a"][1] == (tmp_path / "a").stat().st_mtime_ns


def test_what_is_gone_or_unknown_does_not_hold(tmp_path: Path) -> None:
    index = remembered(tmp_path, {"a": b"1"})
    assert not index.holds(tmp_path, ["b"])
    (tmp_path / "a").unlink()
    assert not index.holds(tmp_path, ["a"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 1, "files": 3, "sources": {}}'])
def test_a_damaged_memory_is_none(tmp_path: Path, text: str) -> None:
    remembered(tmp_path, {"a": b"1"})
    (tmp_path / ".solutio/prod.json").write_text(text)
    assert store.load_index(tmp_path, "prod") == store.Index()


def test_it_is_never_committed_and_can_be_forgotten(tmp_path: Path) -> None:
    remembered(tmp_path, {"a": b"1"})
    assert (tmp_path / ".solutio/.gitignore").read_text() == "*\n"
    assert json.loads((tmp_path / ".solutio/prod.json").read_bytes())["format"] == 1
    store.forget(tmp_path, "prod")
    assert store.load_index(tmp_path, "prod") == store.Index()
