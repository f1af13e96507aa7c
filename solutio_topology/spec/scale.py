"""How the environment grows: what demand is counted in, and what follows from it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from solutio_topology.spec.amounts import Money, Share
from solutio_topology.spec.base import Count, Model, Name, Quantity, Words

MOST_DEMAND = 1_000_000_000
"""More than any driver counts; what is above is a slip of the keyboard."""
Demand = Annotated[int, Field(ge=0, le=MOST_DEMAND)]
Each = Annotated[int, Field(ge=1, le=MOST_DEMAND)]


class DriverRate(Model):
    """How many of something there are for each of something else, in whole numbers: ``{per: orgs, add: 20}``."""

    per: Name
    """The driver that it follows: ``orgs``, ``enterprise``, or another of `drivers`."""
    each: Each = 1
    """How many of that make a step."""
    add: Demand = 1
    """How many come with each step, the last begun one included."""
    base: Demand = 0
    """How many there are in any case, in each tenant pod."""


class Driver(DriverRate):
    """A quantity that the load depends on, derived from another."""

    title: Words | None = None
    """Name for people."""
    tiers: dict[Name, DriverRate] = {}
    """What is different for tenant pods of a tier."""
    note: Words | None = None
    """Where the number comes from: the plan prints it among its assumptions."""


class Growth(Model):
    """A whole number that follows a driver. It never goes below what the topology declares."""

    per: Name
    """The driver that it follows."""
    each: Each = 1
    """How much of the driver makes a step."""
    add: Each = 1
    """What each step adds, the last begun one included."""
    base: Count = 0
    """What there is before the first step."""
    min: Count | None = None
    """Never fewer. Default: as the topology declares."""
    max: Annotated[int, Field(ge=1)] | None = None
    """Never more: what needs more is told as what runs out."""
    note: Words | None = None
    """Where the number comes from."""


class AmountGrowth(Model):
    """An amount of storage or traffic that follows a driver. It never goes below what the topology declares."""

    per: Name
    """The driver that it follows."""
    each: Each = 1
    """How much of the driver makes a step."""
    add: Quantity
    """What each step adds, the last begun one included: ``1Gi``."""
    base: Quantity = "0"
    """What there is before the first step."""
    max: Quantity | None = None
    """Never more: what needs more is told as what runs out."""
    note: Words | None = None
    """Where the number comes from."""


class ServiceGrowth(Model):
    """How a service grows. In each tenant pod that has its own it follows the demand of that tenant pod alone."""

    replicas: Growth | None = None
    """How many pods of its main process."""
    processes: dict[Name, Growth] = {}
    """How many pods of its other processes."""
    storage: AmountGrowth | None = None
    """Size of the volume of each replica."""


class PoolGrowth(Model):
    """What limits a node pool. How many nodes there are follows from the pods on them."""

    max: Annotated[int, Field(ge=1)] | None = None
    """Nodes at most: what the provider's quota allows."""
    spare: Count = 0
    """Nodes beyond those that are needed: 1 for one that may be lost."""


class PlanStep(Model):
    """A tariff of an external plan."""

    up_to: Annotated[int, Field(ge=1, le=MOST_DEMAND)] | None = None
    """The greatest demand that it serves. Only the last may serve any."""
    monthly: Money
    """Price per month, in the currency of the item."""
    title: Words | None = None
    """Name of the tariff."""


class PlanGrowth(Model):
    """The tariffs of an item of the bill that the topology states."""

    per: Name
    """The driver that it follows."""
    steps: Annotated[list[PlanStep], Field(min_length=1)]
    """Tariffs, the smallest first."""
    note: Words | None = None
    """Where the prices come from."""


class UsageGrowth(Model):
    """How what is paid by use grows."""

    stored: dict[Name, AmountGrowth] = {}
    """Kept in object storage, by service."""
    registry: AmountGrowth | None = None
    """Kept in the registry."""
    egress: AmountGrowth | None = None
    """Sent from the nodes to the internet."""


class Scale(Model):
    """How the environment grows with its demand."""

    note: Words | None = None
    """Where the rules come from as a whole: the plan begins its assumptions with it."""
    orgs: Name | None = None
    """The shared tenant pod that the organizations of a plan are in. Default: the first."""
    enterprise: Name | None = None
    """The dedicated tenant pod that every one of a plan is equal to. Default: the first."""
    drivers: dict[Name, Driver] = {}
    """What demand is counted in, beside ``orgs`` and ``enterprise``: cameras, sessions, alarms per minute."""
    services: dict[Name, ServiceGrowth] = {}
    """How services grow; one that is not named stays as it is."""
    headroom: Share = "10%"
    """Share of each node's CPU and memory that stays free: what pods leave between them, and rollouts."""
    pools: dict[Name, PoolGrowth] = {}
    """What limits node pools."""
    plans: dict[Name, PlanGrowth] = {}
    """Tariffs, by item of `costs.items`."""
    usage: UsageGrowth = UsageGrowth.model_construct()
    """How what is paid by use grows."""
