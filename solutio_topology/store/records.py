"""The folder of records: which of its files are exported ones, and what an export would do to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from solutio_topology.errors import FileError
from solutio_topology.spec.madr import edited_by_hand, is_ours
from solutio_topology.store.single import replace_file


class RecordDrift(Struct, frozen=True):
    """How a folder differs from the records that it should hold, by file name. Files of people are none of its."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    """Exported once, and edited since."""
    foreign: tuple[str, ...] = ()
    """Written by people, where a record would stand."""
    orphaned: tuple[str, ...] = ()
    """Exported once, of decisions that are gone."""
    taken: tuple[tuple[str, str], ...] = ()
    """(record, file of a person): both have one number."""
    unchanged: int = 0

    def __str__(self) -> str:
        """``missing: db.md; edited: front.md``."""
        kinds = ("missing", "changed", "edited", "foreign", "orphaned")
        told = [f"{kind}: {', '.join(getattr(self, kind))}" for kind in kinds if getattr(self, kind)]
        return "; ".join([*told, *(f"number taken: {name}" for name, _ in self.taken)])

    @property
    def clean(self) -> bool:
        """Whether the folder holds what it should."""
        return not (self.missing or self.changed or self.edited or self.foreign or self.orphaned or self.taken)


def compare_records(folder: Path, wanted: Mapping[str, str]) -> RecordDrift:
    """Hold a folder against records (file name → text). Raises FileError for what cannot be read."""
    there = _texts(folder)
    kinds: dict[str, list[str]] = {kind: [] for kind in ("missing", "changed", "edited", "foreign")}
    for name, text in wanted.items():
        if kind := _kind(there.get(name), text):
            kinds[kind].append(name)
    gone = [name for name, text in there.items() if name not in wanted and is_ours(text)]
    edited = [name for name in gone if edited_by_hand(there[name])]
    return RecordDrift(
        missing=tuple(kinds["missing"]),
        changed=tuple(kinds["changed"]),
        edited=(*kinds["edited"], *edited),
        foreign=tuple(kinds["foreign"]),
        orphaned=tuple(name for name in gone if name not in edited),
        taken=tuple(_taken(wanted, there)),
        unchanged=len(wanted) - sum(map(len, kinds.values())),
    )


def _texts(folder: Path) -> dict[str, str]:
    if not folder.exists():
        return {}
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".md" and path.is_file())
        return {path.name: path.read_bytes().decode("utf-8", errors="replace") for path in files}
    except OSError as error:
        raise FileError(f"{folder} cannot be read: {error.strerror}", remedy="name a folder with --dir") from None


def _kind(there: str | None, wanted: str) -> str:
    if there is None:
        return "missing"
    if there == wanted:
        return ""
    if not is_ours(there):
        return "foreign"
    return "edited" if edited_by_hand(there) else "changed"


def _taken(wanted: Mapping[str, str], there: Mapping[str, str]) -> list[tuple[str, str]]:
    """Records whose number a person's file has."""
    people = {match[1]: name for name, text in there.items() if (match := _NUMBER.match(name)) and not is_ours(text)}
    found = ((name, people.get(match[1], name)) for name in wanted if (match := _NUMBER.match(name)))
    return [(name, other) for name, other in found if other != name]


_NUMBER = re.compile(r"([0-9]{4})-")


def write_records(folder: Path, wanted: Mapping[str, str], *, force: bool = False) -> RecordDrift:
    """Make the records of a folder those of `wanted`; what was done, as drift. Files of people are left alone.

    Raises FileError, with every file as it was, where a record would replace what a person wrote (unless `force`, for
    exported files that were edited) or would take the number of a person's file.
    """
    drift = compare_records(folder, wanted)
    if drift.foreign or drift.taken or (drift.edited and not force):
        raise _refusal(folder, drift)
    for name in (*drift.missing, *drift.changed, *(each for each in drift.edited if each in wanted)):
        replace_file(folder / name, wanted[name].encode())
    for name in (*drift.orphaned, *(each for each in drift.edited if each not in wanted)):
        (folder / name).unlink(missing_ok=True)
    return drift


def _refusal(folder: Path, drift: RecordDrift) -> FileError:
    if drift.foreign:
        name = drift.foreign[0]
        return FileError(
            f"{folder / name} was not exported by solutio, and is left as it is",
            remedy="import it (solutio decisions import FILE) and move it, or name another folder with --dir",
        )
    if drift.taken:
        name, other = drift.taken[0]
        return FileError(
            f"{name} would have the number of {folder / other}, which people wrote",
            remedy="give the decision another id; nothing was written",
        )
    return FileError(
        f"edited by hand since they were exported: {', '.join(drift.edited)}; nothing was written",
        remedy="bring the edits into topology.yaml (solutio decisions import --replace), or drop them with --force",
    )
