"""What a rollout will do: two sides, what differs between them, and what it means."""

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology import store
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.cost.estimate import Estimate
from solutio_topology.diff.approvals import approve
from solutio_topology.diff.causes import Declared
from solutio_topology.diff.compare import compare_sides
from solutio_topology.diff.members import NOBODY, Members
from solutio_topology.diff.model import Danger, Difference, Side
from solutio_topology.diff.money import money, money_of
from solutio_topology.errors import SolutioError
from solutio_topology.manifests import read_files
from solutio_topology.manifests.read import Parse
from solutio_topology.manifests.shared import InseparableError
from solutio_topology.workflows.contents import Contents, differing
from solutio_topology.workflows.equals import Judged, judged_both
from solutio_topology.workflows.prints import Prints
from solutio_topology.workflows.project import Project
from solutio_topology.workflows.sides import MANIFESTS, Material, committed, other_side, rendered_now
from solutio_topology.workflows.verdicts import Claims, judged_sides
from solutio_topology.yamlio import read_manifests

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key, Object

DEFAULT = "HEAD"


def diff(
    project: Project,
    environment: str,
    *,
    against: str = DEFAULT,
    revisions: tuple[str, str] | None = None,
    pod: str = "",
    live: bool = False,
    context: str = "",
) -> Difference:
    """What changes for an environment: from `against` to what the topology renders now, or between two revisions.

    `pod` looks at one tenant pod only; `live` compares with the cluster of a kubectl `context` (empty: the current
    one). Raises FileError, ToolError and SolutioError for what cannot be compared at all.
    """
    if pod and pod not in project.topology.pods:
        known = ", ".join(list(project.topology.pods)[:10])
        raise SolutioError(f"there is no tenant pod {pod!r}", remedy=f"name one of the topology's: {known}")
    if live:
        return _live(project, environment, context, pod)
    if revisions is not None:
        before, after = (committed(project.root, environment, each) for each in revisions)
    else:
        store.refuse_unfinished(project.root, environment)
        after = rendered_now(project, environment)
        before = other_side(project, environment, against, after)
    return compare_materials(environment, before, after, pod=pod)


def _live(project: Project, environment: str, context: str, pod: str) -> Difference:
    from solutio_topology.workflows.live import live_sides

    before, after, refused = live_sides(rendered_now(project, environment), context)
    found = compare_materials(environment, before, after, pod=pod)
    told = tuple(
        Danger("refused", key, "", "", f"the API server refuses it: {said}", "correct what it names")
        for key, said in refused
    )
    return replace(found, dangers=(*told, *found.dangers))


def compare_materials(environment: str, before: Material, after: Material, *, pod: str = "") -> Difference:
    """The comparison of two sides, approvals of the new one's topology included."""
    today = datetime.date.today()
    intents = _intent(before, today), _intent(after, today)
    costs, why = money(*map(_estimate, intents))
    notes = (*before.notes, *after.notes, *filter(None, (why,)))
    changed = differing(before.files, after.files)
    if not changed:
        # Where nothing differs, an equal bill says nothing more.
        bill = costs if costs is not None and (costs.items or costs.difference) else None
        return _only(Difference(environment, before.name, after.name, money=bill, notes=notes), pod)

    def compared(parts: tuple[Judged | None, Judged | None]) -> Difference:
        members = _members(parts[1])
        halves = _Half(before, intents[0], parts[0]), _Half(after, intents[1], parts[1])
        return compare_sides(
            environment,
            *_sides(halves, members),
            declared=_declared(before, after),
            money=costs,
            files=_other_files(changed, before.files, after.files),
            notes=notes,
            members=members,
        )

    try:
        found = compared(_judged(environment, before, after))
    except InseparableError:
        found = compared((None, None))
    return _only(_approved(found, after), pod)


