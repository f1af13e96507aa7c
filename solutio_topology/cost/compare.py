"""Two bills, line by line: what is new, what goes, what costs more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from solutio_topology.cost.model import Bill, Item


class LineChange(Struct, frozen=True):
    """One line in both bills; None in the one that does not have it."""

    before: Item | None
    after: Item | None

    @property
    def item(self) -> Item:
        """The line as it is, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def difference(self) -> Decimal:
        """How much more it costs a month."""
        zero = Decimal("0.00")
        return (self.after.monthly if self.after else zero) - (self.before.monthly if self.before else zero)


def compare_bills(before: Bill, after: Bill) -> tuple[LineChange, ...]:
    """The lines that differ in their amount or in what it is made of: those that stay or come, then those that go.

    Raises ValueError for bills in two currencies.
    """
    if before.currency != after.currency:
        raise ValueError(f"one bill is in {before.currency}, the other in {after.currency}")
    old, new = ({item.name: item for item in bill.items} for bill in (before, after))
    found = [LineChange(old.get(name), item) for name, item in new.items() if _differs(old.get(name), item)]
    return (*found, *(LineChange(item, None) for name, item in old.items() if name not in new))


def _differs(before: Item | None, after: Item) -> bool:
    if before is None:
        return True
    return (before.quantity, before.unit_price, before.price_key) != (after.quantity, after.unit_price, after.price_key)
