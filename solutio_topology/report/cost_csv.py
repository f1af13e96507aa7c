"""A bill as a table for a spreadsheet: one row a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solutio_topology.cost.estimate import Comparison, Estimate
    from solutio_topology.cost.model import Item

HEAD = (
    *("environment", "name", "title", "category", "kind", "page", "pod", "layer", "pool", "service"),
    *("quantity", "unit", "unit_price", "monthly", "currency", "price", "source", "date", "confirmed"),
)


def render(found: Sequence[Estimate]) -> str:
    """Every line of every environment."""
    rows = [_row(each.bill.environment, each.bill.currency, item) for each in found for item in each.bill.items]
    return _table([HEAD, *rows])


def render_comparison(found: Sequence[Comparison]) -> str:
    """Every line that differs, with its amount before and the difference behind it."""
    rows = []
    for each in found:
        for change in each.changes:
            row = _row(each.after.bill.environment, each.after.bill.currency, change.item)
            before, after = (item.monthly if item else "" for item in (change.before, change.after))
            rows.append((*row, str(before), str(after), str(change.difference)))
    return _table([(*HEAD, "before", "after", "difference"), *rows])


def _row(environment: str, currency: str, item: Item) -> tuple[str, ...]:
    listing = item.listing
    who = (item.page, item.pod, item.layer, item.pool, item.service)
    amounts = (f"{item.quantity.normalize():f}", item.unit, f"{item.unit_price:f}", str(item.monthly), currency)
    origin = (item.price_key, listing.source, listing.date.isoformat() if listing.date else "")
    head = (environment, item.name, item.title, item.category.value, item.kind.value)
    return (*head, *who, *amounts, *origin, "yes" if listing.confirmed else "no")


def _table(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _plain(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "@", "\t", "\r")) else cell
