"""A difference as text for a terminal: the answers first, then dangers, then everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from solutio_topology.diff.grouping import Group, group, group_findings, group_names, group_objects
from solutio_topology.diff.model import Danger, Difference, Exposure, Rollout
from solutio_topology.diff.objects import Action, ObjectChange
from solutio_topology.diff.values import ABSENT, ValueChange
from solutio_topology.diff.wording import say_value
from solutio_topology.report.diff_summary import many_of_a_kind, signed, summary
from solutio_topology.report.human import Paint, wrapped

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key
    from solutio_topology.reach.compare import Change

_MARK = {Action.ADDED: "+", Action.REMOVED: "-", Action.CHANGED: "~", Action.RENAMED: "→"}
_STYLE = {Action.ADDED: "green", Action.REMOVED: "red", Action.CHANGED: "yellow", Action.RENAMED: "cyan"}
_MOST = 4
"""Places of an object, and connections, that are told where not everything is asked for."""


class Extent(StrEnum):
    """How much is told."""

    STAT = "stat"
    USUAL = "usual"
    FULL = "full"


def render(found: Difference, *, color: bool = False, extent: Extent = Extent.USUAL) -> str:
    """The report."""
    paint = Paint(color=color)
    lines = [paint(f"{found.environment}: {found.before} → {found.after}", "bold")]
    if found.empty and found.money is None:
        lines.append("nothing differs")
    else:
        lines += [f"  {label:<12}{text}" for label, text in summary(found)]
    lines += [paint(f"  note: {note}", "dim") for note in found.notes]
    if extent is not Extent.STAT and not (found.empty and found.money is None):
        for section in (_crossing, _dangers, _findings, _rollouts, _exposure, _money, _objects):
            told = list(section(found, paint, extent))
            lines += ["", *told] if told else []
    return "\n".join(lines) + "\n"


def _crossing(found: Difference, paint: Paint, _extent: Extent) -> Iterator[str]:
    if found.exposure is None or not found.exposure.crossing:
        return
    yield paint("TENANT PODS THAT CAN NOW REACH EACH OTHER", "red")
    for each in found.exposure.crossing:
        yield f"  {each.src} → {each.dst}: {each.after - each.before}"


def _dangers(found: Difference, paint: Paint, extent: Extent) -> Iterator[str]:
    if not found.dangers:
        return
    yield paint("dangers", "bold")
    many = set() if extent is Extent.FULL else many_of_a_kind(found)
    told = [each for each in found.dangers if (each.code, each.pod) not in many]
    for each in group(told, lambda one: one.pod, lambda one: f"{one.code} {one.subject} {one.message}"):
        yield from _danger(each, found, paint)
    for code, pod in sorted(many):
        count = sum((each.code, each.pod) == (code, pod) for each in found.dangers)
        yield paint(f"  {code}  {count} objects of tenant pod {pod} (--full)", "red")


def _danger(each: Group[Danger], found: Difference, paint: Paint) -> Iterator[str]:
    danger = each.first
    yield paint(f"  {danger.code}  {danger.subject}{_more(each)}", "dim" if danger.approved else "red")
    yield from wrapped(danger.message, "      ")
    yield from _causes(found, danger.subject, paint)
    if danger.approved:
        yield from wrapped(f"approved: {danger.approved}", "      ")
    else:
        yield from wrapped(f"do: {danger.remedy}", "      ")


def _more(each: Group[Any]) -> str:
    return f"  (and {each.more} alike)" if each.more else ""


def _causes(found: Difference, key: Key, paint: Paint) -> Iterator[str]:
    for cause in found.causes.get(key, ())[:_MOST]:
        yield paint(f"      {cause.location} {cause.pointer}", "dim")


def _findings(found: Difference, paint: Paint, _extent: Extent) -> Iterator[str]:
    for word, findings, style in (("introduced", found.introduced, "red"), ("fixed", found.fixed, "green")):
        if findings:
            yield paint(f"findings {word}", "bold")
        for alike in group_findings(findings, frozenset(found.blast.pods)):
            each = alike.first
            title = f"  {each.severity.value} {each.code} {each.name}{_more(alike)}"
            yield paint(title, style if word == "introduced" else "dim")
            yield from wrapped(f"{each.message} ({each.location})", "      ")


def _rollouts(found: Difference, paint: Paint, _extent: Extent) -> Iterator[str]:
    if not found.rollouts:
        return
    stages = group_names(found.order, frozenset(found.blast.pods))
    order = f" in this order: {' → '.join(stages)}" if len(stages) > 1 else ""
    yield from wrapped(paint(f"rollout{order}", "bold"), "")
    rank = {name: number for number, name in enumerate(found.order)}
    ordered = sorted(found.rollouts, key=lambda each: rank.get(each.stage, len(rank)))
    for each in group(ordered, lambda one: one.pod, _rollout_text):
        first = each.first
        pods = f", {first.pods} pods" if first.pods.replace(" to ", "").isdigit() and first.pods != "1" else ""
        yield f"  {first.disruption.value:<18}{first.key}{pods}{_more(each)}"
        yield from wrapped("; ".join(filter(None, (first.manner, *first.reasons[:_MOST]))), " " * 20)


def _rollout_text(each: Rollout) -> str:
    return f"{each.disruption} {each.key.kind} {each.key.namespace} {each.service} {each.manner} {each.reasons}"


def _exposure(found: Difference, paint: Paint, extent: Extent) -> Iterator[str]:
    shown = found.exposure
    if not shown:
        return
    yield paint("exposure", "bold")
    for host in shown.hosts_added:
        yield paint(f"  + public host {host}", "yellow")
    for host in shown.hosts_removed:
        yield f"  - public host {host}"
    yield from _connections(shown, paint, extent)


def _connections(shown: Exposure, paint: Paint, extent: Extent) -> Iterator[str]:
    for mark, style, changes in (
        ("+", "yellow", shown.opened),
        ("~", "yellow", shown.changed),
        ("-", "dim", shown.closed),
    ):
        lines = list(_ends(mark, changes, extent))
        limit = len(lines) if extent is Extent.FULL else _MOST * 3
        yield from (paint(line, style) for line in lines[:limit])
        if len(lines) > limit:
            yield f"    and {len(lines) - limit} more (--full)"


def _ends(mark: str, changes: tuple[Change, ...], extent: Extent) -> Iterator[str]:
    """A line a connection; ranges of addresses with the same other end and ports are one."""
    grouped: dict[tuple[str, str, str], list[Change]] = {}
    for each in changes:
        told = each.after if mark == "+" else each.before if mark == "-" else f"{each.before} → {each.after}"
        out, into = "[" not in each.dst, "[" not in each.src
        kept = extent is Extent.FULL or not (out or into)
        key = ("", "", f"{each.src} → {each.dst}") if kept else (each.src * out, each.dst * into, "")
        grouped.setdefault((key[0] + " " + key[1], key[2], str(told)), []).append(each)
    for (_, _, told), found in grouped.items():
        first, more = found[0], f" and {len(found) - 1} more ranges" if len(found) > 1 else ""
        src, dst = (first.src, first.dst + more) if "[" not in first.dst else (first.src + more, first.dst)
        yield f"  {mark} {src} → {dst}: {told}"


def _money(found: Difference, paint: Paint, extent: Extent) -> Iterator[str]:
    if found.money is None or not (found.money.items or found.money.pods):
        return
    yield paint(f"money, {found.money.currency} a month", "bold")
    for each in found.money.items:
        where = f" of {each.pod}" if each.pod else ""
        yield f"  {signed(each.difference):>12}  {each.item}{where}"
    limit = len(found.money.pods) if extent is Extent.FULL else _MOST * 3
    for each in found.money.pods[:limit]:
        yield paint(f"  {signed(each.difference):>12}  in all for tenant pod {each.pod}", "dim")
    if len(found.money.pods) > limit:
        yield f"    and {len(found.money.pods) - limit} more tenant pods (--full)"


def _objects(found: Difference, paint: Paint, extent: Extent) -> Iterator[str]:
    if not found.objects:
        return
    yield paint("objects", "bold")
    whole = set() if extent is Extent.FULL else _whole_pods(found)
    for action, pod in sorted(whole):
        objects = [each for each in found.objects if (each.action, each.pod) == (action, pod)]
        kinds = Counter(each.key.kind for each in objects)
        yield paint(f"  {_MARK[action]} {len(objects)} objects of tenant pod {pod}", _STYLE[action])
        yield from wrapped(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())), "      ")
    for each in group_objects([one for one in found.objects if (one.action, one.pod) not in whole]):
        first = each.first
        renamed = f" (was {first.before.key})" if first.action is Action.RENAMED and first.before else ""
        yield paint(f"  {_MARK[first.action]} {first.key}{renamed}{_more(each)}", _STYLE[first.action])
        yield from _places(first, extent)
        yield from _causes(found, first.key, paint)


def _whole_pods(found: Difference) -> set[tuple[Action, str]]:
    """Tenant pods of which so much comes or goes that a list of it says less than its count."""
    counts = Counter(
        (each.action, each.pod) for each in found.objects if each.pod and each.action in (Action.ADDED, Action.REMOVED)
    )
    return {known for known, count in counts.items() if count > _MOST * 3}


def _places(change: ObjectChange, extent: Extent) -> Iterator[str]:
    limit = len(change.changes) if extent is Extent.FULL else _MOST
    for value in change.changes[:limit]:
        yield from _place(value, extent)
    if len(change.changes) > limit:
        yield f"      and {len(change.changes) - limit} more places (--full)"


def _place(value: ValueChange, extent: Extent) -> Iterator[str]:
    if value.inner:
        yield f"      {value.pointer}"
        for each in value.inner:
            yield f"        {each.pointer}: {_change(each, extent)}"
    else:
        yield f"      {value.pointer}: {_change(value, extent)}"


def _change(value: ValueChange, extent: Extent) -> str:
    longest = 2000 if extent is Extent.FULL else 60
    if value.before is ABSENT:
        return f"+ {say_value(value.after, longest)}"
    if value.after is ABSENT:
        return f"- {say_value(value.before, longest)}"
    return f"{say_value(value.before, longest)} → {say_value(value.after, longest)}"
