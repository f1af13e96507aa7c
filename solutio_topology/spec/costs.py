"""The bill: what is paid, at which prices, how it is divided, and what it may come to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from solutio_topology.spec.amounts import Currency, Date, Money, Rate, Share, UnitPrice
from solutio_topology.spec.base import Model, Name, Placement, Quantity, RepositoryPath, Words, shaped

PriceKey = Annotated[
    str,
    shaped(
        r"^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$",
        "a machine size or a price of the book: s-4vcpu-8gb, volume, load-balancer",
    ),
]


class CostItem(Model):
    """A line of the bill, as the page states it."""

    title: str
    """The line as the page has it."""
    monthly: Money
    """Amount per month."""
    currency: Currency | None = None
    """Currency of the amount. Default: the bill's."""
    pool: Name | None = None
    """The node pool that it pays for."""
    service: Name | None = None
    """The service that it pays for."""
    placement: Placement | None = None
    """What the page prices it as, where that is not how it runs: ``droplet``."""
    date: Date | None = None
    """When the amount was last looked up."""
    source: Words | None = None
    """Where the amount comes from. Default: the page."""
    note: str | None = None
    """Remark of the page."""


class DeclaredCost(Model):
    """The total that the page states."""

    monthly: Money
    """The total per month."""
    tolerance: Share = "0%"
    """How far the sum of the items, and each of them, may be from it."""


class ExchangeRate(Model):
    """What one unit of a currency is worth in the bill's."""

    rate: Rate
    """Worth of one unit in the bill's currency: USD: 5.40 in a bill in BRL."""
    date: Date
    """When it was looked up."""
    source: Words
    """Where."""


class OwnPrice(Model):
    """A price of one's own, instead of the provider's list price."""

    amount: UnitPrice
    """For one unit and month: a node, a GiB, a load balancer."""
    currency: Currency | None = None
    """Currency of the amount. Default: the bill's."""
    date: Date
    """When it was looked up."""
    source: Words | None = None
    """Where it comes from: a contract, an invoice, a page."""
    included: Money | None = None
    """GiB that it includes: transfer of a machine, storage of a plan. Default: as the provider's."""


class Usage(Model):
    """What an environment uses a month of what is paid by use."""

    stored: dict[Name, Quantity] = {}
    """Kept in object storage, by service: ``spaces: 1000Gi``."""
    registry: Quantity | None = None
    """Kept in the registry."""
    egress: Quantity | None = None
    """Sent from the cluster's nodes to the internet."""


class Revenue(Model):
    """What a tier is sold for."""

    monthly: Money
    """Price per month."""
    currency: Currency | None = None
    """Currency of the price. Default: the bill's."""
    per: Literal["org", "pod"] = "org"
    """Paid by each organization, or for each tenant pod."""


class Budgets(Model):
    """What a month may cost at most."""

    environments: dict[Name, Money] = {}
    """By environment."""
    tiers: dict[Name, Money] = {}
    """By tier: all of its tenant pods together, their share of what is shared included."""
    pods: dict[Name, Money] = {}
    """By tenant pod, its share of what is shared included."""


class Costs(Model):
    """The bill."""

    currency: Currency = "USD"
    """Currency of the bill, and of every amount that names none."""
    rates: dict[Currency, ExchangeRate] = {}
    """What other currencies are worth in it."""
    environment: Name | None = None
    """Which environment the items are of; it also pays for what an account has once (registry, object storage).
    Default: the first."""
    declared: DeclaredCost | None = None
    """The total that the page states."""
    items: dict[Name, CostItem] = {}
    """The lines of the bill."""
    prices: RepositoryPath | dict[PriceKey, OwnPrice] = {}
    """Prices of one's own, by machine size or key of the book, or the file that holds them."""
    max_price_age: Annotated[int, Field(ge=1)] = 365
    """Days after which a price is too old to be relied on."""
    usage: dict[Name, Usage] = {}
    """What is paid by use, by environment."""
    shared: Literal["requests", "orgs", "pods"] = "requests"
    """How what several tenant pods use is divided: nodes by what each service requests and the rest by organization,
    all of it by organization, or evenly by tenant pod."""
    revenue: dict[Name, Revenue] = {}
    """What tiers are sold for, by tier: the margin follows from it."""
    budgets: Budgets = Budgets.model_construct()
    """What a month may cost at most."""

    @property
    def own_prices(self) -> dict[PriceKey, OwnPrice]:
        """The prices of one's own; a file of them has been read when the topology was loaded."""
        return {} if isinstance(self.prices, str) else self.prices
