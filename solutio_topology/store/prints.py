"""What files of tenant pods are without their names, in a file that is never committed: see `manifests.classes`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from solutio_topology.store.index import FOLDER, save_local

_FORMAT = 1
Known = tuple[str, bool]
"""Hash of the files without the names, and whether they could be taken out."""


def load_prints(root: Path, environment: str, program: str) -> dict[str, Known]:
    """Hash of the files and names → what was found; nothing where none can be read, or another `program` wrote it."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        data = json.loads(_path(root, environment).read_bytes())
        if data["format"] == _FORMAT and data["program"] == program:
            return {str(files): (str(found), bool(plain)) for files, (found, plain) in data["prints"].items()}
    return {}


def save_prints(root: Path, environment: str, program: str, prints: Mapping[str, Known]) -> None:
    """Remember; a folder that cannot be written is no fault, only slower the next time."""
    told = {"format": _FORMAT, "program": program, "prints": dict(prints)}
    save_local(_path(root, environment), json.dumps(told, separators=(",", ":")))


def _path(root: Path, environment: str) -> Path:
    return root / FOLDER / f"{environment}.prints.json"
