"""The few lines that answer a reviewer's questions, for every format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from solutio_topology.diff.model import Difference, Disruption, Exposure, Money
from solutio_topology.diff.objects import Action

if TYPE_CHECKING:
    from decimal import Decimal

_DISRUPTIONS = {
    Disruption.RECREATED: "{} stopped and made anew",
    Disruption.ROLLING: "{} restarted one after the other",
    Disruption.RUN: "{} run once",
    Disruption.OPERATED: "{} left to a controller",
    Disruption.STARTED: "{} new",
    Disruption.STOPPED: "{} gone",
    Disruption.SCALED: "{} scaled",
    Disruption.NEXT_RUN: "{} different at the next run",
    Disruption.ON_DELETE: "{} different after a delete",
    Disruption.UNNOTICED: "{} not told of a change",
}


def summary(found: Difference) -> list[tuple[str, str]]:
    """What a reviewer asks, and the answer in a few words."""
    lines = [("objects", _objects(found)), ("rollout", _rollout(found)), ("dangers", _dangers(found))]
    lines.append(("exposure", "not compared" if found.exposure is None else _exposure(found.exposure)))
    lines.append(("money", "not compared" if found.money is None else _money(found.money)))
    lines.append(("capacity", _capacity(found)))
    lines.append(("findings", _findings(found)))
    return [*lines, *_touched(found)]


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in Counter(words).items()) or "none"


def _objects(found: Difference) -> str:
    order = {action: number for number, action in enumerate(Action)}
    told = _counted(sorted((each.action.value for each in found.objects), key=lambda word: order[Action(word)]))
    files = f"; and {', '.join(found.files)}" if found.files else ""
    return told + files


def _rollout(found: Difference) -> str:
    counts = Counter(each.disruption for each in found.rollouts)
    told = [text.format(counts[kind]) for kind, text in _DISRUPTIONS.items() if counts[kind]]
    return "workloads: " + ", ".join(told) if told else "no pod restarts"


def _dangers(found: Difference) -> str:
    left = _counted(each.code for each in found.unapproved)
    approved = len(found.dangers) - len(found.unapproved)
    return left + (f"; {approved} approved" if approved else "")


def _exposure(found: Exposure) -> str:
    told = [
        f"{len(changes)} connections {word}"
        for word, changes in (("opened", found.opened), ("closed", found.closed), ("changed", found.changed))
        if changes
    ]
    told += [f"public: {mark} {listed(hosts, 4)}" for mark, hosts in _hosts(found) if hosts]
    crossing = f"{len(found.crossing)} BETWEEN TENANT PODS; " if found.crossing else ""
    return crossing + (", ".join(told) or "nothing opens, nothing closes")


def _hosts(found: Exposure) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("+", found.hosts_added), ("-", found.hosts_removed)


def _money(found: Money) -> str:
    if not found.difference:
        return f"{found.after:,.2f} {found.currency} a month, as before"
    return f"{found.before:,.2f} → {found.after:,.2f} {found.currency} a month ({signed(found.difference)})"


def _capacity(found: Difference) -> str:
    if found.capacity is None:
        return "not compared"
    return listed(tuple(map(str, found.capacity)), 4) or "what fits and what does not is as before"


def signed(amount: Decimal) -> str:
    """An amount with its sign: ``+48.00``."""
    return f"{amount:+,.2f}"


def _findings(found: Difference) -> str:
    if any("findings are not compared" in note for note in found.notes):
        return "not compared"
    return f"{len(found.introduced)} introduced, {len(found.fixed)} fixed"


def _touched(found: Difference) -> list[tuple[str, str]]:
    blast = found.blast
    services, depending = (_by_service(names) for names in (blast.services, blast.depending))
    lines = [("services", services), ("depending", depending), ("paths", blast.paths)]
    lines += [("tenant pods", blast.pods), ("orgs", blast.orgs)]
    return [(label, listed(names)) for label, names in lines if names]


def _by_service(names: tuple[str, ...], most: int = 12) -> tuple[str, ...]:
    """``acme/api`` and its like; where there are many, each service with the number of its tenant pods."""
    if len(names) <= most:
        return names
    counts = Counter(name.rpartition("/")[2] for name in names)
    single = {name.rpartition("/")[2]: name for name in names}
    return tuple(
        single[service] if count == 1 else f"{service} of {count} tenant pods" for service, count in counts.items()
    )


def listed(names: tuple[str, ...], most: int = 12) -> str:
    """Names in a row, cut with a count where there are many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def many_of_a_kind(found: Difference) -> set[tuple[str, str]]:
    """Kinds of danger that so many objects of one tenant pod have that a list says less than a count."""
    counts = Counter((each.code, each.pod) for each in found.dangers if each.pod and not each.approved)
    return {known for known, count in counts.items() if count > 8}
