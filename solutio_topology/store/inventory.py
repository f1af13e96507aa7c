"""What solutio wrote the last time: a file for the platform and one for each tenant pod, so that parts merge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path

from msgspec import Struct

from solutio_topology.errors import FileError

SUFFIX = ".json"


class Entry(Struct, frozen=True):
    """A file of the inventory: the hash of its content and the place in the topology that it comes from."""

    sha256: str
    origin: str


Entries = dict[str, Entry]
"""Path, relative to the root → what was written there."""


def inventory_folder(environment: str) -> str:
    """Where the inventories of an environment stand."""
    return f"rendered/{environment}/.inventory"


def inventory_path(environment: str, part: str) -> str:
    """Where the inventory of the platform or of a tenant pod stands."""
    return f"{inventory_folder(environment)}/{part}{SUFFIX}"


def digest(data: bytes) -> str:
    """The hash by which content is known."""
    return hashlib.sha256(data).hexdigest()


class Inventory(Mapping[str, Entries]):
    """What was written the last time, by part; each is read when it is asked for."""

    def __init__(self, root: Path, environment: str, names: Iterable[str]) -> None:
        self._root = root
        self._environment = environment
        self._read: dict[str, Entries | None] = dict.fromkeys(names)

    def __getitem__(self, part: str) -> Entries:
        """The files of a part. Raises KeyError, and FileError for an inventory that cannot be understood."""
        found = self._read[part]
        if found is None:
            found = self._read[part] = _read(self._root, inventory_path(self._environment, part))
        return found

    def __contains__(self, part: object) -> bool:
        return part in self._read

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def read_inventory(root: Path, environment: str) -> Inventory:
    """What was written the last time; empty when nothing was."""
    folder = root / inventory_folder(environment)
    try:
        names = sorted(path.stem for path in folder.iterdir() if path.suffix == SUFFIX)
    except (FileNotFoundError, NotADirectoryError):
        names = []
    return Inventory(root, environment, names)


def _read(root: Path, path: str) -> Entries:
    try:
        data = json.loads((root / path).read_bytes())
        return {name: Entry(entry["sha256"], entry["origin"]) for name, entry in data["files"].items()}
    except OSError as error:
        raise FileError(f"{path}: {error.strerror}", remedy="check its permissions") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FileError(
            f"{path} is damaged: which files are ours cannot be told",
            remedy="restore it from git, or remove it together with overlays/ and rendered/ of the environment",
        ) from None


def inventory_bytes(entries: Mapping[str, Entry]) -> bytes:
    """The inventory of what is to be written: sorted, one line a file."""
    found = ((path, entries[path]) for path in sorted(entries))
    lines = ",\n".join(
        f'  {quoted(path)}: {{"sha256": "{entry.sha256}", "origin": {quoted(entry.origin)}}}' for path, entry in found
    )
    return f'{{"files": {{\n{lines}\n}}}}\n'.encode()
