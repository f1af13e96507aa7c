"""A difference in a few lines, so that a test can hold the whole of it."""

from __future__ import annotations

from solutio_topology.diff.grouping import group_objects
from solutio_topology.diff.model import Difference
from solutio_topology.diff.objects import Action


def digest(found: Difference) -> list[str]:
    """One line a fact, in the order of the report: objects, rollouts, dangers, connections, hosts, findings."""
    lines = [f"note: {note}" for note in found.notes]
    for each in group_objects(found.objects):
        alike = f" x{len(each.members)}" if each.more else ""
        places = [one.pointer for one in each.first.changes] if each.first.action is Action.CHANGED else []
        lines.append(f"{each.first.action} {each.first.key}{alike}" + (f": {', '.join(places)}" if places else ""))
    lines += [f"{each.disruption}: {each.key} {each.pods}".rstrip() for each in found.rollouts]
    lines += [
        f"danger {each.code}: {each.subject}" + (" (approved)" if each.approved else "") for each in found.dangers
    ]
    if found.exposure is not None:
        for change in (*found.exposure.opened, *found.exposure.changed, *found.exposure.closed):
            lines.append(f"{change.kind}: {change.src} -> {change.dst}: {change.after or change.before}")
        lines += [f"CROSSING: {each.src} -> {each.dst}: {each.after}" for each in found.exposure.crossing]
        lines += [f"host +{host}" for host in found.exposure.hosts_added]
        lines += [f"host -{host}" for host in found.exposure.hosts_removed]
    lines += [f"introduced {each.code}: {each.subject}" for each in found.introduced]
    lines += [f"fixed {each.code}: {each.subject}" for each in found.fixed]
    lines += sorted({f"because {cause.pointer}" for causes in found.causes.values() for cause in causes})
    return lines
