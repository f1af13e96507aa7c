"""The bill."""

from __future__ import annotations

from typing import Annotated

from solutio_topology.spec.amounts import Money
from solutio_topology.spec.base import Model, Name, Placement, shaped


class CostItem(Model):
    """A line of the bill, as the page states it."""

    title: str
    """The line as the page has it."""
    monthly: Money
    """Amount per month."""
    pool: Name | None = None
    """The node pool that it pays for."""
    service: Name | None = None
    """The service that it pays for."""
    placement: Placement | None = None
    """What the page prices it as, where that is not how it runs: ``droplet``."""
    note: str | None = None
    """Remark of the page."""


class DeclaredCost(Model):
    """The total that the page states."""

    monthly: Money
    """The total per month."""
    tolerance: Annotated[str, shaped(r"^[0-9]+(\.[0-9]+)?%$", "a share: 1%, 0.5%")] = "0%"
    """How far the sum of the items may be from it."""


class Costs(Model):
    """The bill."""

    currency: Annotated[str, shaped(r"^[A-Z]{3}$", "three capital letters: USD, EUR, BRL")] = "USD"
    """Currency of all amounts."""
    declared: DeclaredCost | None = None
    """The total that the page states."""
    items: dict[Name, CostItem] = {}
    """The lines of the bill."""
