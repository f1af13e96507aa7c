"""The nouns of a plan: what is asked for, what follows, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct, field

from solutio_topology.cost.model import Item, Pointer, Unknown

MOST_ORGS = 100_000
"""Organizations of one environment beyond which a plan is a slip of the keyboard."""
MOST_ENTERPRISE = 10_000
"""As `MOST_ORGS`, for dedicated tenant pods."""


class Ask(Struct, frozen=True):
    """A demand: one point of a plan."""

    orgs: int
    """Organizations in the shared tenant pod."""
    enterprise: int = 0
    """Dedicated tenant pods, all equal."""
    stated: Mapping[str, int] = field(default_factory=dict)
    """Drivers of the shared tenant pod that are given, not derived."""
    customer: int = 0
    """Ordinary organizations in each dedicated tenant pod, instead of what its tier has: to compare tiers."""

    def __str__(self) -> str:
        more = "".join(f", {number:,} {name}" for name, number in self.stated.items())
        return f"{self.orgs:,} orgs, {self.enterprise:,} enterprise{more}"


class Target(Struct, frozen=True, order=True):
    """Pods of one process of a service in one tenant pod; empty: the main one."""

    pod: str
    service: str
    process: str = ""

    def __str__(self) -> str:
        name = f"{self.service} ({self.process})" if self.process else self.service
        return f"{name} of {self.pod}"


class Limit(Struct, frozen=True):
    """Something that would have to be more than it may be."""

    subject: str
    needed: str
    most: str
    pointer: Pointer
    """What says the most."""
    held: bool = True
    """Whether the bill stays at the most; a limit of an autoscaler is only told."""

    def __str__(self) -> str:
        return f"{self.subject}: {self.needed} needed, {self.most} at most"


class Crowd(Struct, frozen=True):
    """The nodes of a pool that are needed, and what makes it so many."""

    nodes: int
    why: str
    """``memory``, ``cpu``, ``pods``, ``volumes``, ``one to a node``…; ``declared`` where fewer would do."""


class Tariff(Struct, frozen=True):
    """The tariff of an external plan that serves a demand."""

    step: int
    title: str
    monthly: Decimal


class Sizing(Struct, frozen=True):
    """What a demand makes of an environment."""

    demand: Mapping[str, int]
    """Of all tenant pods together, by driver."""
    replicas: Mapping[Target, int]
    storage: Mapping[tuple[str, str], int]
    """GiB of each volume, by tenant pod and service."""
    pools: Mapping[str, Crowd]
    """Of the pool of each dedicated tenant pod one."""
    tariffs: Mapping[str, Tariff]
    usage: Mapping[tuple[str, ...], int]
    """GiB by place below ``costs.usage.<environment>``."""
    limits: tuple[Limit, ...]


class Price(Struct, frozen=True):
    """What an environment of some size costs a month."""

    total: Decimal
    shared_pod: Decimal
    """Of the shared tenant pod: its own lines, and its part of what several use."""
    enterprise: Decimal
    """Of all dedicated tenant pods of the plan together."""
    lines: tuple[tuple[Item, int], ...]
    """The lines of the bill, and how many there are of each."""
    unknown: tuple[Unknown, ...]
    revenue: Mapping[str, Decimal]
    """What the two kinds of tenant pods are sold for, by tier, where it has a price."""

    @property
    def by_category(self) -> dict[str, Decimal]:
        """What each kind of line comes to."""
        found: dict[str, Decimal] = {}
        for item, count in self.lines:
            name = item.category.value
            found[name] = found.get(name, Decimal("0.00")) + item.monthly * count
        return found


class Next(Struct, frozen=True):
    """What runs out next as organizations come."""

    orgs: int
    """From so many on."""
    what: str
    demand: Mapping[str, int]


class Point(Struct, frozen=True):
    """One demand with what follows."""

    ask: Ask
    sizing: Sizing
    price: Price
    nodes: int
    """Of all pools together."""
    orgs: int
    """Organizations of all tenant pods together."""
    next: Next | None

    @property
    def per_org(self) -> Decimal | None:
        """Total by organization; None without any."""
        return _each(self.price.total, self.orgs)

    @property
    def per_shared_org(self) -> Decimal | None:
        """What an organization in the shared tenant pod costs."""
        return _each(self.price.shared_pod, self.ask.orgs)

    @property
    def per_enterprise(self) -> Decimal | None:
        """What a dedicated tenant pod costs."""
        return _each(self.price.enterprise, self.ask.enterprise)


def _each(amount: Decimal, number: int) -> Decimal | None:
    return (amount / number).quantize(Decimal("0.01")) if number else None


class Even(Struct, frozen=True):
    """Where two ways of serving a customer cost the same, or a tier pays for itself."""

    question: str
    answer: str
    number: int | None
    """Organizations; None where it never happens, or needs no number."""


class Plan(Struct, frozen=True):
    """What an environment costs as it grows."""

    environment: str
    currency: str
    points: tuple[Point, ...]
    evens: tuple[Even, ...]
    assumptions: tuple[tuple[str, tuple[str, ...]], ...]
    """What it rests on, by heading."""
    tiers: tuple[str, str]
    """The tier of the shared tenant pod, and that of the dedicated ones; empty without any."""
