"""The whole comparison of two sides, question by question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from solutio_topology.checks.flux import GROUP, applier
from solutio_topology.checks.flux import before as applied_before
from solutio_topology.diff.blast import blast
from solutio_topology.diff.capacity import capacity
from solutio_topology.diff.causes import Declared, causes_of, compare_topologies
from solutio_topology.diff.dangers import dangers
from solutio_topology.diff.exposure import exposure
from solutio_topology.diff.model import Cause, Difference, Money, Side
from solutio_topology.diff.objects import ObjectChange, compare_objects
from solutio_topology.diff.rollout import rollouts

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.manifests.facts import Key


def compare_sides(
    environment: str,
    before: Side,
    after: Side,
    *,
    declared: tuple[Declared, Declared] | None = None,
    money: Money | None = None,
    files: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Difference:
    """What happens when `after` is applied where `before` runs."""
    changes = compare_objects(before.evidence.facts.objects, after.evidence.facts.objects)
    found = rollouts(changes, before, after)
    introduced, fixed = _findings(before, after)
    return Difference(
        environment,
        before.name,
        after.name,
        changes,
        found,
        _order(changes, before, after),
        dangers(changes, found, before, after),
        exposure(changes, before, after),
        money,
        introduced,
        fixed,
        blast(changes, before, after),
        _causes(environment, changes, declared),
        files,
        notes,
        capacity(before, after),
    )


def _findings(before: Side, after: Side) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that only the new side has, and those that only the old one had."""
    if before.findings is None or after.findings is None:
        return (), ()
    old, new = _said(before.findings), _said(after.findings)
    return tuple(new[key] for key in new if key not in old), tuple(old[key] for key in old if key not in new)


def _said(findings: Iterable[Finding]) -> dict[tuple[str, str, str], Finding]:
    """Findings by what they say: a line that moved makes no new one."""
    return {(each.code, each.subject, each.message): each for each in findings}


def _order(changes: tuple[ObjectChange, ...], before: Side, after: Side) -> tuple[str, ...]:
    """The Kustomizations of Flux in which something changes, each after those that it waits for."""
    touched = {}
    for change in changes:
        side = after if change.after is not None else before
        found = applier(side.evidence, change.object)
        if found is not None:
            touched[found.key] = found
    waits = {
        key: {each.key for each in applied_before(after.evidence, source)} & touched.keys()
        for key, source in touched.items()
    }
    return tuple(key.name for key in _sorted(waits) if key.group == GROUP)


def _sorted(waits: Mapping[Key, set[Key]]) -> list[Key]:
    """Keys after those that they wait for, else by name. What waits in a circle comes last."""
    left = dict(sorted(waits.items()))
    found: list[Key] = []
    while left:
        ready = [key for key, needed in left.items() if not needed & left.keys()] or list(left)
        found += ready
        for key in ready:
            del left[key]
    return found


def _causes(
    environment: str, changes: tuple[ObjectChange, ...], declared: tuple[Declared, Declared] | None
) -> dict[Key, tuple[Cause, ...]]:
    if declared is None:
        return {}
    causes = compare_topologies(*declared)
    data = (declared[0].data, declared[1].data)
    found = {change.key: causes_of(change, causes, environment, data) for change in changes}
    return {key: told for key, told in found.items() if told}