class _Half(Struct, frozen=True):
    """One of the two sides, and what of it is looked at."""

    material: Material
    intent: Intent | None
    part: Judged | None
    """None: everything."""

    @property
    def claims(self) -> Claims | None:
        """What it declares; None where it has no topology."""
        if self.intent is None or self.material.project is None:
            return None
        return Claims(self.material.project, self.intent, self.part.graph if self.part else self.intent.graph)

    def side(self, parse: Parse) -> Side:
        """What its manifests say."""
        from solutio_topology.reach import solve

        material, part = self.material, self.part
        files = part.files if part else {path: material.files[path] for path in material.files if _is_manifest(path)}
        facts = read_files(files, parse=parse)
        evidence = Evidence(facts, solve(facts), part.paths if part else frozenset(material.files))
        return Side(material.name, evidence, material.graph, whole=self._whole(evidence, parse))

    def _whole(self, evidence: Evidence, parse: Parse) -> dict[Key, Object]:
        """The objects of which a part is looked at, as they are; at the place of that part."""
        shortened = self.part.shortened if self.part else ()
        facts = read_files({path: self.material.files[path] for path in shortened}, parse=parse)
        known = evidence.objects
        return {each.key: replace(each, place=known[each.key].place) for each in facts.objects if each.key in known}


def _sides(halves: tuple[_Half, _Half], members: Members) -> tuple[Side, Side]:
    """Both sides with what their manifests say, and what the rules find in them."""
    parse = cache(read_manifests)  # What is the same on both sides is read once.
    sides = halves[0].side(parse), halves[1].side(parse)
    old, new = halves[0].claims, halves[1].claims
    return sides if old is None or new is None else judged_sides((old, new), sides, members)


def _intent(material: Material, today: datetime.date) -> Intent | None:
    """What a side declares; None where it has no topology."""
    if material.graph is None or material.project is None:
        return None
    source = material.project.source
    return Intent(material.graph, lambda pointer: material.shown(source.locate(pointer)), today)


def _estimate(intent: Intent | None) -> Estimate | None:
    return None if intent is None else Estimate(intent.bill, intent.totals, intent.graph.topology.costs)


def _judged(environment: str, before: Material, after: Material) -> tuple[Judged | None, Judged | None]:
    """Of tenant pods that were equal and still are a few; nothing where a side has no topology."""
    if before.graph is None or after.graph is None or after.project is None:
        return None, None
    prints = Prints(after.project.root, environment)
    found = judged_both((before.graph, before.files), (after.graph, after.files), f"rendered/{environment}/", prints)
    prints.save()
    return found


def _members(found: Judged | None) -> Members:
    """Who is not looked at, and is like whom."""
    if found is None or not found.stands_for:
        return NOBODY
    return Members(found.names, found.stands_for, found.looked_at, found.shortened)


def _declared(before: Material, after: Material) -> tuple[Declared, Declared] | None:
    if before.project is None or after.project is None:
        return None
    return _as_data(before, before.project), _as_data(after, after.project)


def _as_data(material: Material, project: Project) -> Declared:
    data = project.topology.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Declared(data, lambda steps: material.shown(project.source.locate(steps)))


def _other_files(changed: frozenset[str], before: Contents, after: Contents) -> tuple[str, ...]:
    """Changed files that are no manifests; nothing where a side consists of manifests only."""
    if not all(any(not _is_manifest(path) for path in side) for side in (before, after)):
        return ()
    return tuple(sorted(path for path in changed if not _is_manifest(path)))


def _is_manifest(path: str) -> bool:
    return path.endswith(MANIFESTS)


def _approved(found: Difference, after: Material) -> Difference:
    if after.project is None:
        return found
    dangers, told = approve(found.dangers, after.project.topology.approvals, datetime.date.today())
    return replace(found, dangers=dangers, notes=(*found.notes, *told))


def _only(found: Difference, pod: str) -> Difference:
    """What of a difference concerns one tenant pod."""
    if not pod:
        return found
    return replace(
        found,
        objects=tuple(each for each in found.objects if each.pod == pod),
        rollouts=tuple(each for each in found.rollouts if each.pod == pod),
        dangers=tuple(each for each in found.dangers if each.pod == pod),
        exposure=None if found.exposure is None else found.exposure.of(pod),
        money=None if found.money is None else money_of(found.money, pod),
    )
