"""From a quantity and a price to a line of the bill, in its currency; or to the reason why there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.model import Category, Fault, Item, Kind, Listing, Pointer, Use, cents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solutio_topology.cost.prices import Book, Price
    from solutio_topology.spec.costs import CostItem, ExchangeRate


class Wanted(Struct, frozen=True):
    """A line without its price."""

    name: str
    title: str
    category: Category
    quantity: Decimal
    uses: tuple[Use, ...]
    pointer: Pointer
    pool: str = ""
    service: str = ""


class Pricing(Struct, frozen=True):
    """The prices and exchange rates of a bill."""

    book: Book
    currency: str
    rates: Mapping[str, ExchangeRate]

    def line(self, wanted: Wanted, key: str) -> Item | Fault:
        """The line at the price `key` of the book."""
        price = self.book.price(key)
        if price is None:
            return _no_price(wanted, key)
        return self._priced(wanted, price)

    def _priced(self, wanted: Wanted, price: Price) -> Item | Fault:
        unit_price = self.converted(price.amount, price.currency)
        if unit_price is None:
            pointer = ("costs", "prices", price.key, "currency") if price.own else ("costs", "currency")
            return no_rate(price.currency, self.currency, pointer, f"price {price.key}")
        return Item(
            name=wanted.name,
            title=wanted.title,
            category=wanted.category,
            quantity=wanted.quantity,
            unit=price.unit,
            price_key=price.key,
            unit_price=unit_price,
            monthly=cents(wanted.quantity * unit_price),
            listing=Listing(price.amount, price.currency, price.source, price.date, price.confirmed),
            uses=wanted.uses,
            pool=wanted.pool,
            service=wanted.service,
            pointer=wanted.pointer,
        )

    def stated(self, key: str, item: CostItem, uses: tuple[Use, ...], pool: str) -> Item | Fault:
        """The line that the topology states itself."""
        currency = item.currency or self.currency
        amount = self.converted(item.monthly, currency)
        pointer = ("costs", "items", key)
        if amount is None:
            return no_rate(currency, self.currency, (*pointer, "currency"), f"cost {key}")
        return Item(
            name=f"stated/{key}",
            title=item.title,
            category=Category.PLANS,
            quantity=Decimal(1),
            unit="plan-month",
            price_key="",
            unit_price=amount,
            monthly=cents(amount),
            listing=Listing(item.monthly, currency, item.source or "stated in the topology", item.date),
            uses=uses,
            kind=Kind.DECLARED,
            pool=pool,
            service=item.service or "",
            page=key,
            pointer=pointer,
        )

    def converted(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount in the bill's currency, unrounded; None without a rate."""
        if currency == self.currency:
            return amount
        rate = self.rates.get(currency)
        return None if rate is None else amount * rate.rate


def _no_price(wanted: Wanted, key: str) -> Fault:
    free = "" if wanted.category is Category.NODES else ", 0 where it costs nothing"
    return Fault(
        "price",
        wanted.pointer,
        f"price {key}",
        f"there is no price for {key!r}: what {wanted.title} costs cannot be told",
        f"state it: costs: {{prices: {{{key}: {{amount: …, date: …}}}}}}{free}",
    )


def no_rate(currency: str, wanted: str, pointer: Pointer, subject: str) -> Fault:
    """The fault of an amount in a currency whose worth nobody says."""
    return Fault(
        "currency",
        pointer,
        subject,
        f"{subject} is in {currency} and the bill in {wanted}, and there is no rate between them",
        f"state it: costs: {{rates: {{{currency}: {{rate: …, date: …, source: …}}}}}}",
    )
