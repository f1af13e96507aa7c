"""A plan: each demand with its size, its price and what runs out next, and where tiers break even."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solutio_topology.cost.scale.assume import assumptions
from solutio_topology.cost.scale.even import break_evens
from solutio_topology.cost.scale.limits import next_limit
from solutio_topology.cost.scale.model import Ask, Plan, Point, Price
from solutio_topology.cost.scale.price import price_of
from solutio_topology.cost.scale.sizing import Sizer
from solutio_topology.cost.scale.values import Values

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground


def plan_of(ground: Ground, asks: Sequence[Ask]) -> Plan:
    """What an environment costs at each demand.

    Raises FaultyBillError where a price is missing and BeyondTariffsError for a demand that no tariff serves.
    """
    sizer, values = Sizer(ground), Values(ground)
    known: dict[tuple[int, int, int], Price] = {}

    def price(ask: Ask) -> Price:
        key = (ask.orgs, ask.enterprise, ask.customer)
        if ask.stated:
            return price_of(ground, values, ask, sizer.size(ask))
        if key not in known:
            known[key] = price_of(ground, values, ask, sizer.size(ask))
        return known[key]

    points = tuple(_point(ground, sizer, ask, price(ask)) for ask in asks)
    people, pods = ground.people, ground.topology.pods
    tiers = (pods[people.shared].tier, pods[people.copied].tier if people.copied else "")
    return Plan(
        environment=ground.environment,
        currency=ground.topology.costs.currency,
        points=points,
        evens=tuple(break_evens(ground, price, points, tiers)),
        assumptions=tuple(assumptions(ground, sizer, points)),
        tiers=tiers,
    )


def _point(ground: Ground, sizer: Sizer, ask: Ask, price: Price) -> Point:
    sizing, people = sizer.size(ask), ground.people
    nodes = sum(crowd.nodes * (ask.enterprise if pool == people.copied else 1) for pool, crowd in sizing.pools.items())
    others = sum(len(ground.topology.pods[name].orgs) for name in people.others)
    orgs = ask.orgs + ask.enterprise * people.copied_orgs + others
    return Point(ask, sizing, price, nodes, orgs, next_limit(sizer, ask, sizing))
