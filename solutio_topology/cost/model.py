"""What a bill is made of: its lines, who uses what they pay for, and what could not be told."""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from msgspec import Struct

CENT = Decimal("0.01")
Pointer = tuple[str | int, ...]


class Kind(StrEnum):
    """Where the amount of a line comes from."""

    DERIVED = "derived"
    """What the topology declares, times a price of the book."""
    DECLARED = "declared"
    """Stated in the topology: nothing there says how it comes about."""


class Category(StrEnum):
    """What a line pays for."""

    NODES = "nodes"
    VOLUMES = "volumes"
    LOAD_BALANCERS = "load balancers"
    CONTROL_PLANE = "control plane"
    OBJECT_STORAGE = "object storage"
    REGISTRY = "registry"
    EGRESS = "egress"
    PLANS = "plans"


class Use(Struct, frozen=True):
    """A part of what a line pays for: of which layer, for which tenant pod, and how much of the whole (weights)."""

    layer: str
    """Empty: no layer, such as a pool on which nothing runs."""
    pod: str
    weight: int = 1


class Listing(Struct, frozen=True):
    """The price that a line was made with, as its source lists it."""

    amount: Decimal
    currency: str
    source: str
    date: datetime.date | None = None
    """When it was read; None where nobody says."""
    confirmed: bool = True
    """Whether a page of the seller says it."""


class Item(Struct, frozen=True):
    """One line of the bill, for a month."""

    name: str
    """What no other line is called: ``nodes/apps``, ``volume/default/pg/data``."""
    title: str
    category: Category
    quantity: Decimal
    unit: str
    """``node-month``, ``GiB-month``, ``plan-month``…"""
    price_key: str
    """The key of the price in the book: ``s-4vcpu-8gb``; empty for what the topology states itself."""
    unit_price: Decimal
    """In the currency of the bill."""
    monthly: Decimal
    """Quantity times unit price, in whole cents of the bill's currency."""
    listing: Listing
    uses: tuple[Use, ...]
    """Who uses it; the bill is divided by these weights."""
    kind: Kind = Kind.DERIVED
    pool: str = ""
    """The node pool that it pays for, or on which the service that it pays for runs."""
    service: str = ""
    page: str = ""
    """The key of the page's item that it is, as ``costs.items`` has it; empty: not on the page."""
    pointer: Pointer = ()
    """Where in the topology it comes from."""

    @property
    def pod(self) -> str:
        """The only tenant pod that uses it; empty for what several share."""
        pods = {use.pod for use in self.uses}
        return pods.pop() if len(pods) == 1 else ""

    @property
    def layer(self) -> str:
        """The only layer that it pays for; empty for several or none."""
        layers = {use.layer for use in self.uses}
        return layers.pop() if len(layers) == 1 else ""

    def __str__(self) -> str:
        return f"{self.title}: {self.quantity} {self.unit} × {self.unit_price} = {self.monthly}"


class Unknown(Struct, frozen=True):
    """Something that costs and whose amount nothing in the topology says: told, and never counted as zero."""

    subject: str
    why: str
    remedy: str


class Fault(Struct, frozen=True):
    """Why a line could not be made: a price or a rate that is missing."""

    rule: str
    """``price`` or ``currency``."""
    pointer: Pointer
    subject: str
    message: str
    remedy: str


class Bill(Struct, frozen=True):
    """What an environment costs a month."""

    environment: str
    currency: str
    items: tuple[Item, ...]
    unknown: tuple[Unknown, ...] = ()
    unpriced: tuple[str, ...] = ()
    """Services that run or are bought, and that no line pays for."""
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    """What is missing from it for want of a price; a bill with faults is no answer."""

    @property
    def total(self) -> Decimal:
        """The sum of all lines."""
        return total(self.items)

    @property
    def on_page(self) -> tuple[Item, ...]:
        """The lines that the page has, in the order of ``costs.items``."""
        return tuple(item for item in self.items if item.page)

    @property
    def off_page(self) -> tuple[Item, ...]:
        """The lines that the page leaves out."""
        return tuple(item for item in self.items if not item.page)


def total(items: tuple[Item, ...]) -> Decimal:
    """The sum of lines, in whole cents."""
    return sum((item.monthly for item in items), Decimal("0.00"))


def cents(amount: Decimal) -> Decimal:
    """An amount in whole cents, halves up, as invoices are written."""
    return amount.quantize(CENT, ROUND_HALF_UP)
