"""Putting decisions that were read into a topology: its other lines stay as they are, to the byte."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from solutio_topology.errors import InputError, SolutioError
from solutio_topology.findings import Location
from solutio_topology.spec.decisions import Decision, Rejected
from solutio_topology.spec.madr.read import Imported
from solutio_topology.spec.rules import UNREADABLE
from solutio_topology.yamlio import Fault, emit, read_document
from solutio_topology.yamlio.round_trip import dump_round_trip, load_round_trip


def add_decisions(
    data: bytes, name: str, known: dict[str, Decision], imported: Sequence[Imported], *, replace: bool = False
) -> tuple[bytes, tuple[str, ...]]:
    """The topology with the decisions in it, and the keys of those that are new or changed.

    A decision that says the same already is left as it is. Raises SolutioError for one that says something else
    (unless `replace`), and for two of one key.
    """
    merged = _with_successors(imported, known)
    changed = {key: each for key, each in merged.items() if key not in known or not same(known[key], each)}
    clash = [key for key in changed if key in known and key in {each.key for each in imported}]
    if clash and not replace:
        raise SolutioError(
            f"{name} has another decision {', '.join(clash)} already; nothing was written",
            remedy="compare them, and import with --replace to take what the record says",
        )
    there = {key: plain(each) for key, each in changed.items() if key in known}
    new = {key: plain(each) for key, each in changed.items() if key not in known}
    return append(_edited(data, name, there), name, new), tuple(changed)


def append(data: bytes, name: str, new: dict[str, Any]) -> bytes:
    """The file with entries behind its decisions, as lines of their own: no other line is touched."""
    if not new:
        return data
    text = data.decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    at, indent = _end_of_decisions(lines)
    first, *block = emit([{"decisions": _plainer(new)}]).decode().splitlines()
    added = [f"{indent}{line[2:]}" if line.strip() else "" for line in block]
    if at == len(lines) and lines and not lines[-1].endswith("\n"):
        lines[-1] += newline
    if not any(_KEY.match(line) for line in lines):
        added = [first, *added]
    lines[at:at] = [f"{line}{newline}" for line in added]
    made = "".join(lines).encode()
    value, _, faults = read_document(made)
    found = value.get("decisions") if isinstance(value, dict) else None
    if not faults and isinstance(found, dict) and all(found.get(key) == each for key, each in _plainer(new).items()):
        return made
    return _edited(data, name, new)


_KEY = re.compile(r"decisions[ ]*:")


def _end_of_decisions(lines: list[str]) -> tuple[int, str]:
    """The line behind the last decision, and the indentation of decisions; the end of a file without any."""
    start = next((index for index, line in enumerate(lines) if _KEY.match(line)), None)
    if start is None:
        return len(lines), "  "
    end, indent = start + 1, ""
    for index, line in enumerate(lines[start + 1 :], start + 1):
        if line.strip() and not line.startswith((" ", "#")):
            break
        if line.strip() and line.startswith(" "):
            end = index + 1
            indent = indent or ("" if line.lstrip().startswith("#") else line[: len(line) - len(line.lstrip())])
    return end, indent or "  "


def _plainer(new: dict[str, Any]) -> Any:
    """Dates as text: a topology reads both."""
    return {
        key: {**each, **({"date": each["date"].isoformat()} if "date" in each else {})} for key, each in new.items()
    }


def _edited(data: bytes, name: str, entries: dict[str, Any]) -> bytes:
    """The file with entries put into its decisions by key. Raises SolutioError where that would lose a comment."""
    if not entries:
        return data
    document = load_round_trip(data)
    if isinstance(document, Fault):
        where = Location(name, document.line, document.column)
        raise InputError([UNREADABLE.finding(document.message, where, remedy=document.remedy)])
    if not document.value.get("decisions"):
        document.value["decisions"] = {}
    _update(document.value["decisions"], entries, remove=False)
    made = dump_round_trip(document)
    lost = _comments(data) - _comments(made)
    if lost:
        message = f"{name}: the comment {min(lost)!r} would be lost; nothing was written"
        raise SolutioError(message, remedy="change this decision by hand, or move the comment first")
    return made


def _update(there: Any, wanted: dict[str, Any], *, remove: bool) -> None:
    """Make a map say what is wanted; what says so already, and the comments at it, stay."""
    for key, value in wanted.items():
        if isinstance(value, dict) and isinstance(there.get(key), dict):
            _update(there[key], value, remove=True)
        elif key not in there or there[key] != value:
            there[key] = value
    for key in [key for key in there if remove and key not in wanted]:
        del there[key]


def _comments(data: bytes) -> Counter[str]:
    """The lines that are comments, and how often each stands there."""
    return Counter(line.strip() for line in data.decode().splitlines() if line.lstrip().startswith("#"))


def _with_successors(imported: Sequence[Imported], known: dict[str, Decision]) -> dict[str, Decision]:
    """The imported decisions, and those that they are superseded by, which say so from now on."""
    found: dict[str, Decision] = {}
    for each in imported:
        if each.key in found:
            message = f"two records are of one decision {each.key}; nothing was written"
            raise SolutioError(message, remedy="rename one of the files")
        found[each.key] = each.decision
    for each in imported:
        successor = _successor(each, imported, {**known, **found})
        if successor and each.key not in {**known, **found}[successor].supersedes:
            newer = {**known, **found}[successor]
            found[successor] = newer.model_copy(update={"supersedes": [*newer.supersedes, each.key]})
    return found


def _successor(each: Imported, imported: Sequence[Imported], decisions: dict[str, Decision]) -> str:
    """The key of the decision that replaced one: its record's file, its key or its number stand in the status."""
    said = each.superseded_by.strip(".,;")
    if not said:
        return ""
    number = re.search(r"[0-9]+", PurePath(said).name)
    for other in imported:
        if PurePath(said).name == other.name:
            return other.key
    if PurePath(said).stem in decisions:
        return PurePath(said).stem
    return next((key for key, one in decisions.items() if number and one.id == int(number[0])), "")


def same(one: Decision, other: Decision) -> bool:
    """Whether two decisions say the same, however their alternatives are written."""
    return plain(one) == plain(other)


def plain(decision: Decision) -> dict[str, Any]:
    """A decision as people write it: nothing that is the default, and the short forms."""
    found = decision.model_dump(mode="python", by_alias=True, exclude_defaults=True, exclude={"rejected"})
    rejected = {name: _short(each) for name, each in decision.alternatives().items()}
    ordered = {"title": found.pop("title"), "chosen": found.pop("chosen")}
    return {**ordered, **({"rejected": rejected} if rejected else {}), **found}


def _short(rejected: Rejected) -> Any:
    found = rejected.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    return found if set(found) - {"reason"} else rejected.reason
