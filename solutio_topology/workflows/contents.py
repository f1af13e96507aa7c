"""The content of many files, most of which nobody looks at: in a fleet, whatever certainly did not change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct


class OnDisk(Struct, frozen=True):
    """A file that is known to hold what has this hash."""

    root: Path
    path: str
    """Relative to the root."""
    sha256: str

    def read(self) -> bytes:
        """The content. Raises FileError."""
        from solutio_topology.manifests.read import read_manifest

        return read_manifest(self.root / self.path)


class Contents(Mapping[str, bytes]):
    """Files by path, in their order. What stands on disk is read when its content is asked for."""

    def __init__(self, files: Mapping[str, bytes | OnDisk]) -> None:
        self._files = {path: files[path] for path in sorted(files)}
        self._read: dict[str, bytes] = {}

    def __getitem__(self, path: str) -> bytes:
        found = self._files[path]
        if isinstance(found, bytes):
            return found
        if path not in self._read:
            self._read[path] = found.read()
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def held(self, path: str) -> bytes | OnDisk:
        """The content, or where it is."""
        return self._files[path]

    def sha256(self, path: str) -> str:
        """The hash of the content."""
        found = self._files[path]
        return hashlib.sha256(found).hexdigest() if isinstance(found, bytes) else found.sha256

    def below(self, prefix: str) -> Contents:
        """The files whose paths begin with `prefix`."""
        return Contents({path: found for path, found in self._files.items() if path.startswith(prefix)})


class Unheld(Mapping[str, bytes]):
    """Files by path. Some are at hand; nobody keeps the others, each is read when its content is asked for."""

    def __init__(self, held: Mapping[str, bytes], others: Iterable[str], read: Callable[[str], bytes]) -> None:
        self._held = held
        self._others = frozenset(others)
        self._read = read

    def __getitem__(self, path: str) -> bytes:
        if path in self._others:
            return self._read(path)
        return self._held[path]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._held.keys() | self._others))

    def __len__(self) -> int:
        return len(self._held) + len(self._others)


def differing(before: Contents, after: Contents) -> frozenset[str]:
    """The paths that stand on one side only, or hold something else."""
    every = before.keys() | after.keys()
    return frozenset(path for path in every if not _are_same(before, after, path))


def _are_same(before: Contents, after: Contents, path: str) -> bool:
    if path not in before or path not in after:
        return False
    old, new = before.held(path), after.held(path)
    if isinstance(old, OnDisk) and isinstance(new, OnDisk):
        return old.sha256 == new.sha256
    return old is new or before[path] == after[path]
