"""Writing a tree so that a kill at any moment leaves every file whole, and the next run finishes or undoes the rest.

Everything new is staged beside its destination first. Then a journal says what is to be moved and removed; from that
moment on the work is finished, by this run or by the next one. Without a journal, staged files are thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.errors import FileError
from solutio_topology.store.disk import explained, locked
from solutio_topology.store.drift import Drift, compare_files, compare_unwanted, merged
from solutio_topology.store.index import Seen, look, times_of, told_by
from solutio_topology.store.inventory import Entries, Entry, digest, inventory_bytes, inventory_path, read_inventory

_PATHS = "paths.json"
_INVENTORIES = ".inventory"
_SIGNALS = [each for name in ("SIGINT", "SIGTERM", "SIGHUP") if (each := getattr(signal, name, None)) is not None]
_MANY = 256
"""Files from which on one flush of everything is faster than one for each."""


class Written(Struct, frozen=True):
    """What a run did to the disk."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    recovered: bool = False
    """Whether it first finished what a run that was cut off had begun to move."""


class Staged(Struct, frozen=True):
    """One part (the platform, or a tenant pod) ready to be moved into place."""

    part: str
    entries: Entries
    """Every file of the part; of one that is told in part, those that are told."""
    drift: Drift
    staged: tuple[tuple[str, str], ...] = ()
    """Name below the staging folder, and the path to move it to."""
    whole: bool = True
    """Whether the part's other files are no longer wanted."""
    seen: dict[str, Seen] = field(default_factory=dict)
    """What was seen of the files that are as they are wanted, before reading; of staged ones, before the move."""


class Session(Struct, frozen=True, dict=True):
    """A run that has an environment's folder for itself."""

    root: Path
    environment: str
    inventory: Mapping[str, Entries]
    """What is known to be ours, by part, when the run begins."""
    recovered: bool = False
    """Whether what an earlier run left unfinished was finished first."""

    @cached_property
    def _everybodys(self) -> Entries:
        return {path: entry for entries in self.inventory.values() for path, entry in entries.items()}

    def _known(self, part: str) -> Callable[[str], Entry | None]:
        """Finds the files that are ours: most are the part's own, and the other inventories need not be read."""
        own = self.inventory.get(part, {})
        return lambda path: own.get(path) or self._everybodys.get(path)

    def stage(self, part: str, files: Mapping[str, bytes], origins: Mapping[str, str], *, whole: bool = True) -> Staged:
        """Compare a part with the disk, and put what is new beside it. Parts can be staged in several processes."""
        entries = {path: Entry(digest(data), origins.get(path, "")) for path, data in files.items()}
        seen = self._times(entries)
        there = compare_files(self.root, {path: files[path] for path in files if path in seen}, self._known(part))
        drift = replace(there, missing=tuple(sorted({*there.missing, *(path for path in files if path not in seen)})))
        folder = str(_staging(self.root, self.environment))
        staged = []
        to_write = drift.to_write
        for index, path in enumerate(path for path in files if path in to_write):
            if not index:
                os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - names as text: this runs for a whole fleet
            # One folder for all: to make and remove one for each part takes longer than to write the files.
            name = f"{index}.{part}"
            with open(f"{folder}/{name}", "wb", buffering=0) as file:  # noqa: PTH123
                file.write(files[path])
                seen[path] = (*told_by(os.fstat(file.fileno())), entries[path].sha256)
            staged.append((name, path))
        return Staged(part, entries, drift, tuple(staged), whole, seen)

    def _times(self, entries: Entries) -> dict[str, Seen]:
        """What is seen of the files before they are read; those that are not there are left out."""
        found: dict[str, Seen] = {}
        for path, entry in entries.items():
            try:
                found[path] = (*times_of(f"{self.root}/{path}"), entry.sha256)
            except (FileNotFoundError, NotADirectoryError):
                continue
        return found

    def seen(self, part: Staged) -> dict[str, Seen]:
        """What is known of the files of a committed part. One that somebody changed at the same moment is left out."""
        found = dict(part.seen)
        for path in part.drift.to_write:
            size, content, _, number, sha256 = part.seen[path]
            with contextlib.suppress(OSError):
                now = times_of(f"{self.root}/{path}")
                found[path] = (*now, sha256) if (now[0], now[1], now[3]) == (size, content, number) else found[path]
        return found | look(self.root, [inventory_path(self.environment, part.part)])

    def commit(self, parts: Iterable[Staged], *, gone: Iterable[str] = (), force: bool = False) -> Written:
        """Move the parts into place, and remove what they no longer consist of and the parts that are `gone`.

        Raises FileError, with every file as it was, for hand-edited or foreign files (unless `force`).
        """
        found = list(parts)
        unwanted = self._unwanted(found, gone)
        drift = merged([*(part.drift for part in found), compare_unwanted(self.root, unwanted)])
        if (drift.edited or drift.foreign) and not force:
            raise _refusal(drift)
        removed = tuple(path for path in (*drift.orphaned, *drift.edited) if path in unwanted)
        inventories = self._inventories(found, gone)
        staged = [item for part in found for item in part.staged]
        if staged or removed or inventories:
            with _uninterrupted():
                self._move([*staged, *self._stage_inventories(inventories)], removed, inventories)
        return Written(tuple(path for _, path in staged), removed, len(drift.unchanged), self.recovered)

    def _unwanted(self, parts: list[Staged], gone: Iterable[str]) -> Entries:
        ended = {*gone, *(part.part for part in parts if part.whole)}
        wanted = {path for part in parts for path in part.entries}
        return {
            path: entry for name in ended for path, entry in self.inventory.get(name, {}).items() if path not in wanted
        }

    def _inventories(self, parts: list[Staged], gone: Iterable[str]) -> dict[str, bytes | None]:
        """The inventories that change: path → content, None for one that goes."""
        found: dict[str, bytes | None] = {}
        for part in parts:
            before = self.inventory.get(part.part)
            entries = part.entries if part.whole else {**(before or {}), **part.entries}
            if entries != before:
                found[inventory_path(self.environment, part.part)] = inventory_bytes(entries)
        found |= {inventory_path(self.environment, name): None for name in gone if name in self.inventory}
        return found

    def _stage_inventories(self, inventories: dict[str, bytes | None]) -> Iterator[tuple[str, str]]:
        folder = _staging(self.root, self.environment) / _INVENTORIES
        folder.mkdir(parents=True, exist_ok=True)
        for index, (path, data) in enumerate(inventories.items()):
            if data is not None:
                (folder / str(index)).write_bytes(data)
                yield f"{_INVENTORIES}/{index}", path

    def _move(
        self, staged: list[tuple[str, str]], removed: tuple[str, ...], inventories: dict[str, bytes | None]
    ) -> None:
        folder = _staging(self.root, self.environment)
        (folder / _PATHS).write_bytes(json.dumps(staged).encode())
        _flush(folder, [*(name for name, _ in staged), _PATHS])
        for parent in sorted({path.rpartition("/")[0] for _, path in staged}):
            os.makedirs(f"{self.root}/{parent}", exist_ok=True)  # noqa: PTH103
        _commit(self.root, self.environment, [*removed, *(path for path, data in inventories.items() if data is None)])


