"""A bill in the rows and words of every format for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.cost.model import Category, Item, Listing, total

if TYPE_CHECKING:
    from solutio_topology.spec.costs import Costs

_FEW = 3
"""Alike lines of tenant pods that are told one by one; more of them are told once."""
_SHARED = {
    "requests": "nodes by what each service requests, the rest by organization",
    "orgs": "by organization",
    "pods": "evenly by tenant pod",
}


class Row(Struct, frozen=True):
    """One line of a table: an item, or several alike of different tenant pods."""

    title: str
    whom: str
    """The tenant pod, ``shared``, or ``several`` that each have a line of their own."""
    quantity: str
    unit_price: str
    monthly: Decimal
    listing: Listing


def rows(items: Sequence[Item]) -> list[Row]:
    """The lines of a table; those of many tenant pods that are alike become one."""
    groups: dict[object, list[Item]] = {}
    for item in items:
        groups.setdefault(_likeness(item), []).append(item)
    found = []
    for item in items:
        group = groups[_likeness(item)]
        if len(group) <= _FEW:
            found.append(_row(item))
        elif item is group[0]:
            found.append(_one(group))
    return found


def _likeness(item: Item) -> object:
    """What lines of several tenant pods have in common that are told once."""
    if not item.pod or item.page:
        return item.name
    return (item.category, item.service, item.price_key, item.quantity)


def _row(item: Item) -> Row:
    return Row(item.title, item.pod or "shared", quantity(item), price(item.unit_price), item.monthly, item.listing)


def _one(group: list[Item]) -> Row:
    first = group[0]
    title = "node pools" if first.category is Category.NODES else first.title
    whole = replace(first, quantity=sum((item.quantity for item in group), Decimal(0)))
    return Row(title, "several", quantity(whole), price(first.unit_price), total(tuple(group)), first.listing)


def quantity(item: Item) -> str:
    """How much of what: ``3 × s-4vcpu-8gb``, ``100 GiB``, ``1``."""
    number = f"{item.quantity.normalize():,f}"
    if item.category is Category.NODES:
        return f"{number} × {item.price_key}"
    return f"{number} GiB" if item.unit.startswith("GiB") else number


def price(amount: Decimal) -> str:
    """A unit price: at least two decimals, and as many as it has."""
    exact = amount.normalize()
    exponent = exact.as_tuple().exponent
    return f"{amount:,.2f}" if isinstance(exponent, int) and exponent >= -2 else f"{exact:,f}"


def money(amount: Decimal | None) -> str:
    """An amount of the bill, in whole cents; a dash for none."""
    return "–" if amount is None else f"{amount:,.2f}"


def sources(items: Iterable[Item]) -> list[tuple[Listing, str]]:
    """Where the prices come from, each source once, with how it is told. In the order of the lines."""
    found = {source_key(item.listing): item.listing for item in items}
    return [(listing, _source(listing)) for listing in found.values()]


def source_key(listing: Listing) -> tuple[str, object, bool]:
    """What makes two prices' origin the same."""
    return listing.source, listing.date, listing.confirmed


def _source(listing: Listing) -> str:
    date = f", {listing.date}" if listing.date else ""
    return listing.source + date + ("" if listing.confirmed else "; not confirmed")


def declared(costs: Costs, on_page: Decimal) -> str:
    """How the page's total fits to its lines; empty where the page states none."""
    if costs.declared is None:
        return ""
    stated = costs.declared.monthly
    difference = on_page - stated
    share = abs(difference) * 100 / stated if stated else Decimal(0)
    tolerance = costs.declared.tolerance
    return f"the page states {money(stated)} in total: {difference:+,.2f}, {share:.1f} % (tolerance {tolerance})"


def division(costs: Costs) -> str:
    """How what several tenant pods use is divided."""
    return f"what several tenant pods use is divided: {_SHARED[costs.shared]}"


def budget_lines(costs: Costs, environment: str, whole: Decimal) -> list[str]:
    """What is left of the environment's budget; nothing where there is none."""
    limit = costs.budgets.environments.get(environment)
    if limit is None:
        return []
    left = limit - whole
    return [f"budget {money(limit)}: " + (f"{money(left)} left" if left >= 0 else f"{money(-left)} over")]
