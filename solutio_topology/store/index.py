"""What a run of this machine saw last, in a file that is never committed: so that nothing to do is quickly found out.

As git's index: a file with the size and times that were seen holds what it held, and any other is read and hashed.
It may be removed at any time; then everything is rendered and compared once more.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import asdict

from solutio_topology.store.inventory import digest

FOLDER = ".solutio"
_FORMAT = 1
_TICK = 10_000_000
"""Nanoseconds within which two changes of a file can have one time."""
_WHOLE = 1_000_000_000

Seen = tuple[int, int, int, int, str]
"""Size, time of the content, time of the file, its number, and the hash of the content."""


class Index(Struct):
    """What was seen of the files of one environment, and of what they were rendered from."""

    renderer: str = ""
    """What rendered: a signature of the code and data of solutio."""
    patterns: tuple[str, ...] = ()
    """Where further sources are looked for."""
    sources: dict[str, Seen] = field(default_factory=dict)
    """The topology and what it includes; paths relative to the root."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Part → hash of everything that its files depend on."""
    files: dict[str, Seen] = field(default_factory=dict)
    """Every file of the environment that we wrote, inventories too."""
    complete: bool = False
    """Whether the files are all that the sources render to, and were so when the index was written."""
    _saved: int = 0

    def holds(self, root: Path, paths: Iterable[str], *, sources: bool = False) -> bool:
        """Whether the files are as they were seen: by their times, and where those do not say so, by their content."""
        known = self.sources if sources else self.files
        return all(path in known and self._is_as_seen(root, path, known) for path in paths)

    def _is_as_seen(self, root: Path, path: str, known: dict[str, Seen]) -> bool:
        seen = known[path]
        try:
            times = times_of(f"{root}/{path}")
            if times == seen[:4] and self._is_settled(times):
                return True
            if times[0] != seen[0] or digest((root / path).read_bytes()) != seen[4]:
                return False
        except OSError:
            return False
        known[path] = (*times, seen[4])
        return True

    def _is_settled(self, times: tuple[int, int, int, int]) -> bool:
        """Whether a change after we looked would have another time: not so for what changed just before."""
        latest = max(times[1], times[2])
        return latest < self._saved - (_WHOLE * 2 if latest % _WHOLE == 0 else _TICK)


def times_of(path: str) -> tuple[int, int, int, int]:
    """What a file's content is known by without reading it. To be taken before it is read, never after."""
    found = os.stat(path)  # noqa: PTH116 - this runs for every file of a fleet
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def look(root: Path, paths: Iterable[str]) -> dict[str, Seen]:
    """What is to be remembered of files: read now. Those that cannot be read are left out."""
    found: dict[str, Seen] = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found[path] = (*times_of(f"{root}/{path}"), digest((root / path).read_bytes()))
    return found


def matching(root: Path, patterns: Iterable[str]) -> set[str]:
    """The files that the patterns name now, relative to the root."""
    return {path.relative_to(root).as_posix() for each in patterns for path in root.glob(each) if path.is_file()}


def every_file(root: Path, folder: str) -> Iterator[str]:
    """Every file below a folder, hidden ones too, relative to the root."""
    for inner, _, names in os.walk(root / folder):
        shown = Path(inner).relative_to(root).as_posix()
        yield from (f"{shown}/{name}" for name in names)


def load_index(root: Path, environment: str) -> Index:
    """What was remembered; an empty index where that is nothing, or cannot be read."""
    path = _path(root, environment)
    try:
        data = json.loads(path.read_bytes())
        if data.pop("format") != _FORMAT:
            return Index()
        for name in ("sources", "files"):
            data[name] = {key: (*seen[:4], str(seen[4])) for key, seen in data[name].items()}
        return Index(**{**data, "patterns": tuple(data["patterns"])}, _saved=path.stat().st_mtime_ns)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return Index()


def save_index(root: Path, environment: str, index: Index) -> None:
    """Remember; a folder that cannot be written is no fault, only slower the next time."""
    data = {key: value for key, value in asdict(index).items() if not key.startswith("_")}
    save_local(_path(root, environment), {"format": _FORMAT, **data})


def save_local(path: Path, data: object) -> None:
    """Write a file that only this machine needs, whole or not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n")
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(data, separators=(",", ":")))
        draft.replace(path)


def forget(root: Path, environment: str) -> None:
    """Remember nothing: before files change, so that a run that is cut off leaves no wrong memory."""
    with contextlib.suppress(OSError):
        _path(root, environment).unlink(missing_ok=True)


def _path(root: Path, environment: str) -> Path:
    return root / FOLDER / f"{environment}.json"
