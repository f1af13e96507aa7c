"""Connections that a change opens and closes, from the exact engine, and what becomes public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from solutio_topology.diff.members import Members
from solutio_topology.diff.model import Exposure, Side
from solutio_topology.diff.objects import Action, ObjectChange
from solutio_topology.identity import PLATFORM
from solutio_topology.reach.compare import Change, ChangeKind, compare

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key


def exposure(changes: Iterable[ObjectChange], before: Side, after: Side) -> Exposure:
    """What opens, closes and changes, workload by workload, and with addresses outside."""
    found = _renamed(
        compare(before.evidence.connections, after.evidence.connections), _new_names(changes, before, after)
    )
    owners = {**_owners(before), **_owners(after)}
    old, new = _hosts(before), _hosts(after)
    by_kind = {kind: tuple(each for each in found if each.kind is kind) for kind in ChangeKind}
    return Exposure(
        by_kind[ChangeKind.OPENED],
        by_kind[ChangeKind.CLOSED],
        by_kind[ChangeKind.CHANGED],
        tuple(each for each in found if _crosses(each, owners, after)),
        tuple(sorted(new - old)),
        tuple(sorted(old - new)),
        {name: owner[0] for name, owner in owners.items()},
    )


def exposure_of_all(found: Exposure, members: Members) -> Exposure:
    """The same of all members of what was looked at."""

    def of(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(sorted(members.each(changes, ends_of)))

    return Exposure(
        of(found.opened),
        of(found.closed),
        of(found.changed),
        of(found.crossing),
        tuple(sorted(members.each(found.hosts_added, str))),
        tuple(sorted(members.each(found.hosts_removed, str))),
        dict(members.each(found.owners.items(), lambda owner: owner[0])),
    )


def ends_of(change: Change) -> str:
    """The names of both ends."""
    return f"{change.src} {change.dst}"


def _hosts(side: Side) -> set[str]:
    return {each.host or "*" for each in side.evidence.routes}


def _owners(side: Side) -> dict[str, tuple[str, str]]:
    """The tenant pod and the service of each workload, by the name that connections know it under."""
    nodes = side.evidence.connections.workloads
    return {str(node): owner for node in nodes if (owner := side.evidence.owner(node)) is not None}


def _new_names(changes: Iterable[ObjectChange], before: Side, after: Side) -> dict[str, str]:
    """What renamed workloads are called now, by what they were called."""
    renamed = {
        each.before.key: each.after.key
        for each in changes
        if each.action is Action.RENAMED and each.before is not None and each.after is not None
    }
    if not renamed:
        return {}
    now = _names(after)
    return {name: now[renamed[key]] for key, name in _names(before).items() if key in renamed and renamed[key] in now}


def _names(side: Side) -> dict[Key, str]:
    return {side.evidence.workload(node).key: str(node) for node in side.evidence.connections.workloads}


def _renamed(found: list[Change], names: dict[str, str]) -> list[Change]:
    """The changes with both sides under the new names: what only changed its name is no change."""
    if not names:
        return found
    joined: dict[tuple[str, str], Change] = {}
    for each in found:
        ends = (names.get(each.src, each.src), names.get(each.dst, each.dst))
        other = joined.get(ends)
        before = each.before | other.before if other else each.before
        after = each.after | other.after if other else each.after
        joined[ends] = Change(*ends, before, after)
    return sorted(each for each in joined.values() if each.before != each.after)


def _crosses(change: Change, owners: dict[str, tuple[str, str]], after: Side) -> bool:
    """Whether more can pass between two tenant pods than before, and no edge says so."""
    one, other = owners.get(change.src), owners.get(change.dst)
    if one is None or other is None or one[0] == other[0] or PLATFORM in (one[0], other[0]):
        return False
    if not change.after - change.before:
        return False
    if after.graph is None:
        return True
    declared = {
        ((link.client.pod, link.client.service), (link.server.pod, link.server.service)) for link in after.graph.links
    }
    return (one, other) not in declared
