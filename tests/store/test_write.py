from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solutio_topology import store
from solutio_topology.errors import FileError

OLD = {"rendered/prod/a.yaml": b"a: 1\n", "rendered/prod/x/b.yaml": b"b: 1\n", "overlays/prod/c.yaml": b"c: 1\n"}
NEW = {"rendered/prod/a.yaml": b"a: 2\n", "overlays/prod/c.yaml": b"c: 1\n", "overlays/prod/d/e.yaml": b"e: 1\n"}


def _write(root: Path, files: dict[str, bytes], *, force: bool = False) -> store.Written:
    with store.session(root, "prod") as session:
        part = session.stage("one", files, dict.fromkeys(files, "services.x"))
        return session.commit([part], force=force)


def _compare(root: Path, files: dict[str, bytes]) -> store.Drift:
    known = store.read_inventory(root, "prod")["one"]
    unwanted = {path: entry for path, entry in known.items() if path not in files}
    return store.merged([store.compare_files(root, files, known.get), store.compare_unwanted(root, unwanted)])


def _tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
    }


def test_a_first_run_writes_everything_and_a_second_one_nothing(tmp_path: Path) -> None:
    assert _write(tmp_path, OLD) == store.Written(tuple(OLD), (), 0)
    assert _tree(tmp_path) == OLD
    times = {path: (tmp_path / path).stat().st_mtime_ns for path in OLD}
    assert _write(tmp_path, OLD) == store.Written((), (), 3)
    assert {path: (tmp_path / path).stat().st_mtime_ns for path in OLD} == times


def test_changes_are_written_and_what_is_no_longer_wanted_goes_with_its_folder(tmp_path: Path) -> None:
    _write(tmp_path, OLD)
    done = _write(tmp_path, NEW)
    assert done == store.Written(("rendered/prod/a.yaml", "overlays/prod/d/e.yaml"), ("rendered/prod/x/b.yaml",), 1)
    assert _tree(tmp_path) == NEW
    assert not (tmp_path / "rendered/prod/x").exists()


def test_the_inventory_says_hash_and_origin(tmp_path: Path) -> None:
    _write(tmp_path, {"rendered/prod/a.yaml": b"a: 1\n"})
    assert json.loads((tmp_path / "rendered/prod/.inventory/one.json").read_text()) == {
        "files": {
            "rendered/prod/a.yaml": {
                "sha256": hashlib.sha256(b"a: 1\n").hexdigest(),
                "origin": "services.x",
            }
        }
    }


@pytest.mark.parametrize("path", ["rendered/prod/a.yaml", "rendered/prod/x/b.yaml"], ids=["wanted", "orphaned"])
def test_a_hand_edited_file_stops_the_run_with_its_name(tmp_path: Path, path: str) -> None:
    _write(tmp_path, OLD)
    (tmp_path / path).write_bytes(b"by hand\n")
    before = _tree(tmp_path)
    with pytest.raises(FileError, match=path):
        _write(tmp_path, NEW)
    assert _tree(tmp_path) == before
    _write(tmp_path, NEW, force=True)
    assert _tree(tmp_path) == NEW


def test_a_file_that_is_not_ours_is_never_touched(tmp_path: Path) -> None:
    _write(tmp_path, OLD)
    for path in ("overlays/prod/default/custom/kustomization.yaml", "overlays/prod/d/e.yaml"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(b"mine\n")
    with pytest.raises(FileError, match=r"overlays/prod/d/e.yaml: not written by solutio"):
        _write(tmp_path, NEW)
    (tmp_path / "overlays/prod/d/e.yaml").unlink()
    _write(tmp_path, NEW)
    assert (tmp_path / "overlays/prod/default/custom/kustomization.yaml").read_bytes() == b"mine\n"


def test_compare_tells_the_ways_of_differing_apart(tmp_path: Path) -> None:
    _write(tmp_path, OLD)
    (tmp_path / "overlays/prod/c.yaml").write_bytes(b"by hand\n")
    assert _compare(tmp_path, NEW) == store.Drift(
        missing=("overlays/prod/d/e.yaml",),
        changed=("rendered/prod/a.yaml",),
        edited=("overlays/prod/c.yaml",),
        orphaned=("rendered/prod/x/b.yaml",),
    )
    assert _compare(tmp_path, OLD).edited == ("overlays/prod/c.yaml",)


def _failing(original: Callable[..., Any], countdown: list[int], error: BaseException) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        countdown[0] -= 1
        if countdown[0] < 0:
            raise error
        return original(*arguments, **named)

    return run


def _break(monkeypatch: pytest.MonkeyPatch, after: int, error: BaseException) -> list[int]:
    """Let the disk fail at the n-th step that changes it."""
    countdown = [after]
    monkeypatch.setattr(os, "fsync", _failing(os.fsync, countdown, error))
    monkeypatch.setattr(Path, "replace", _failing(Path.replace, countdown, error))
    monkeypatch.setattr(Path, "unlink", _failing(Path.unlink, countdown, error))
    return countdown


@pytest.mark.parametrize("after", range(12))
def test_after_a_kill_every_file_is_old_or_new_and_the_next_run_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    _write(tmp_path, OLD)
    with monkeypatch.context() as patch:
        countdown = _break(patch, after, KeyboardInterrupt())
        killed = False
        try:
            _write(tmp_path, NEW)
        except KeyboardInterrupt:
            killed = True
    assert killed == (countdown[0] < 0)
    for path, data in _tree(tmp_path).items():
        assert data in {OLD.get(path), NEW.get(path)}
    cut_off = store.unfinished(tmp_path, "prod")
    if not cut_off:
        assert _tree(tmp_path) in (OLD, NEW)
    assert _write(tmp_path, NEW).recovered == cut_off
    assert _tree(tmp_path) == NEW
    assert not store.unfinished(tmp_path, "prod")
    assert _write(tmp_path, NEW) == store.Written((), (), 3)


@pytest.mark.parametrize("after", range(4))
def test_a_full_disk_is_said_and_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    _write(tmp_path, OLD)
    with monkeypatch.context() as patch:
        _break(patch, after, OSError(28, "No space left on device", "x"))
        with pytest.raises(FileError, match="the disk is full"):
            _write(tmp_path, NEW)
    assert _tree(tmp_path) == OLD


def test_a_file_where_a_folder_must_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "rendered").write_text("")
    with pytest.raises(FileError):
        _write(tmp_path, OLD)
    assert (tmp_path / "rendered").read_text() == ""


def test_a_damaged_inventory_is_said(tmp_path: Path) -> None:
    _write(tmp_path, OLD)
    (tmp_path / "rendered/prod/.inventory/one.json").write_text("{")
    with pytest.raises(FileError, match="is damaged"):
        _write(tmp_path, NEW)
    assert _tree(tmp_path) == OLD
