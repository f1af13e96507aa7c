"""The whole comparison of two sides, question by question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from solutio_topology.checks.flux import GROUP, applier
from solutio_topology.checks.flux import before as applied_before
from solutio_topology.diff.blast import blast
from solutio_topology.diff.capacity import capacity
from solutio_topology.diff.causes import CauseIndex, Declared, compare_topologies
from solutio_topology.diff.dangers import dangers, ordered_dangers
from solutio_topology.diff.exposure import ends_of, exposure, exposure_of_all
from solutio_topology.diff.members import NOBODY, Members
from solutio_topology.diff.model import Cause, Difference, Exposure, Money, Side
from solutio_topology.diff.objects import ObjectChange, compare_objects
from solutio_topology.diff.rollout import ordered_rollouts, rollouts

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.manifests.facts import Key
    from solutio_topology.manifests.tokens import Names


def compare_sides(
    environment: str,
    before: Side,
    after: Side,
    *,
    declared: tuple[Declared, Declared] | None = None,
    money: Money | None = None,
    files: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    members: Members = NOBODY,
) -> Difference:
    """What happens when `after` is applied where `before` runs, told for all `members` of what was looked at.

    Raises InseparableError where an object of one member became one of another: then all must be looked at.
    """
    seen = compare_objects(before.objects, after.objects)
    changes = tuple(sorted(members.each_apart(seen, _ends), key=lambda change: change.key))
    found = rollouts(seen, before, after)
    exposed = exposure(seen, before, after)
    introduced, fixed = _findings(before, after)
    return Difference(
        environment,
        before.name,
        after.name,
        changes,
        ordered_rollouts(members.each(found, lambda each: str(each.key))),
        _order(seen, before, after, members),
        ordered_dangers(members.each(dangers(seen, found, before, after), lambda each: str(each.subject))),
        exposure_of_all(exposed, members),
        money,
        introduced,
        fixed,
        blast(changes, before, after),
        _causes(environment, changes, declared),
        files,
        (*notes, *_notes(exposed, (*introduced, *fixed), members)),
        capacity(before.room, after.room),
    )


def _ends(change: ObjectChange) -> str:
    """What an object is called, and was."""
    return f"{change.before.key if change.before else ''} {change.after.key if change.after else ''}"


def _notes(exposed: Exposure, findings: Iterable[Finding], members: Members) -> Iterator[str]:
    """For a reader who counts: what is told of some members of a class and is so of all."""
    changes = (*exposed.opened, *exposed.closed, *exposed.changed)
    if members.partial(changes, ends_of) or any(_is_partial(each, members) for each in findings):
        for head, others in members.stands_for.items():
            yield f"some of it is told of {head} and goes for {len(others)} more tenant pods that are equal to it"


def _findings(before: Side, after: Side) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings that only the new side has, and those that only the old one had."""
    if before.findings is None or after.findings is None:
        return (), ()
    old, new = said(before.findings), said(after.findings)
    return tuple(new[key] for key in new if key not in old), tuple(old[key] for key in old if key not in new)


def findings_of_all(found: Iterable[Finding], members: Members) -> tuple[Finding, ...]:
    """Findings, and those that members of classes have like the one that was looked at, in the order of findings.

    Rules over the topology look at everybody: what they say of a member stands for itself.
    """
    told = said(found)
    ours = tuple(each for each in told.values() if not _is_partial(each, members))
    for finding in members.each(ours, partial(_about, members.names)):
        told.setdefault(_words(finding), finding)
    return tuple(sorted(told.values(), key=lambda each: each.sort_key))


def _is_partial(finding: Finding, members: Members) -> bool:
    """Whether it is about members of classes, and so of others that it cannot be told of."""
    if members.partial((finding,), partial(_about, members.names)):
        return True
    places = {finding.location.file, *(each.location.file for each in finding.related)}
    return bool(places & members.shortened and members.names.mentioned(_about(members.names, finding)) & members.seen)


def said(findings: Iterable[Finding]) -> dict[tuple[str, str, str], Finding]:
    """Findings by what they say: a line that moved makes no new one."""
    return {_words(each): each for each in findings}


def _about(names: Names, finding: Finding) -> str:
    """Whom a finding is about. What is of all together (a tier's pools) is about nobody: it names some as examples."""
    subject = f"{finding.subject}\n{finding.location.file}"
    if not names.mentioned(subject):
        return ""
    related = (f"{each.message}\n{each.location.file}" for each in finding.related)
    return "\n".join((subject, finding.message, *related))


def _words(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.subject, finding.message


def _order(changes: tuple[ObjectChange, ...], before: Side, after: Side, members: Members) -> tuple[str, ...]:
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
    return tuple(key.name for key in _sorted(members.waits(waits)) if key.group == GROUP)


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
    causes = CauseIndex(compare_topologies(*declared), (declared[0].data, declared[1].data))
    found = {change.key: causes.of(change, environment) for change in changes}
    return {key: told for key, told in found.items() if told}
