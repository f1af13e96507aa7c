"""The price book: what is charged for a unit a month, where that was read and when.

The provider's list prices are data (``prices.yaml``); a user's own prices come first.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.yamlio import read_value

if TYPE_CHECKING:
    from solutio_topology.spec.costs import OwnPrice
    from solutio_topology.spec.topology import Topology

CONTROL_PLANE = "control-plane-ha"
LOAD_BALANCER = "load-balancer"
NETWORK_LOAD_BALANCER = "network-load-balancer"
VOLUME = "volume"
OBJECT_STORAGE = "object-storage"
OBJECT_STORAGE_GIB = "object-storage-gib"
EGRESS = "egress"
REGISTRY_GIB = "registry-gib"
OWN = "costs.prices"
"""What a user's own price says of its source where it names none."""
_FILE = Path(__file__).parent / "prices.yaml"
_UNITS = {
    LOAD_BALANCER: "node-month",
    NETWORK_LOAD_BALANCER: "node-month",
    CONTROL_PLANE: "cluster-month",
    VOLUME: "GiB-month",
    OBJECT_STORAGE: "account-month",
    OBJECT_STORAGE_GIB: "GiB-month",
    EGRESS: "GiB",
    REGISTRY_GIB: "GiB-month",
}


KEYS = (*_UNITS, "registry-starter", "registry-basic", "registry-professional")
"""The keys of prices that are not machine sizes."""


class Price(Struct, frozen=True):
    """What one unit costs a month."""

    key: str
    """``s-4vcpu-8gb``, ``volume``…"""
    amount: Decimal
    unit: str
    currency: str
    source: str
    date: datetime.date | None
    confirmed: bool = True
    included_gib: Decimal = Decimal(0)
    """What it includes: transfer of a machine, storage of a plan."""
    repositories: int | None = None
    """Of a registry's plan: how many it holds, 0 for any number."""
    own: bool = False
    """Whether the topology states it."""


class Machine(Struct, frozen=True):
    """What a machine size is, as the provider sells it."""

    size: str
    vcpu: int
    memory_gib: Decimal


class Book(Struct, frozen=True):
    """Prices by key."""

    prices: Mapping[str, Price]
    machines: Mapping[str, Machine]

    def price(self, key: str) -> Price | None:
        """The price of a unit; None where the book lacks it."""
        return self.prices.get(key)

    def plans(self) -> list[Price]:
        """The plans of the registry, the cheapest first."""
        found = (price for price in self.prices.values() if price.repositories is not None)
        return sorted(found, key=lambda price: (price.amount, price.key))


@cache
def provider_book() -> Book:
    """The list prices of the provider behind ``orchestrator: doks``."""
    data, _ = read_value(_FILE.read_bytes())
    entries: dict[str, dict[str, Any]] = {**data["prices"], **data["machines"]}
    return Book(
        {key: _price(key, entry, data["currency"], data["sources"]) for key, entry in entries.items()},
        {key: Machine(key, entry["vcpu"], Decimal(entry["memory"])) for key, entry in data["machines"].items()},
    )


def _price(key: str, entry: dict[str, Any], currency: str, sources: dict[str, dict[str, str]]) -> Price:
    source = sources[entry["source"]]
    return Price(
        key=key,
        amount=Decimal(entry["amount"]),
        unit=entry["unit"],
        currency=currency,
        source=source["text"],
        date=datetime.date.fromisoformat(source["date"]),
        confirmed=not entry.get("unconfirmed", False),
        included_gib=Decimal(entry.get("included", "0")),
        repositories=entry.get("repositories"),
    )


def book_of(topology: Topology, orchestrator: str) -> Book:
    """The prices that hold for a topology: its own, and the provider's for what it does not price itself."""
    known = provider_book() if orchestrator == "doks" else Book({}, {})
    costs = topology.costs
    own = {key: _own(key, price, costs.currency, known.price(key)) for key, price in costs.own_prices.items()}
    return Book({**known.prices, **own}, known.machines)


def _own(key: str, price: OwnPrice, currency: str, listed: Price | None) -> Price:
    """A user's own price; what it includes is the provider's unless it says so itself."""
    included = Decimal(0) if listed is None else listed.included_gib
    return Price(
        key=key,
        amount=price.amount,
        unit=listed.unit if listed else _UNITS.get(key, "node-month"),
        currency=price.currency or currency,
        source=price.source or OWN,
        date=price.date,
        included_gib=included if price.included is None else price.included,
        repositories=listed.repositories if listed else None,
        own=True,
    )
