"""The price book: what it holds is dated, sourced and possible."""

from __future__ import annotations

import datetime
from decimal import Decimal

from solutio_topology.cost.prices import (
    CONTROL_PLANE,
    EGRESS,
    LOAD_BALANCER,
    NETWORK_LOAD_BALANCER,
    OBJECT_STORAGE,
    OBJECT_STORAGE_GIB,
    REGISTRY_GIB,
    VOLUME,
    Price,
    provider_book,
)


def test_every_price_has_an_amount_a_unit_a_source_and_a_date() -> None:
    book = provider_book()
    for price in book.prices.values():
        assert Decimal(0) <= price.amount < 2000, price
        assert price.unit in {"node-month", "cluster-month", "GiB-month", "GiB", "account-month"}, price
        assert price.currency == "USD"
        assert price.source
        assert price.date is not None
        assert datetime.date(2025, 1, 1) <= price.date <= datetime.date(2026, 11, 25), price


def test_there_is_a_price_for_everything_that_the_bill_asks_for() -> None:
    book = provider_book()
    asked = [CONTROL_PLANE, LOAD_BALANCER, NETWORK_LOAD_BALANCER, VOLUME, EGRESS]
    asked += [OBJECT_STORAGE, OBJECT_STORAGE_GIB, REGISTRY_GIB]
    assert [key for key in asked if book.price(key) is None] == []
    assert [(plan.key, plan.repositories) for plan in book.plans()] == [
        ("registry-starter", 1),
        ("registry-basic", 5),
        ("registry-professional", 0),
    ]


def test_machines_are_as_large_as_their_names_say() -> None:
    book = provider_book()
    assert book.machines["s-4vcpu-8gb"].vcpu == 4
    for size, machine in book.machines.items():
        assert book.prices[size].unit == "node-month"
        assert machine.vcpu >= 1
        assert machine.memory_gib > 0
        if "vcpu-" in size and "mb" not in size:
            vcpu, memory = size.partition("vcpu-")[0].rpartition("-")[2], size.partition("vcpu-")[2].partition("gb")[0]
            assert (machine.vcpu, machine.memory_gib) == (int(vcpu), int(memory)), size


def test_the_prices_of_the_page() -> None:
    assert provider_book().price("s-4vcpu-8gb") == Price(
        key="s-4vcpu-8gb",
        amount=Decimal(48),
        unit="node-month",
        currency="USD",
        source="digitalocean.com/pricing",
        date=datetime.date(2026, 9, 27),
        included_gib=Decimal(5000),
    )
