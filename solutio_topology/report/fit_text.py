"""Capacity for people: the answers first, then every node with what stands on it, to scale, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from solutio_topology.cost.capacity.fit import Level
from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.cost.capacity.wording import cores, lacking, memory, pools_named, told, waiting
from solutio_topology.report.diff_summary import listed
from solutio_topology.report.human import Paint, wrapped

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.fit import Capacity, Fit
    from solutio_topology.cost.capacity.model import Machine
    from solutio_topology.cost.capacity.place import Answer

BAR = 50
_MOST = 8
"""Pools of one kind that are told one by one."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SYSTEM, _FREE, _MORE = "#", "\u00b7", "+"
_STYLE = {Verdict.FITS: "green", Verdict.PACKED: "yellow", Verdict.UNDECIDED: "yellow", Verdict.SHORT: "red"}


def render(found: Capacity, level: Level, *, color: bool = False) -> str:
    """The capacity of an environment, its nodes as they stand at one number of replicas."""
    paint = Paint(color=color)
    lines = [*found.notes, paint(f"{found.environment}: does it fit?", "bold")]
    lines += _answers(found.fit, paint)
    for pool in found.platform.pools:
        lines += ["", *_pool(found, pool, level, paint)]
    lines += _left_out(found.fit)
    return "\n".join(lines) + "\n"


def _answers(found: Fit, paint: Paint) -> Iterator[str]:
    told_already: list[str] = []
    for level, answer in found.levels.items():
        yield _line(f"at {level} replicas", answer.verdict, paint)
        reasons = list(_reasons(found, answer))
        if reasons != told_already:
            yield from reasons
        told_already = reasons
    yield from _losses(found, paint)
    yield from _rollouts(found, paint)


def _losses(found: Fit, paint: Paint) -> Iterator[str]:
    """What a lost node does: a line for each pool that cannot do without one, and one for all others."""
    stranding = [lost for lost in found.lost if lost.stranded]
    rest = [lost for lost in found.lost if not lost.stranded]
    for lost in stranding[:_MOST]:
        yield _line(f"with a node of {lost.pool} lost", Verdict.SHORT, paint)
        yield from wrapped(f"no place is left for {waiting(found, lost.stranded)}", "      ")
    if len(stranding) > _MOST:
        yield f"      and {len(stranding) - _MOST} more pools cannot do without a node"
    if rest:
        worst = max((lost.answer.verdict for lost in rest), key=lambda each: each.rank)
        names = listed(tuple(lost.pool for lost in rest), 2)
        yield _line(f"with a node of {names} lost", worst, paint)


def _reasons(found: Fit, answer: Answer) -> Iterator[str]:
    for part in answer.parts:
        if part.verdict is Verdict.SHORT:
            yield from wrapped(lacking(found, part, answer), "      ")
    if answer.homeless:
        yield from wrapped(f"no node ever takes {waiting(found, answer.homeless)}", "      ")


def _rollouts(found: Fit, paint: Paint) -> Iterator[str]:
    usual = found.levels[Level.USUAL].verdict
    verdicts = [
        usual if usual.rank >= Verdict.UNDECIDED.rank else Verdict.FITS,
        *(each.verdict for each in found.rollouts),
    ]
    yield _line("while it is rolled out", max(verdicts, key=lambda each: each.rank), paint)
    for each in found.rollouts:
        more = f"{each.more} more of {found.groups[each.group].name}"
        yield from wrapped(f"{more} finds no room in {pools_named(each.pools)}", "      ")


def _line(what: str, verdict: Verdict, paint: Paint) -> str:
    return f"  {what:<34} {paint(verdict.value, _STYLE[verdict])}"


def _pool(found: Capacity, name: str, level: Level, paint: Paint) -> Iterator[str]:
    pool, machines = found.platform.pools[name], [each for each in found.fit.machines if each.pool == name]
    head = f"pool {name}: {pool.nodes} \u00d7 {pool.size}"
    if not machines:
        yield paint(head, "bold") + (", and what a node offers is not known" if pool.nodes else "")
        return
    offers = machines[0].offers
    yield paint(head, "bold") + f", {cores(offers.cpu)} CPU and {memory(offers.memory)} to give on each"
    standing = _standing(found.fit, level, name)
    letters = _letters(found.fit, standing)
    for alike in _alike(machines, standing):
        yield from _node(found.fit, alike, standing.get(alike[0].name, {}), letters)
    yield from _legend(found.fit, machines[0], standing, letters)
    pending = [each for each in found.fit.levels[level].pending if found.fit.pools_of(each[0])[:1] == (name,)]
    if pending:
        yield from wrapped(f"waiting for a place: {waiting(found.fit, pending)}", "  ")


