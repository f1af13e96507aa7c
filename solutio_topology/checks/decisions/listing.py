"""Every decision with what holds it: what gives each choice and each alternative away, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.checks.decisions.found import Decided, Owner, of_part
from solutio_topology.checks.decisions.model import FIELDS, PROVIDER, Alternative, Part
from solutio_topology.checks.decisions.resolve import held
from solutio_topology.checks.decisions.uses import Found, in_topology

if TYPE_CHECKING:
    from solutio_topology.spec.decisions import Decision, Recognition
    from solutio_topology.spec.topology import Topology

Marks = dict[str, list[str]]
"""Field of a recognition → its marks."""


class ChosenRow(Struct, frozen=True):
    """A part of a choice: its name, its version, the services (or the platform) that realize it, what gives it away."""

    name: str
    version: str
    tagged: bool
    """Whether the tags of its images tell its version; else only titles do."""
    realized_by: tuple[str, ...]
    marks: Marks
    unseen: str | None


class RejectedRow(Struct, frozen=True):
    """An alternative, and what gives it away."""

    name: str
    reason: str | None
    discontinued: bool
    allowed: dict[str, str]
    marks: Marks
    unseen: str | None


class DecisionRow(Struct, frozen=True):
    """A decision."""

    key: str
    decision: Decision
    chosen: tuple[ChosenRow, ...]
    rejected: tuple[RejectedRow, ...]


def rows(topology: Topology) -> tuple[DecisionRow, ...]:
    """The decisions of a topology, in its order."""
    decided = Decided(held(topology.decisions))
    found = tuple(in_topology(topology, decided.owners()))
    listed = []
    for each in decided.held:
        parts = enumerate(each.parts)
        chosen = tuple(_chosen(part, topology, of_part(found, each.key, number)) for number, part in parts)
        listed.append(DecisionRow(each.key, each.decision, chosen, tuple(map(_rejected, each.alternatives))))
    return tuple(listed)


def _chosen(part: Part, topology: Topology, found: list[Found[Owner]]) -> ChosenRow:
    by_component = [key for key, each in topology.services.items() if each.component in part.components]
    shown = {key for each in found if each.trace.pointer[0] == "services" for key in each.services}
    platform = ["the platform"] if any(each.trace.kind == PROVIDER for each in found) else []
    unseen = next((each.technology.unseen for each in part.members if each.technology and each.technology.unseen), None)
    by = tuple(by_component or sorted(shown) or platform)
    tagged = any(each.technology is not None and each.technology.version is not None for each in part.members)
    marks = _marks(each.marks for each in part.members)
    return ChosenRow(part.name, part.members[0].version, tagged, by, marks, unseen)


def _rejected(alternative: Alternative) -> RejectedRow:
    return RejectedRow(
        alternative.name,
        alternative.rejected.reason,
        alternative.discontinued,
        dict(alternative.rejected.allowed),
        _marks(alternative.marks),
        alternative.unseen,
    )


def _marks(of: Iterable[Recognition]) -> Marks:
    """The marks of several recognitions together, each once."""
    found: Marks = {}
    for marks in of:
        for name in FIELDS.values():
            known = found.setdefault(name, [])
            known += [mark for mark in map(str, getattr(marks, name)) if mark not in known]
    return {name: marks for name, marks in found.items() if marks}
