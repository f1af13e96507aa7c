"""Dividing a bill without losing a cent: by layer, tier, tenant pod, node pool and organization, and the margin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.derive import paying
from solutio_topology.cost.model import CENT, Bill, Fault, Item, Use
from solutio_topology.cost.pricing import no_rate

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.spec.costs import Costs

ZERO = Decimal("0.00")


def apportion(amount: Decimal, weights: Mapping[str, int]) -> dict[str, Decimal]:
    """An amount in whole cents, divided by weights into whole cents that add up to it.

    Each part is its exact share rounded down, and the cents that are left go to those that lost most by it.
    """
    if len(weights) == 1:
        return dict.fromkeys(weights, amount)
    whole = sum(weights.values())
    number = int(amount / CENT)
    exact = {key: divmod(number * weight, whole) for key, weight in weights.items()}
    left = number - sum(share for share, _ in exact.values())
    lucky = set(sorted(exact, key=lambda key: (-exact[key][1], key))[:left])
    return {key: (share + (key in lucky)) * CENT for key, (share, _) in exact.items()}


class PodCost(Struct, frozen=True):
    """What a tenant pod costs a month."""

    pod: str
    tier: str
    orgs: tuple[str, ...]
    own: Decimal
    """Of what it alone uses."""
    shared: Decimal
    """Its part of what several use."""
    revenue: Decimal | None = None
    """What it is sold for; None where nobody says. Sold is only what stands in the environment of the page."""

    @property
    def total(self) -> Decimal:
        """What it costs altogether."""
        return self.own + self.shared

    @property
    def margin(self) -> Decimal | None:
        """What is left of its revenue."""
        return None if self.revenue is None else self.revenue - self.total

    @property
    def margin_share(self) -> Decimal | None:
        """The margin in percent of the revenue, to one place; None without revenue."""
        if self.margin is None or not self.revenue:
            return None
        return (self.margin * 100 / self.revenue).quantize(Decimal("0.1"))

    @property
    def by_org(self) -> dict[str, Decimal]:
        """What each of its organizations costs."""
        return apportion(self.total, dict.fromkeys(self.orgs, 1)) if self.orgs else {}


class Totals(Struct, frozen=True):
    """A bill, divided. Each of the maps adds up to the bill."""

    layers: dict[str, Decimal]
    """Empty key: no layer."""
    tiers: dict[str, Decimal]
    pools: dict[str, Decimal]
    """Nodes, and the volumes of what runs on them. Empty key: no pool."""
    pods: tuple[PodCost, ...]
    faults: tuple[Fault, ...] = ()
    """Revenues in a currency without a rate."""


def totals(bill: Bill, graph: EnvironmentGraph) -> Totals:
    """The bill, divided by everything that people ask about."""
    parts = by_pod(bill.items)
    sells = graph.name == paying(graph.topology)
    alone = {pod.pod: ZERO for pod in graph.pods}
    for item in bill.items:
        if item.pod:
            alone[item.pod] += item.monthly
    found, faults = [], []
    for pod in graph.pods:
        revenue = revenue_of(pod, graph.topology.costs) if sells else None
        faults += [revenue] if isinstance(revenue, Fault) else []
        whole = parts.get(pod.pod, ZERO)
        known = None if isinstance(revenue, Fault) else revenue
        own = alone[pod.pod]
        found.append(PodCost(pod.pod, pod.tier_name, tuple(pod.tenant.orgs), own, whole - own, known))
    return Totals(
        layers=_named(_by(bill.items, lambda use: use.layer), graph.topology.layers),
        tiers=_tiers(found, graph),
        pools=_pools(bill.items, graph.platform.pools),
        pods=tuple(found),
        faults=tuple(dict.fromkeys(faults)),
    )


def by_pod(items: Iterable[Item]) -> dict[str, Decimal]:
    """What each tenant pod pays of some lines."""
    return _by(items, lambda use: use.pod)


def _by(items: Iterable[Item], key: Callable[[Use], str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for item in items:
        weights: dict[str, int] = {}
        for use in item.uses:
            name = key(use)
            weights[name] = weights.get(name, 0) + use.weight
        for name, amount in apportion(item.monthly, weights).items():
            found[name] = found.get(name, ZERO) + amount
    return found


def _named(found: dict[str, Decimal], order: Iterable[str]) -> dict[str, Decimal]:
    """Amounts in the order of the file, without those of nothing; what has no name comes last."""
    return {name: found[name] for name in (*order, "") if found.get(name)}


def _tiers(pods: list[PodCost], graph: EnvironmentGraph) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for pod in pods:
        found[pod.tier] = found.get(pod.tier, ZERO) + pod.total
    return {name: found[name] for name in graph.topology.tiers if name in found}


def _pools(items: Iterable[Item], order: Iterable[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for item in items:
        found[item.pool] = found.get(item.pool, ZERO) + item.monthly
    return _named(found, order)


def revenue_of(pod: PodGraph, costs: Costs) -> Decimal | Fault | None:
    """What a tenant pod is sold for a month, in the bill's currency; None where its tier has no price."""
    revenue = costs.revenue.get(pod.tier_name)
    if revenue is None:
        return None
    currency = revenue.currency or costs.currency
    rate = Decimal(1) if currency == costs.currency else costs.rates[currency].rate if currency in costs.rates else None
    if rate is None:
        pointer = ("costs", "revenue", pod.tier_name, "currency")
        return no_rate(currency, costs.currency, pointer, f"revenue of tier {pod.tier_name}")
    count = len(pod.tenant.orgs) if revenue.per == "org" else 1
    return (revenue.monthly * count * rate).quantize(CENT)