def _standing(found: Fit, level: Level, pool: str) -> dict[str, dict[int, int]]:
    """Node -> group -> pods, for the nodes of a pool."""
    there: dict[str, dict[int, int]] = {}
    for node, group, number in found.levels[level].standing:
        machine = found.machines[node]
        if machine.pool == pool:
            there.setdefault(machine.name, {})[group] = number
    return there


def _letters(found: Fit, standing: dict[str, dict[int, int]]) -> dict[int, str]:
    """A letter for each group of a pool, the largest first; what comes after the last letter shares one sign."""
    groups = sorted({group for here in standing.values() for group in here}, key=lambda at: (-_weight(found, at), at))
    return {group: _LETTERS[at] if at < len(_LETTERS) else _MORE for at, group in enumerate(groups)}


def _weight(found: Fit, group: int) -> int:
    return found.groups[group].shape.request.memory


def _alike(machines: Sequence[Machine], standing: dict[str, dict[int, int]]) -> Iterator[list[Machine]]:
    """Nodes in a row on which the same stands."""
    for _, alike in groupby(machines, key=lambda machine: sorted(standing.get(machine.name, {}).items())):
        yield list(alike)


def _node(found: Fit, alike: list[Machine], here: dict[int, int], letters: dict[int, str]) -> Iterator[str]:
    machine = alike[0]
    name = machine.name if len(alike) == 1 else f"{machine.name} \u2026 {alike[-1].name}, {len(alike)} alike"
    used = machine.offers.minus(machine.room)
    for group, number in here.items():
        used = used.plus(found.groups[group].shape.request.times(number))
    offers = machine.offers
    counted = f"{used.pods} of {offers.pods} pods"
    if used.volumes:
        counted += f", {used.volumes} volume{'' if used.volumes == 1 else 's'}"
    yield f"  {name}: {counted}"
    for label, resource in (("CPU", "cpu"), ("memory", "memory")):
        bar = _bar(found, machine, here, letters, resource)
        share = getattr(used, resource) / max(1, getattr(offers, resource))
        yield f"    {label:<8}{bar} {share:>5.0%}"


def _bar(found: Fit, machine: Machine, here: dict[int, int], letters: dict[int, str], resource: str) -> str:
    """What is asked for, to scale: a cell is a fiftieth of what the node offers."""
    offers = max(1, getattr(machine.offers, resource))
    parts = [(_SYSTEM, getattr(machine.offers.minus(machine.room), resource))]
    ordered = sorted(here, key=lambda group: (letters[group] == _MORE, letters[group].lower(), letters[group]))
    for group in sorted(ordered, key=lambda each: list(letters).index(each)):
        parts.append((letters[group], getattr(found.groups[group].shape.request, resource) * here[group]))
    bar, total = "", 0
    for sign, amount in parts:
        total += amount
        bar += sign * (round(total * BAR / offers) - len(bar))
    return bar[:BAR].ljust(BAR, _FREE)


def _legend(
    found: Fit, machine: Machine, standing: dict[str, dict[int, int]], letters: dict[int, str]
) -> Iterator[str]:
    system = machine.offers.minus(machine.room)
    if system != Amounts():
        of = ", ".join(["the provider's own", *found.supply.daemons.get(machine.pool, ())])
        asked = f"{told('cpu', system.cpu)}, {memory(system.memory)}"
        yield from wrapped(f"{_SYSTEM} {system.pods} pods on each node ({of}): {asked}", "    ")
    for group, letter in letters.items():
        number = sum(here.get(group, 0) for here in standing.values())
        each = found.groups[group].shape.request
        asked = f"{cores(each.cpu)} CPU, {memory(each.memory)}" if each.cpu or each.memory else "asks for nothing"
        times = f"{number} \u00d7 " if number > 1 else ""
        yield from wrapped(f"{letter} {times}{found.groups[group].name.partition(' ')[2]}: {asked}", "    ")


def _left_out(found: Fit) -> Iterator[str]:
    """What no answer counts."""
    silent = [group.name for group in found.groups if group.missing and group.place is not None]
    unknown = [found.groups[at].name for at in sorted(found.unjudged)]
    told_ = [
        ("requests nothing, or not both CPU and memory", silent),
        ("makes pods that nobody can count", [each.message for each in found.uncounted]),
        ("only nodes of unknown size take it", unknown),
    ]
    for reason, names in told_:
        if names:
            yield ""
            yield f"left out: {reason}"
            for name in names:
                yield from wrapped(name, "  ")
