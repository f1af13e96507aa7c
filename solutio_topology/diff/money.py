"""What a change costs: two bills of a month, line by line and tenant pod by tenant pod."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.cost.estimate import Estimate, compare_estimates
from solutio_topology.diff.model import Amount, Money

if TYPE_CHECKING:
    from solutio_topology.cost.compare import LineChange


def money(before: Estimate | None, after: Estimate | None) -> tuple[Money | None, str]:
    """Both bills and what differs, at the prices that are known now; or None, and why they cannot be compared.

    Nothing is said where a side has no topology: whoever read it has said so.
    """
    if before is None or after is None:
        return None, ""
    for fault in (*before.faults, *after.faults):
        return None, f"money is not compared: {fault.message}"
    old, new = before.bill, after.bill
    if old.currency != new.currency:
        return None, f"money is not compared: one bill is in {old.currency}, the other in {new.currency}"
    changes = compare_estimates(before, after).changes
    items = tuple(_amount(change) for change in changes if change.difference)
    return Money(old.currency, old.total, new.total, items, _pods(before, after)), ""


def _amount(change: LineChange) -> Amount:
    before, after = (item.monthly if item else None for item in (change.before, change.after))
    return Amount(change.item.title, change.item.pod, before, after)


def _pods(before: Estimate, after: Estimate) -> tuple[Amount, ...]:
    """The tenant pods that cost more or less, their part of what is shared included."""
    old, new = ({pod.pod: pod.total for pod in each.totals.pods} for each in (before, after))
    names = dict.fromkeys((*old, *new))
    return tuple(Amount("", name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def money_of(found: Money, pod: str) -> Money:
    """What of it concerns one tenant pod: its own lines, and what it costs with its part of the others."""
    known = next((each for each in found.pods if each.pod == pod), None)
    before, after = (Decimal(0), Decimal(0)) if known is None else (known.before, known.after)
    return replace(
        found,
        before=before or Decimal(0),
        after=after or Decimal(0),
        items=tuple(each for each in found.items if each.pod == pod),
        pods=() if known is None else (known,),
    )
