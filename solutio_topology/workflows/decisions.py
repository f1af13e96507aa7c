"""Decisions: listing them, writing them as records, and taking records over."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology import catalog
from solutio_topology.errors import FileError, InputError, SolutioError
from solutio_topology.workflows.project import Project, find_topology

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.spec.madr import Imported
    from solutio_topology.store.records import RecordDrift

FOLDER = Path("docs/adr")
"""Where records stand, beside the topology."""


class Import(Struct, frozen=True):
    """What an import did: the keys of decisions that are new or changed, and everything that was read."""

    topology: Path
    changed: tuple[str, ...]
    imported: tuple[Imported, ...]


def export_records(project: Project, folder: Path | None = None, *, force: bool = False) -> RecordDrift:
    """Write a MADR record for each decision; what was done. Raises FileError where a person's file is in the way."""
    from solutio_topology.spec.madr import records
    from solutio_topology.store.records import write_records

    return write_records(folder or project.root / FOLDER, records(project.topology.decisions), force=force)


def check_records(project: Project, folder: Path | None = None) -> RecordDrift:
    """How the folder differs from what an export would write."""
    from solutio_topology.spec.madr import records
    from solutio_topology.store.records import compare_records

    return compare_records(folder or project.root / FOLDER, records(project.topology.decisions))


def import_records(given: Path | None, files: Sequence[Path], *, replace: bool = False) -> Import:
    """Take MADR records over into the topology; all of them, or none and the file stays as it was.

    Raises FileError, InputError with every fault, and SolutioError for a decision that is there already.
    """
    from solutio_topology.spec.load import load_text
    from solutio_topology.spec.madr.add import add_decisions
    from solutio_topology.store.single import replace_file

    if given is not None and str(given) == "-":
        raise SolutioError("a topology on standard input cannot be written to", remedy="name its file with --topology")
    path = find_topology(given)
    data = _read(path)
    known = load_text(data, str(path), folder=path.parent, known_components=catalog.names()).topology.decisions
    imported = _read_records(files)
    edited, changed = add_decisions(data, str(path), known, imported, replace=replace)
    if changed:
        load_text(edited, str(path), folder=path.parent, known_components=catalog.names())
        replace_file(path, edited)
    return Import(path, changed, imported)


def _read_records(files: Sequence[Path]) -> tuple[Imported, ...]:
    from solutio_topology.spec.madr import read_record

    found: list[Imported] = []
    faults: list[Finding] = []
    for file in files:
        try:
            found.append(read_record(_read(file), "<stdin>" if str(file) == "-" else str(file)))
        except InputError as error:
            faults += error.findings
    if faults:
        raise InputError(faults)
    return tuple(found)


def _read(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise FileError(f"{path} is a folder", remedy=f"name its files: {path}/*.md") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}", remedy="check its name and permissions") from None
