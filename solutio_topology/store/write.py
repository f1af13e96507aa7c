"""Writing a tree so that a kill at any moment leaves every file whole, and the next run finishes or undoes the rest.

Everything new is staged beside its destination first. Then a journal says what is to be moved and removed; from that
moment on the work is finished, by this run or by the next one. Without a journal, staged files are thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from solutio_topology.errors import FileError
from solutio_topology.store.disk import explained, locked
from solutio_topology.store.inventory import (
    Drift,
    compare,
    inventory_bytes,
    inventory_path,
    read_inventory,
)


@dataclass(frozen=True)
class Written:
    """What a run did to the disk."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


def write(
    root: Path, environment: str, files: Mapping[str, bytes], origins: Mapping[str, str], *, force: bool = False
) -> Written:
    """Make the environment's files on disk those of `files`; touch nothing that is already so.

    Raises FileError, with every file as it was: for hand-edited or foreign files (unless `force`), for a folder that
    cannot be written, for a full disk.
    """
    with explained(root), locked(root):
        recover(root, environment)
        drift = compare(root, environment, files)
        if (drift.edited or drift.foreign) and not force:
            raise _refusal(drift)
        edited_orphans = tuple(path for path in drift.edited if path not in files)
        removed = (*drift.orphaned, *edited_orphans)
        written = tuple(
            path for path in files if path in {*drift.missing, *drift.changed, *drift.edited, *drift.foreign}
        )
        inventory = inventory_bytes(files, origins)
        if written or removed or _stale_inventory(root, environment, inventory):
            _stage(
                root, environment, {**{path: files[path] for path in written}, inventory_path(environment): inventory}
            )
            _commit(root, environment, removed)
        return Written(written, removed, len(drift.unchanged))


def unfinished(root: Path, environment: str) -> bool:
    """Whether a run was cut off in the middle of moving files into place."""
    return _journal(root, environment).exists()


def recover(root: Path, environment: str) -> None:
    """Finish what a run before this one began, or throw away what it had only staged."""
    if unfinished(root, environment):
        _finish(root, environment)
    elif _staging(root, environment).exists():
        shutil.rmtree(_staging(root, environment))


def _refusal(drift: Drift) -> FileError:
    edited = [f"  {path}: changed by hand since it was rendered" for path in drift.edited]
    foreign = [f"  {path}: not written by solutio" for path in drift.foreign]
    shown = "\n".join([*edited, *foreign][:20])
    return FileError(
        f"files stand in the way, and nothing was written:\n{shown}",
        remedy="put the change into topology.yaml or custom/, move the file away, or overwrite it with --force",
    )


def _staging(root: Path, environment: str) -> Path:
    return root / f"rendered/{environment}/.staging"


def _journal(root: Path, environment: str) -> Path:
    return root / f"rendered/{environment}/.journal.json"


def _stale_inventory(root: Path, environment: str, wanted: bytes) -> bool:
    path = root / inventory_path(environment)
    return not path.exists() or path.read_bytes() != wanted


def _stage(root: Path, environment: str, files: Mapping[str, bytes]) -> None:
    folder = _staging(root, environment)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for index, (path, data) in enumerate(files.items()):
            _write_whole(folder / str(index), data)
            (root / path).parent.mkdir(parents=True, exist_ok=True)
        _write_whole(folder / "paths.json", json.dumps(list(files)).encode())
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_whole(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _commit(root: Path, environment: str, removed: tuple[str, ...]) -> None:
    known = read_inventory(root, environment)
    journal = _journal(root, environment)
    draft = journal.with_suffix(".draft")
    _write_whole(draft, json.dumps({path: known[path].sha256 for path in removed}).encode())
    draft.replace(journal)
    _finish(root, environment)


def _finish(root: Path, environment: str) -> None:
    """Move what is staged and still there, remove what is to go, and only then forget the journal."""
    folder, journal = _staging(root, environment), _journal(root, environment)
    paths: list[str] = json.loads((folder / "paths.json").read_bytes()) if (folder / "paths.json").exists() else []
    for index, path in enumerate(paths):
        staged = folder / str(index)
        if staged.exists():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            staged.replace(root / path)
    for path in json.loads(journal.read_bytes()):
        (root / path).unlink(missing_ok=True)
        _remove_empty_folders((root / path).parent, root)
    shutil.rmtree(folder, ignore_errors=True)
    journal.unlink()


def _remove_empty_folders(folder: Path, root: Path) -> None:
    while folder != root and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
