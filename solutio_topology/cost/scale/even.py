"""Where tiers break even: when a dedicated tenant pod costs less than room in the shared one, and what pays a tier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.cost.scale.model import Ask, Even, Point
from solutio_topology.cost.scale.sizing import BeyondTariffsError

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.cost.scale.model import Price

_LARGEST = 1 << 12
"""Organizations beyond which nobody is one customer."""
Pricer = Callable[[Ask], "Price"]


def first_where(holds: Callable[[int], bool], most: int) -> int | None:
    """The number from which something holds, found by doubling and halving: below it, it does not hold one earlier."""
    low, high = 0, 1
    while high <= most and not holds(high):
        low, high = high, high * 2
    if high > most:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def break_evens(ground: Ground, price: Pricer, points: tuple[Point, ...], tiers: tuple[str, str]) -> Iterator[Even]:
    """Every break-even of a plan, seen from its first point."""
    if ground.people.copied:
        yield _own_or_shared(price, points[0], tiers)
    for at, tier in enumerate(tiers):
        if tier:
            yield _pays(price, points, tier, is_shared=at == 0)


def _own_or_shared(price: Pricer, point: Point, tiers: tuple[str, str]) -> Even:
    """The size of a customer from which a tenant pod of its own adds less to the bill than room in the shared one."""
    base = Ask(point.ask.orgs)
    whole = price(base).total

    def amounts(size: int) -> tuple[Decimal, Decimal]:
        shared = price(replace(base, orgs=base.orgs + size)).total - whole
        own = price(replace(base, enterprise=1, customer=size)).total - whole
        return shared, own

    def is_cheaper(size: int) -> bool:
        shared, own = amounts(size)
        return own <= shared

    shared_tier, own_tier = tiers
    question = f"a customer in a tenant pod of its own ({own_tier}) adds less to the bill than in {shared_tier}"
    question += f", at {base.orgs:,} orgs"
    try:
        size = first_where(is_cheaper, _LARGEST)
        told = size or _LARGEST
        shared, own = amounts(told)
    except BeyondTariffsError as error:
        return Even(question, f"cannot be told: {error}", None)
    costs = f"{own:,.2f} against {shared:,.2f} a month"
    if size is None:
        return Even(question, f"never, up to the load of {told:,} organizations: {costs}", None)
    return Even(question, f"from the load of {size:,} organizations on: {costs}", size)


def _pays(price: Pricer, points: tuple[Point, ...], tier: str, *, is_shared: bool) -> Even:
    """From when on a tier pays for itself; without a price, the price at which it would."""
    question = f"{tier} pays for itself"
    if tier not in points[0].price.revenue and not any(tier in point.price.revenue for point in points):
        each = [point.per_shared_org if is_shared else point.per_enterprise for point in points]
        known = [amount for amount in each if amount is not None]
        unit = "an organization" if is_shared else "a tenant pod"
        if not known:
            return Even(question, "the plan has none of it", None)
        least, most = min(known), max(known)
        told = f"{least:,.2f}" if least == most else f"between {least:,.2f} and {most:,.2f}"
        return Even(question, f"no price is stated (costs.revenue); what pays it is {told} for {unit} a month", None)
    return _pays_shared(price, points[0], tier, question) if is_shared else _pays_own(points, tier, question)


def _pays_shared(price: Pricer, point: Point, tier: str, question: str) -> Even:
    def is_paid(orgs: int) -> bool:
        found = price(replace(point.ask, orgs=orgs, stated={}))
        return found.revenue.get(tier, Decimal(0)) >= found.shared_pod

    question += f", at {point.ask.enterprise:,} enterprise"
    try:
        orgs = first_where(is_paid, _LARGEST)
    except BeyondTariffsError as error:
        return Even(question, f"cannot be told: {error}", None)
    if orgs is None:
        return Even(question, f"never, up to {_LARGEST:,} organizations", None)
    return Even(question, f"from {orgs:,} organizations on", orgs)


def _pays_own(points: tuple[Point, ...], tier: str, question: str) -> Even:
    told = []
    for point in points:
        if point.ask.enterprise and tier in point.price.revenue:
            left = (point.price.revenue[tier] - point.price.enterprise) / point.ask.enterprise
            told.append(f"{left:+,.2f} a tenant pod at {point.ask.orgs:,} orgs")
    return Even(question, "; ".join(told[:3]) or "the plan has none of it", None)
