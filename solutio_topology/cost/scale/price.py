"""The price of a demand: one bill, in which equal tenant pods are priced once and counted."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.cost.derive import bill_of, paying
from solutio_topology.cost.model import Fault, Item, Use
from solutio_topology.cost.prices import book_of
from solutio_topology.cost.scale.model import Ask, Price, Sizing
from solutio_topology.cost.storage import gib
from solutio_topology.cost.totals import ZERO, by_pod, revenue_of
from solutio_topology.graph.expand import expand

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.cost.scale.values import Values
    from solutio_topology.graph.model import EnvironmentGraph


class FaultyBillError(Exception):
    """A bill for which prices or rates are missing."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def price_of(ground: Ground, values: Values, ask: Ask, sizing: Sizing) -> Price:
    """What a demand costs. Raises FaultyBillError where a price or a rate is missing."""
    people = ground.people
    graph = expand(values.topology(ask, _with_transfer(ground, ask, sizing)), ground.environment, ground.lookup)
    bill = bill_of(graph)
    revenue = _revenue(graph, ask, people.copied)
    faults = (*bill.faults, *(each for each in revenue.values() if isinstance(each, Fault)))
    if faults:
        raise FaultyBillError(tuple(dict.fromkeys(faults)))
    own = [item for item in bill.items if people.copied and item.pod == people.copied]
    rest = [item for item in bill.items if item not in own]
    parts = by_pod(_weighted(rest, graph, people.copied, ask.enterprise))
    copies = sum((item.monthly for item in own), ZERO) * ask.enterprise
    return Price(
        total=sum((item.monthly for item in rest), ZERO) + copies,
        shared_pod=parts.get(people.shared, ZERO),
        enterprise=copies + parts.get(people.copied, ZERO) if people.copied else ZERO,
        lines=tuple((item, 1) if item not in own else (item, ask.enterprise) for item in bill.items),
        unknown=bill.unknown,
        revenue={tier: each for tier, each in revenue.items() if isinstance(each, Decimal)},
    )


def _weighted(items: list[Item], graph: EnvironmentGraph, copied: str, copies: int) -> list[Item]:
    """The lines that several use. By organization the one copy has those of all; by tenant pod it counts as all."""
    if graph.topology.costs.shared != "pods":
        return items

    def counted(use: Use) -> Use:
        return replace(use, weight=use.weight * copies) if use.pod == copied else use

    return [replace(item, uses=tuple(counted(use) for use in item.uses)) for item in items]


def _with_transfer(ground: Ground, ask: Ask, sizing: Sizing) -> Sizing:
    """The traffic less what the nodes of all copies but the priced one include: the provider pools it."""
    usage = ground.topology.costs.usage.get(ground.environment)
    sent = sizing.usage.get(("egress",))
    if sent is None and usage is not None and usage.egress is not None:
        sent = int(gib(usage.egress))
    crowd = sizing.pools.get(ground.people.copied)
    if sent is None or crowd is None or ask.enterprise < 2:
        return sizing
    price = book_of(ground.topology, ground.graph.platform.orchestrator).price(
        ground.graph.platform.pools[ground.people.copied].size
    )
    included = int(price.included_gib) * crowd.nodes * (ask.enterprise - 1) if price else 0
    return replace(sizing, usage={**sizing.usage, ("egress",): max(sent - included, 0)})


def _revenue(graph: EnvironmentGraph, ask: Ask, copied: str) -> dict[str, Decimal | Fault]:
    """What tenant pods are sold for, by tier, in the environment that sells."""
    found: dict[str, Decimal | Fault] = {}
    costs = graph.topology.costs
    if graph.name != paying(graph.topology):
        return found
    for pod in graph.pods:
        each = revenue_of(pod, costs)
        if isinstance(each, Decimal):
            by_pod_sold = pod.pod == copied and costs.revenue[pod.tier_name].per == "pod"
            known = found.get(pod.tier_name, ZERO)
            found[pod.tier_name] = each * (ask.enterprise if by_pod_sold else 1) + (
                known if isinstance(known, Decimal) else ZERO
            )
        elif each is not None:
            found[pod.tier_name] = each
    return found
