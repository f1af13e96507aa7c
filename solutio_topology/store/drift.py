"""How the disk differs from what would be written now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import fields

from solutio_topology.errors import FileError
from solutio_topology.store.inventory import Entries, Entry, digest


class Drift(Struct, frozen=True):
    """How the disk differs from what is wanted. All paths are relative to the root, sorted."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Ours, as it was written; would be written anew."""
    edited: tuple[str, ...] = ()
    """Ours once; changed by hand since."""
    orphaned: tuple[str, ...] = ()
    """Ours, as it was written; no longer wanted."""
    foreign: tuple[str, ...] = ()
    """Not ours, and in the way."""
    unchanged: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether the disk is just as wanted."""
        return not (self.missing or self.changed or self.edited or self.orphaned or self.foreign)

    @property
    def to_write(self) -> frozenset[str]:
        """The wanted files that are not there as they are wanted."""
        return frozenset((*self.missing, *self.changed, *self.edited, *self.foreign))


def merged(drifts: Iterable[Drift]) -> Drift:
    """Several parts as one."""
    found = list(drifts)
    names = [each.name for each in fields(Drift)]
    return Drift(**{name: tuple(sorted(path for each in found for path in getattr(each, name))) for name in names})


def compare_files(root: Path, files: Mapping[str, bytes], known: Callable[[str], Entry | None]) -> Drift:
    """How the disk differs from `files` (path → content); `known` finds those that were written by us."""
    groups: dict[str, list[str]] = {name: [] for name in ("missing", "changed", "edited", "foreign", "unchanged")}
    for path in sorted(files):
        groups[_state(root / path, files[path], known(path))].append(path)
    return Drift(**{name: tuple(paths) for name, paths in groups.items()})


def compare_unwanted(root: Path, unwanted: Entries) -> Drift:
    """What is left on the disk of files that were written and are no longer wanted."""
    orphaned: list[str] = []
    edited: list[str] = []
    for path in sorted(unwanted):
        found = _content(root / path)
        if found is not None:
            (orphaned if digest(found) == unwanted[path].sha256 else edited).append(path)
    return Drift(orphaned=tuple(orphaned), edited=tuple(edited))


def _state(path: Path, wanted: bytes, known: Entry | None) -> str:
    found = _content(path)
    if found is None:
        return "missing"
    if found == wanted:
        return "unchanged"
    if known is None:
        return "foreign"
    return "changed" if digest(found) == known.sha256 else "edited"


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}", remedy="check its permissions") from None
