"""What a run of this machine saw last, in a file that is never committed: so that nothing to do is quickly found out.

As git's index: a file with the size and times that were seen holds what it held, and any other is read and hashed.
It may be removed at any time; then everything is rendered and compared once more.
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from solutio_topology.store.inventory import digest

FOLDER = ".solutio"
_FORMAT = 2
_TICK = 10_000_000
"""Nanoseconds within which two changes of a file can have one time."""
_WHOLE = 1_000_000_000
_SETTLED = 2 * _WHOLE
"""Nanoseconds after which a change has another time on every file system."""

_LINE = msgspec.json.Decoder(tuple[str, str, str, list[str], list[int], str])
"""A part in the memory: its name, then its fields."""
Seen = tuple[int, int, int, int, str]
"""Size, time of the content, time of the file, its number, and the hash of the content."""


class Part(Struct):
    """What was seen of the files of one part: of the platform, or of a tenant pod."""

    inputs: str
    """Hash of everything that its files depend on."""
    outside: str
    """Hash of everything that files of other parts depend on."""
    paths: list[str]
    times: list[int]
    """Size, times and number of each file, one file after the other: compared as a whole."""
    hashes: str
    """Of their content, with spaces between: hardly ever asked for."""
    line: str = ""
    """How it stands in the memory, where it has not changed since."""

    @classmethod
    def of(cls, files: Mapping[str, Seen], inputs: str, outside: str = "") -> Part:
        """What is to be remembered of files by their path."""
        times = [number for seen in files.values() for number in seen[:4]]
        return cls(inputs, outside, list(files), times, " ".join(seen[4] for seen in files.values()))

    @classmethod
    def read(cls, line: str) -> tuple[str, Part]:
        """A part and its name, from a line of the memory."""
        name, inputs, outside, paths, times, hashes = _LINE.decode(line)
        return name, cls(inputs, outside, paths, times, hashes, line)

    def told(self, name: str) -> str:
        """The part as one line."""
        found = (name, self.inputs, self.outside, self.paths, self.times, self.hashes)
        return self.line or msgspec.json.encode(found).decode()

    def seen(self) -> dict[str, Seen]:
        """What was seen, by path."""
        times = iter(self.times)
        each = zip(times, times, times, times, self.hashes.split(), strict=True)
        return dict(zip(self.paths, each, strict=True))

    def holds(self, root: Path, saved: int) -> bool:
        """Whether its files are as they were seen by a run that remembered them at the time `saved`."""
        try:
            now = [number for path in self.paths for number in times_of(f"{root}/{path}")]
        except OSError:
            return False
        if now == self.times and max(now, default=0) < saved - _SETTLED:
            return True
        known = self.seen()
        if not all(_is_as_seen(root, path, known, saved) for path in self.paths):
            return False
        times = Part.of(known, "").times
        if times != self.times:
            self.times, self.line = times, ""
        return True


class Index(Struct):
    """What was seen of the files of one environment, and of what they were rendered from."""

    renderer: str = ""
    """What rendered: a signature of the code and data of solutio."""
    patterns: tuple[str, ...] = ()
    """Where further sources are looked for."""
    sources: dict[str, Seen] = field(default_factory=dict)
    """The topology and what it includes; paths relative to the root."""
    shared: dict[str, Any] = field(default_factory=dict)
    """What the parts have in common, for whoever renders some of them."""
    parts: dict[str, Part] = field(default_factory=dict)
    """By their names. The files are every file that we wrote, inventories too."""
    complete: bool = False
    """Whether the files are all that the sources render to, and were so when the index was written."""
    saved: int = 0
    """When it was written, in nanoseconds of the file system's clock."""

    def changed_sources(self, root: Path) -> frozenset[str]:
        """The sources that are no longer what they were."""
        return frozenset(path for path in self.sources if not _is_as_seen(root, path, self.sources, self.saved))

    def hashes(self) -> dict[str, str]:
        """Every file of the environment that we wrote, with the hash of its content."""
        each = (zip(part.paths, part.hashes.split(), strict=True) for part in self.parts.values())
        return {path: digest for pairs in each for path, digest in pairs}

    def holds(self, root: Path, part: str) -> bool:
        """Whether the files of a part are as they were seen: by their times, and where those do not say so, by their
        content."""
        return part in self.parts and self.parts[part].holds(root, self.saved)


