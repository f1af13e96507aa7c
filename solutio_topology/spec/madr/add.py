"""Putting decisions that were read into a topology: its other lines stay as they are, to the byte."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from solutio_topology.errors import InputError, SolutioError
from solutio_topology.findings import Location
from solutio_topology.spec.decisions import Decision, Rejected
from solutio_topology.spec.madr.read import Imported
from solutio_topology.spec.rules import UNREADABLE
from solutio_topology.yamlio import Fault
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
    document = load_round_trip(data)
    if isinstance(document, Fault):
        where = Location(name, document.line, document.column)
        raise InputError([UNREADABLE.finding(document.message, where, remedy=document.remedy)])
    if not document.value.get("decisions"):
        document.value["decisions"] = {}
    for key, each in changed.items():
        document.value["decisions"][key] = plain(each)
    return (dump_round_trip(document) if changed else data), tuple(changed)


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
