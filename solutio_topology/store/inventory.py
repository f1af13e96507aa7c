"""What solutio wrote the last time, and how the disk differs from what it would write now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solutio_topology.errors import FileError


@dataclass(frozen=True)
class Entry:
    """A file of the inventory: the hash of its content and the place in the topology that it comes from."""

    sha256: str
    origin: str


@dataclass(frozen=True)
class Drift:
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
    unchanged: tuple[str, ...] = field(default=(), repr=False)

    @property
    def clean(self) -> bool:
        """Whether the disk is just as wanted."""
        return not (self.missing or self.changed or self.edited or self.orphaned or self.foreign)


def inventory_path(environment: str) -> str:
    """Where the inventory of an environment stands."""
    return f"rendered/{environment}/.inventory.json"


def digest(data: bytes) -> str:
    """The hash by which content is known."""
    return hashlib.sha256(data).hexdigest()


def read_inventory(root: Path, environment: str) -> dict[str, Entry]:
    """What was written the last time; empty when nothing was. Raises FileError for one that cannot be understood."""
    path = root / inventory_path(environment)
    try:
        data = json.loads(path.read_bytes())
        return {name: Entry(entry["sha256"], entry["origin"]) for name, entry in data["files"].items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise FileError(f"{inventory_path(environment)}: {error.strerror}", remedy="check its permissions") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileError(
            f"{inventory_path(environment)} is damaged: which files are ours cannot be told",
            remedy="restore it from git, or remove it together with overlays/ and rendered/ of the environment",
        ) from None


def inventory_bytes(files: Mapping[str, bytes], origins: Mapping[str, str]) -> bytes:
    """The inventory of what is to be written: sorted, one line a file."""
    entries = {path: {"sha256": digest(files[path]), "origin": origins.get(path, "")} for path in sorted(files)}
    lines = ",\n".join(f"  {json.dumps(path)}: {json.dumps(entry)}" for path, entry in entries.items())
    return f'{{"files": {{\n{lines}\n}}}}\n'.encode()


def compare(root: Path, environment: str, files: Mapping[str, bytes]) -> Drift:
    """How the disk differs from `files` (path → content)."""
    known = read_inventory(root, environment)
    groups: dict[str, list[str]] = {name: [] for name in ("missing", "changed", "edited", "foreign", "unchanged")}
    for path in sorted(files):
        groups[_state(root / path, files[path], known.get(path))].append(path)
    orphaned: list[str] = []
    for path in sorted(known.keys() - files.keys()):
        found = _content(root / path)
        if found is not None:
            (orphaned if digest(found) == known[path].sha256 else groups["edited"]).append(path)
    return Drift(orphaned=tuple(orphaned), **{name: tuple(sorted(paths)) for name, paths in groups.items()})


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