def _is_as_seen(root: Path, path: str, known: dict[str, Seen], saved: int) -> bool:
    """Whether a file is as it was seen. Its times are remembered anew where only they are others."""
    seen = known[path]
    try:
        times = times_of(f"{root}/{path}")
        if times == seen[:4] and _is_settled(times, saved):
            return True
        if times[0] != seen[0] or digest((root / path).read_bytes()) != seen[4]:
            return False
    except OSError:
        return False
    known[path] = (*times, seen[4])
    return True


def _is_settled(times: tuple[int, int, int, int], saved: int) -> bool:
    """Whether a change after we looked would have another time: not so for what changed just before."""
    latest = max(times[1], times[2])
    return latest < saved - (_SETTLED if latest % _WHOLE == 0 else _TICK)


def times_of(path: str) -> tuple[int, int, int, int]:
    """What a file's content is known by without reading it. To be taken before it is read, never after."""
    return told_by(os.stat(path))  # noqa: PTH116 - this runs for every file of a fleet


def told_by(found: os.stat_result) -> tuple[int, int, int, int]:
    """What a file's content is known by, of what the system says of it."""
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
    return {path for each in patterns for path in _matching(root, each)}


def _matching(root: Path, pattern: str) -> Iterator[str]:
    folder, slash, name = pattern.rpartition("/")
    if "**" in name or any(each in folder for each in "*?["):
        yield from (path.relative_to(root).as_posix() for path in root.glob(pattern) if path.is_file())
        return
    fits = re.compile(fnmatch.translate(name)).match
    # One look at the folder, and none at its files: there are thousands.
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(root / folder) as entries:
        yield from (f"{folder}{slash}{entry.name}" for entry in entries if fits(entry.name) and entry.is_file())


def every_file(root: Path, folder: str) -> Iterator[str]:
    """Every file below a folder, hidden ones too, relative to the root."""
    for inner, _, names in os.walk(root / folder):
        shown = Path(inner).relative_to(root).as_posix()
        yield from (f"{shown}/{name}" for name in names)


def load_index(root: Path, environment: str) -> Index:
    """What was remembered; an empty index where that is nothing, or cannot be read."""
    path = _path(root, environment)
    try:
        with path.open("rb") as file:
            saved = os.fstat(file.fileno()).st_mtime_ns
            text = file.read()
        first, _, rest = text.partition(b"\n")
        data = json.loads(first)
        if data.pop("format") != _FORMAT or data.pop("sum") != zlib.crc32(rest):
            return Index()
        head, *lines = rest.decode().splitlines()
        data = msgspec.json.decode(head)
        sources = {key: (*seen[:4], str(seen[4])) for key, seen in data.pop("sources").items()}
        parts = dict(map(Part.read, lines))
        return Index(**{**data, "patterns": tuple(data["patterns"])}, sources=sources, parts=parts, saved=saved)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return Index()


def save_index(root: Path, environment: str, index: Index, *, at: int | None = None) -> None:
    """Remember; a folder that cannot be written is no fault, only slower the next time.

    `at`: when the files were looked at, where that was not now.
    """
    told = ("renderer", "patterns", "sources", "shared", "complete")
    head = json.dumps({name: getattr(index, name) for name in told}, separators=(",", ":"))
    text = "\n".join([head, *(part.told(name) for name, part in index.parts.items())]) + "\n"
    first = json.dumps({"format": _FORMAT, "sum": zlib.crc32(text.encode())})
    save_local(_path(root, environment), f"{first}\n{text}", at=at)


def save_local(path: Path, text: str, *, at: int | None = None) -> None:
    """Write a file that only this machine needs, whole or not at all; `at`: the time that it gets, in nanoseconds."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n")
        draft = path.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        if at is not None:
            os.utime(draft, ns=(at, at))
        draft.replace(path)


def forget(root: Path, environment: str) -> None:
    """Remember nothing: before files change, so that a run that is cut off leaves no wrong memory."""
    with contextlib.suppress(OSError):
        _path(root, environment).unlink(missing_ok=True)


def _path(root: Path, environment: str) -> Path:
    return root / FOLDER / f"{environment}.jsonl"
