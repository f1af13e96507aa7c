"""A difference as a comment on a pull request: the answers, and the details collapsed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.diff.grouping import group, group_findings, group_names, group_objects
from solutio_topology.diff.model import Difference, Rollout
from solutio_topology.diff.objects import Action, ObjectChange
from solutio_topology.diff.values import ABSENT, ValueChange
from solutio_topology.diff.wording import say_value
from solutio_topology.report.diff_summary import many_of_a_kind, signed, summary

if TYPE_CHECKING:
    from solutio_topology.findings import Finding

LIMIT = 65_536
"""Characters that GitHub takes in a comment."""
_ROOM = 400
"""Characters kept for what says that the rest is cut."""


def render(found: Difference, *, failing: tuple[str, ...] = ()) -> str:
    """The comment, cut with a count below the limit of a comment."""
    head = [f"### solutio diff: {found.environment}", "", f"{_code(found.before)} → {_code(found.after)}", ""]
    if found.empty and found.money is None:
        return _finished([*head, "Nothing differs."], found)
    head += ["| | |", "|---|---|", *(f"| {label} | {_cell(text)} |" for label, text in summary(found)), ""]
    head += [f"**Fails**: {', '.join(failing)}", ""] if failing else []
    return _finished([*head, *_crossing(found), *_dangers(found)], found)


def _finished(lines: list[str], found: Difference) -> str:
    text = "\n".join([*lines, *(f"> {note}" for note in found.notes)]) + "\n"
    if len(text) > LIMIT - _ROOM:
        return text[: LIMIT - _ROOM].rsplit("\n", 1)[0] + "\n\nThe rest is cut: see `solutio diff --full`.\n"
    for title, items in _sections(found):
        text += _section(title, items, LIMIT - _ROOM - len(text))
    return text


def _sections(found: Difference) -> Iterator[tuple[str, list[str]]]:
    yield "Findings introduced", list(_findings(found, found.introduced))
    yield "Findings fixed", list(_findings(found, found.fixed))
    yield "Rollout", list(_rollouts(found))
    yield "Exposure", list(_exposure(found))
    yield "Money", list(_money(found))
    yield "Objects", list(_objects(found))


def _findings(found: Difference, findings: Iterable[Finding]) -> Iterator[str]:
    for alike in group_findings(findings, frozenset(found.blast.pods)):
        each = alike.first
        more = f" (and {alike.more} alike)" if alike.more else ""
        yield f"- **{each.code}** {each.message} (`{each.location}`){more}"


def _section(title: str, items: list[str], room: int) -> str:
    """A collapsed section with as many items as there is room for, and the count of the others."""
    if not items:
        return ""
    head, foot = f"\n<details><summary>{title} ({len(items)})</summary>\n\n", "\n</details>\n"
    kept, left = [], room - len(head) - len(foot) - 40
    for item in items:
        left -= len(item) + 1
        if left < 0:
            break
        kept.append(item)
    if not kept:
        return f"\n{title}: {len(items)}, cut for want of room.\n" if room > 60 else ""
    more = len(items) - len(kept)
    return head + "\n".join(kept) + (f"\n\nand {more} more, cut for want of room" if more else "") + foot


def _crossing(found: Difference) -> list[str]:
    if found.exposure is None or not found.exposure.crossing:
        return []
    lines = ["#### Tenant pods that can now reach each other", ""]
    return [*lines, *(f"- {_code(each.src)} → {_code(each.dst)}: {each.after}" for each in found.exposure.crossing), ""]


def _dangers(found: Difference) -> list[str]:
    if not found.dangers:
        return []
    lines = ["#### Dangers", ""]
    many = many_of_a_kind(found)
    told = [each for each in found.dangers if (each.code, each.pod) not in many]
    for code, pod in sorted(many):
        count = sum((each.code, each.pod) == (code, pod) for each in found.dangers)
        lines.append(f"- **{code}** {count} objects of tenant pod {_code(pod)}")
    for each in group(told, lambda one: one.pod, lambda one: f"{one.code} {one.subject} {one.message}"):
        first = each.first
        more = f" (and {each.more} alike)" if each.more else ""
        causes = ", ".join(f"`{cause.location}`" for cause in found.causes.get(first.subject, ())[:3])
        what = f"approved: {first.approved}" if first.approved else first.remedy
        lines.append(
            f"- **{first.code}** {_code(str(first.subject))}{more}: {_cell(first.message)}. {_cell(what)} {causes}"
        )
    return [*lines, ""]


def _rollouts(found: Difference) -> Iterator[str]:
    stages = group_names(found.order, frozenset(found.blast.pods))
    if len(stages) > 1:
        yield f"In this order: {' → '.join(_code(each) for each in stages)}\n"
    for alike in group(found.rollouts, lambda each: each.pod, _rollout):
        each = alike.first
        more = f" (and {alike.more} alike)" if alike.more else ""
        yield f"- {each.disruption.value}: {_code(str(each.key))}{more} {_cell(_reasons(each))}"


def _rollout(each: Rollout) -> str:
    # What a Job runs as names the hash of what it says.
    return re.sub(r"-[0-9a-f]{8}\b", "", f"{each.disruption} {each.key} {each.pods} {_reasons(each)}")


def _reasons(each: Rollout) -> str:
    return "; ".join(filter(None, (each.manner, *each.reasons[:4])))


def _exposure(found: Difference) -> Iterator[str]:
    if found.exposure is None:
        return
    yield from (f"- public host added: {_code(host)}" for host in found.exposure.hosts_added)
    yield from (f"- public host removed: {_code(host)}" for host in found.exposure.hosts_removed)
    for each in (*found.exposure.opened, *found.exposure.changed, *found.exposure.closed):
        told = f"{each.before or 'nothing'} → {each.after or 'nothing'}"
        yield f"- {each.kind.value}: {_code(each.src)} → {_code(each.dst)}: {told}"


def _money(found: Difference) -> Iterator[str]:
    if found.money is not None:
        for each in found.money.items:
            yield f"- {signed(each.difference)} {found.money.currency}: {_cell(each.item)} {each.pod}".rstrip()
        for each in found.money.pods:
            yield f"- {signed(each.difference)} {found.money.currency} in all for tenant pod {_code(each.pod)}"


def _objects(found: Difference) -> Iterator[str]:
    for each in group_objects(found.objects):
        first = each.first
        more = f" (and {each.more} alike)" if each.more else ""
        was = f", was {_code(str(first.before.key))}" if first.action is Action.RENAMED and first.before else ""
        yield f"- {first.action.value} {_code(str(first.key))}{was}{more}{''.join(_places(first))}"


def _places(change: ObjectChange) -> Iterator[str]:
    for value in change.changes[:8]:
        for each in value.inner or (value,):
            place = f"{value.pointer} {each.pointer}" if value.inner else each.pointer
            yield f"\n  - {_code(place)}: {_change(each)}"
    if len(change.changes) > 8:
        yield f"\n  - and {len(change.changes) - 8} more places"


def _change(value: ValueChange) -> str:
    before = "" if value.before is ABSENT else _code(say_value(value.before))
    after = "" if value.after is ABSENT else _code(say_value(value.after))
    return f"{before} → {after}" if before and after else f"removed {before}" if before else f"added {after}"


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(39))}`"


def _cell(text: str) -> str:
    """Text that breaks no table and starts no markup."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