@contextlib.contextmanager
def session(root: Path, environment: str) -> Iterator[Session]:
    """Have an environment's folder for oneself; what an earlier run left unfinished is finished first.

    Raises FileError for a folder that cannot be written, for a full disk, and where another run is at work. What was
    staged and not committed is thrown away.
    """
    with explained(root), locked(root):
        recovered = recover(root, environment)
        try:
            yield Session(root, environment, read_inventory(root, environment), recovered)
        finally:
            if not unfinished(root, environment):
                shutil.rmtree(_staging(root, environment), ignore_errors=True)
                _remove_empty_folders(_staging(root, environment).parent, root)


def unfinished(root: Path, environment: str) -> bool:
    """Whether a run was cut off in the middle of moving files into place."""
    return _journal(root, environment).exists()


def refuse_unfinished(root: Path, environment: str) -> None:
    """Raises FileError where a run was cut off while it moved files into place: nothing there can be trusted."""
    if unfinished(root, environment):
        raise FileError(
            f"rendered/{environment} is unfinished: a run was cut off while it moved files",
            remedy=f"finish it: solutio render {environment}",
        )


def recover(root: Path, environment: str) -> bool:
    """Finish what a run before this one began, or throw away what it had only staged; whether it was finished."""
    if unfinished(root, environment):
        _finish(root, environment)
        return True
    if _staging(root, environment).exists():
        shutil.rmtree(_staging(root, environment))
    return False


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


def _flush(folder: Path, names: list[str]) -> None:
    """Make sure that what is staged is on the disk: file by file, or thousands of them at once."""
    if len(names) > _MANY and _sync_all():
        return
    for name in names:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())


def _sync_all() -> bool:
    """Flush every file system; False where that cannot be done."""
    if not hasattr(os, "sync"):
        return False
    os.sync()
    return True


def _commit(root: Path, environment: str, removed: list[str]) -> None:
    journal = _journal(root, environment)
    draft = journal.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(json.dumps(removed).encode())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(journal)
    _finish(root, environment)


def _finish(root: Path, environment: str) -> None:
    """Move what is staged and still there, remove what is to go, and only then forget the journal."""
    folder, journal = _staging(root, environment), _journal(root, environment)
    paths = json.loads((folder / _PATHS).read_bytes()) if (folder / _PATHS).exists() else []
    for name, path in paths:
        try:
            os.replace(f"{folder}/{name}", f"{root}/{path}")  # noqa: PTH105
        except FileNotFoundError:
            # It was moved by the run that was cut off; or the folder that it is to go to went away since.
            if (folder / name).exists():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).replace(root / path)
    for path in json.loads(journal.read_bytes()):
        (root / path).unlink(missing_ok=True)
        _remove_empty_folders((root / path).parent, root)
    shutil.rmtree(folder, ignore_errors=True)
    journal.unlink()


def _remove_empty_folders(folder: Path, root: Path) -> None:
    while folder != root and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and its like wait until the files are moved: half a move would need another run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
