"""``C``: bills that do not add up, prices that are missing or old, budgets that do not hold.

All but the first two look at the derived bill, and only where the topology speaks of costs at all.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.inputs import Intent
from solutio_topology.cost.derive import costs_something, paying
from solutio_topology.cost.model import Kind, total
from solutio_topology.cost.nodes import services_by_pool
from solutio_topology.cost.prices import KEYS
from solutio_topology.cost.pricing import no_rate
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.spec.source import dotted

if TYPE_CHECKING:
    from solutio_topology.cost.model import Fault, Item
    from solutio_topology.graph.model import Node
    from solutio_topology.spec.costs import CostItem

BILL = Rule(
    code="C001",
    name="bill-does-not-add-up",
    severity=Severity.ERROR,
    summary="Cost items whose sum is not the declared total.",
    rationale="One of the two numbers is what is told to the board.",
    example="items of 358 under a total of 400",
    remedy="correct the items or the total, or state the tolerance",
)
PRICED_ELSEWHERE = Rule(
    code="C002",
    name="priced-as-something-else",
    severity=Severity.WARNING,
    summary="A cost item that prices a service as something that it is not.",
    rationale="The bill and the drawing cannot both be right.",
    example="PostgreSQL drawn in the cluster and priced as a droplet",
    remedy="correct the item or the placement, or acknowledge it with the reason",
)
DISAGREES = Rule(
    code="C003",
    name="item-disagrees-with-prices",
    severity=Severity.ERROR,
    summary="A cost item whose amount is not what its pool or storage costs at the prices of the book.",
    rationale="Pools are resized and prices change; the amount on the page is what somebody once typed.",
    example="items: {nodes: {pool: apps, monthly: 144}} beside pools: {apps: {size: s-4vcpu-8gb, nodes: 4}}",
    remedy="correct the amount, the pool or the usage; a price of your own goes under `costs.prices`",
)
UNPRICED = Rule(
    code="C004",
    name="service-without-price",
    severity=Severity.WARNING,
    summary="A service that runs or is bought, and that nothing prices.",
    rationale="The bill says less than is paid, and nobody sees by how much.",
    example="an external model vendor without a cost item",
    remedy="add an item that names the service, or acknowledge that it costs nothing or cannot be told",
)
PRICES_NOTHING = Rule(
    code="C005",
    name="item-prices-nothing",
    severity=Severity.WARNING,
    summary="A cost item for something that is not there.",
    rationale="Either it is still paid for and not needed, or the page tells of a cost that is gone.",
    example="an item for pool media after the pool was removed",
    remedy="remove the item, or name the pool or the service that it pays for",
)
OLD_PRICE = Rule(
    code="C006",
    name="old-price",
    severity=Severity.WARNING,
    summary="A price or an exchange rate that was looked up too long ago.",
    rationale="A bill from old prices looks as exact as one from today's.",
    example="a price of 2024 under maxPriceAge: 365",
    remedy="look it up again and state it under `costs` with its date, or refresh the price book (tools/prices.py)",
)
OVER_BUDGET = Rule(
    code="C007",
    name="over-budget",
    severity=Severity.ERROR,
    summary="An environment, tier or tenant pod that costs more than it may.",
    rationale="The budget is what was agreed on; the change that breaks it is the moment to speak of it.",
    example="budgets: {environments: {prod: 500}} and a bill of 547",
    remedy="make it cheaper, or agree on another budget; `solutio cost` shows what it is made of",
)
NO_PRICE = Rule(
    code="C008",
    name="price-missing",
    severity=Severity.ERROR,
    summary="A machine size, or something else that is charged for, that the price book lacks.",
    rationale="Without its price the bill would be too low, silently.",
    example="pools: {apps: {size: s-4vcpu-9gb, nodes: 3}}",
    remedy="correct the size, or state its price under `costs.prices`",
)
NO_RATE = Rule(
    code="C009",
    name="currency-without-rate",
    severity=Severity.ERROR,
    summary="Two currencies in one bill, and no rate between them.",
    rationale="Amounts in two currencies cannot be added up.",
    example="currency: BRL with list prices in USD, and no rates",
    remedy="state the rate, its date and its source under `costs.rates`",
)
AT_A_LOSS = Rule(
    code="C010",
    name="sold-at-a-loss",
    severity=Severity.WARNING,
    summary="A tenant pod that costs more than its tier is sold for.",
    rationale="Each further customer of the tier makes the loss greater.",
    example="revenue: {enterprise: {monthly: 100}} and a dedicated node pool of 96 beside 84 of other costs",
    remedy="raise the price, or make the tier cheaper",
)
UNKNOWN_PRICE = Rule(
    code="C011",
    name="unknown-price",
    severity=Severity.WARNING,
    summary="A price of one's own under a key that nothing asks for, and that looks like one that something does.",
    rationale="The list price is still used, and the bill looks as if the own one were.",
    example="prices: {volumes: {amount: 0.08, …}} instead of volume",
    remedy="correct the key",
)
RULES_BY_FAULT = {"price": NO_PRICE, "currency": NO_RATE}


def _speaks_of_costs(intent: Intent) -> bool:
    return "costs" in intent.graph.topology.model_fields_set


def _is_paying(intent: Intent) -> bool:
    """Whether the page speaks of this environment."""
    return _speaks_of_costs(intent) and intent.graph.name == paying(intent.graph.topology)


def _worth(intent: Intent, item: CostItem) -> Decimal | None:
    """An item's amount in the bill's currency; None without a rate."""
    costs = intent.graph.topology.costs
    if item.currency in (None, costs.currency):
        return item.monthly
    rate = costs.rates.get(item.currency or "")
    return None if rate is None else item.monthly * rate.rate


def _tolerated(intent: Intent, amount: Decimal) -> Decimal:
    """How far from `amount` still counts as it."""
    declared = intent.graph.topology.costs.declared
    return Decimal(0) if declared is None else amount * Decimal(declared.tolerance.rstrip("%")) / 100


def bill(intent: Intent) -> Iterator[Finding]:
    """The declared total against the sum of its items."""
    costs = intent.graph.topology.costs
    worth = [_worth(intent, item) for item in costs.items.values()]
    if costs.declared is None or None in worth:
        return
    whole = sum((amount for amount in worth if amount is not None), Decimal(0))
    if abs(whole - costs.declared.monthly) > _tolerated(intent, costs.declared.monthly):
        where = intent.locate("costs.declared.monthly")
        message = (
            f"the items add up to {whole} {costs.currency}, and {costs.declared.monthly} is declared "
            f"(tolerance {costs.declared.tolerance})"
        )
        yield BILL.finding(message, where, subject="costs")


def priced_elsewhere(intent: Intent) -> Iterator[Finding]:
    """Items that price a service as what it is not."""
    for key, item in intent.graph.topology.costs.items.items():
        node = intent.graph.pods[0].nodes.get(item.service or "")
        if node is not None and item.placement is not None and item.placement != node.placement:
            where = intent.locate(f"costs.items.{key}")
            message = f"{item.title} prices {item.service} as {item.placement}, and it runs as {node.placement}"
            yield PRICED_ELSEWHERE.finding(message, where, subject=f"cost {key}")


def disagrees(intent: Intent) -> Iterator[Finding]:
    """Items of the page against the derived lines that they state."""
    if not _is_paying(intent):
        return
    costs = intent.graph.topology.costs
    for key, item in costs.items.items():
        lines = tuple(each for each in intent.bill.items if each.page == key and each.kind is Kind.DERIVED)
        stated, derived = _worth(intent, item), total(lines)
        if lines and stated is not None and abs(derived - stated) > _tolerated(intent, stated):
            where = intent.locate(f"costs.items.{key}.monthly")
            made_of = ", ".join(f"{each.quantity:f} × {each.unit_price} ({each.price_key})" for each in lines)
            message = f"{item.title} is {stated} {costs.currency} on the page, and {derived} at {made_of}"
            yield DISAGREES.finding(message, where, subject=f"cost {key}")


def unpriced(intent: Intent) -> Iterator[Finding]:
    """Services that no line and no item pays for."""
    if not _speaks_of_costs(intent):
        return
    for key in intent.bill.unpriced:
        where = intent.locate(f"services.{key}")
        title = intent.graph.pods[0].nodes[key].title
        yield UNPRICED.finding(f"nothing prices {key} ({title})", where, subject=f"service {key}")


def prices_nothing(intent: Intent) -> Iterator[Finding]:
    """Items for what is not there."""
    if not _is_paying(intent):
        return
    on_pools = services_by_pool(intent.graph)
    for key, item in intent.graph.topology.costs.items.items():
        why = _why_nothing(intent, item, on_pools)
        if why:
            where = intent.locate(f"costs.items.{key}")
            yield PRICES_NOTHING.finding(f"{item.title} prices nothing: {why}", where, subject=f"cost {key}")


def _why_nothing(intent: Intent, item: CostItem, on_pools: dict[str, list[Node]]) -> str:
    if item.pool is None and item.service is None:
        return "it names neither a pool nor a service"
    if item.pool is not None:
        pool = intent.graph.platform.pools.get(item.pool)
        if pool is None or not pool.nodes:
            return f"{intent.graph.name} has no nodes in pool {item.pool}"
        if item.pool not in on_pools:
            return f"no service runs on pool {item.pool}"
    node = intent.graph.pods[0].nodes.get(item.service or "")
    if node is not None and not costs_something(node):
        return f"{item.service} is people's own"
    if node is not None and node.in_cluster and node.max_replicas == 0:
        return f"{item.service} has no replicas"
    return ""


def old_prices(intent: Intent) -> Iterator[Finding]:
    """Prices that the bill is made of, and rates, that are older than they may be."""
    if not _speaks_of_costs(intent) or intent.today is None:
        return
    costs = intent.graph.topology.costs
    used = {_subject(item): item for item in intent.bill.items}
    dated = [(subject, item.listing.date, _place_of_date(intent, item)) for subject, item in used.items()]
    rates = ((f"rate {name}", rate.date, f"costs.rates.{name}") for name, rate in costs.rates.items())
    for subject, date, pointer in (*dated, *rates):
        if date is not None and (age := (intent.today - date).days) > costs.max_price_age:
            where = intent.locate(pointer)
            message = f"{subject} is of {date}, {age} days ago; {costs.max_price_age} are allowed"
            yield OLD_PRICE.finding(message, where, subject=subject)


def _subject(item: Item) -> str:
    return f"price {item.price_key}" if item.price_key else f"cost {item.page}"


def _place_of_date(intent: Intent, item: Item) -> str:
    """Where the topology says how old a price is; of a list price, what uses it."""
    if item.price_key in intent.graph.topology.costs.own_prices:
        return f"costs.prices.{item.price_key}.date"
    return dotted(item.pointer) if item.kind is Kind.DERIVED else f"costs.items.{item.page}.date"


def over_budget(intent: Intent) -> Iterator[Finding]:
    """What costs more than it may. Tiers and tenant pods are judged where they are sold."""
    if not _speaks_of_costs(intent):
        return
    budgets = intent.graph.topology.costs.budgets
    limits = [("environment", "environments", intent.graph.name, budgets.environments, intent.bill.total)]
    if _is_paying(intent):
        limits += [("tier", "tiers", name, budgets.tiers, cost) for name, cost in intent.totals.tiers.items()]
        limits += [("tenant pod", "pods", pod.pod, budgets.pods, pod.total) for pod in intent.totals.pods]
    for kind, field, name, known, cost in limits:
        if name in known and cost > known[name]:
            where = intent.locate(f"costs.budgets.{field}.{name}")
            message = f"{kind} {name} costs {cost} {intent.bill.currency} a month, and {known[name]} is its budget"
            yield OVER_BUDGET.finding(message, where, subject=f"{kind} {name}")


def missing_prices(intent: Intent) -> Iterator[Finding]:
    """What the bill lacks for want of a price."""
    return _faults(intent, NO_PRICE, intent.bill.faults if _speaks_of_costs(intent) else ())


def missing_rates(intent: Intent) -> Iterator[Finding]:
    """What the bill lacks for want of an exchange rate."""
    faults = (*intent.bill.faults, *intent.totals.faults) if _speaks_of_costs(intent) else ()
    return _faults(intent, NO_RATE, (*faults, *_items_without_rate(intent)))


def _items_without_rate(intent: Intent) -> Iterator[Fault]:
    """Items that a derived line stands for, and whose own amount is in a currency without a rate."""
    costs = intent.graph.topology.costs
    for key, item in costs.items.items():
        if item.currency is not None and _worth(intent, item) is None:
            pointer = ("costs", "items", key, "currency")
            yield no_rate(item.currency, costs.currency, pointer, f"cost {key}")


def _faults(intent: Intent, rule: Rule, faults: Iterable[Fault]) -> Iterator[Finding]:
    for fault in dict.fromkeys(faults):
        if RULES_BY_FAULT[fault.rule] is rule:
            where = intent.locate(dotted(fault.pointer))
            yield rule.finding(fault.message, where, subject=fault.subject, remedy=fault.remedy)


def at_a_loss(intent: Intent) -> Iterator[Finding]:
    """Tenant pods whose tier is sold for less than they cost."""
    for pod in intent.totals.pods if _is_paying(intent) else ():
        if pod.margin is not None and pod.margin < 0:
            where = intent.locate(f"costs.revenue.{pod.tier}")
            message = f"tenant pod {pod.pod} costs {pod.total} {intent.bill.currency} a month and brings {pod.revenue}"
            yield AT_A_LOSS.finding(message, where, subject=f"tenant pod {pod.pod}")


def unknown_prices(intent: Intent) -> Iterator[Finding]:
    """Prices of one's own that nothing asks for, under keys that come near one of the book's."""
    used = {item.price_key for item in intent.bill.items}
    for key in intent.graph.topology.costs.own_prices:
        near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.8)
        if near and key not in used and key not in KEYS:
            where = intent.locate(f"costs.prices.{key}")
            message = f"nothing asks for a price {key!r}; did you mean {near[0]!r}?"
            yield UNKNOWN_PRICE.finding(message, where, subject=f"price {key}")


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(BILL, bill),
    GraphCheck(PRICED_ELSEWHERE, priced_elsewhere),
    GraphCheck(DISAGREES, disagrees),
    GraphCheck(UNPRICED, unpriced),
    GraphCheck(PRICES_NOTHING, prices_nothing),
    GraphCheck(OLD_PRICE, old_prices),
    GraphCheck(OVER_BUDGET, over_budget),
    GraphCheck(NO_PRICE, missing_prices),
    GraphCheck(NO_RATE, missing_rates),
    GraphCheck(AT_A_LOSS, at_a_loss),
    GraphCheck(UNKNOWN_PRICE, unknown_prices),
)
