"""The bill of an environment: what its topology declares, at the prices of the book, and what the page states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.cost.model import Bill, Category, Fault, Item, Unknown, Use
from solutio_topology.cost.network import egress, load_balancers
from solutio_topology.cost.nodes import control_plane, nodes, pool_of, single_control_plane
from solutio_topology.cost.prices import book_of
from solutio_topology.cost.pricing import Pricing
from solutio_topology.cost.shares import Shares
from solutio_topology.cost.storage import object_storage, registry, volumes

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Node
    from solutio_topology.spec.costs import CostItem
    from solutio_topology.spec.topology import Topology


def bill_of(graph: EnvironmentGraph) -> Bill:
    """What an environment costs a month; what could not be priced is among its faults."""
    costs = graph.topology.costs
    pricing = Pricing(book_of(graph.topology, graph.platform.orchestrator), costs.currency, costs.rates)
    shares = Shares(graph)
    pays = graph.name == paying(graph.topology)
    page = costs.items if pays else {}
    parts = list(_derived(graph, pricing, shares, pays=pays))
    paged = _paged([part for part in parts if isinstance(part, Item)], page)
    named = {item.page for item in paged}
    stated = list(_stated(graph, pricing, shares, {key: item for key, item in page.items() if key not in named}))
    lines = [*paged, *(part for part in stated if isinstance(part, Item))]
    unpriced = tuple(_unpriced(graph, lines))
    return Bill(
        environment=graph.name,
        currency=costs.currency,
        items=tuple(_in_order(lines, page)),
        unknown=(*_without_price(unpriced), *(part for part in parts if isinstance(part, Unknown))),
        unpriced=unpriced,
        notes=(*_elsewhere(graph), *single_control_plane(graph, pricing)),
        faults=tuple(dict.fromkeys(part for part in [*parts, *stated] if isinstance(part, Fault))),
    )


def paying(topology: Topology) -> str:
    """The environment that the page's items are of, and that pays for what an account has once."""
    return topology.costs.environment or next(iter(topology.environments))


def _derived(
    graph: EnvironmentGraph, pricing: Pricing, shares: Shares, *, pays: bool
) -> Iterator[Item | Fault | Unknown]:
    stated = frozenset(item.service for item in graph.topology.costs.items.values() if item.service)
    yield from nodes(graph, pricing, shares)
    yield from control_plane(graph, pricing, shares)
    yield from volumes(graph, pricing, shares)
    yield from load_balancers(graph, pricing, shares)
    yield from object_storage(graph, pricing, shares, pays=pays, stated=stated)
    yield from registry(graph, pricing, shares, pays=pays)
    yield from egress(graph, pricing, shares)


def _paged(items: list[Item], page: dict[str, CostItem]) -> list[Item]:
    """The derived lines, each with the item of the page that states the same."""
    by_pool = {item.pool: key for key, item in reversed(page.items()) if item.pool}
    by_service = {item.service: key for key, item in reversed(page.items()) if item.service and not item.pool}
    return [_with_page(item, by_pool, by_service, page) for item in items]


def _with_page(item: Item, by_pool: dict[str, str], by_service: dict[str, str], page: dict[str, CostItem]) -> Item:
    key = None
    if item.category is Category.NODES:
        key = by_pool.get(item.pool)
    elif item.category is Category.OBJECT_STORAGE:
        key = by_service.get(item.service)
    if key is None:
        return item
    title = page[key].title
    named = title if item.category is Category.NODES else item.title.replace("object storage", title, 1)
    return replace(item, page=key, title=named)


def _stated(
    graph: EnvironmentGraph, pricing: Pricing, shares: Shares, items: dict[str, CostItem]
) -> Iterator[Item | Fault]:
    """Lines for the items that nothing derives. One for a pool that is not there prices nothing."""
    for key, item in items.items():
        if item.pool is None or item.pool in graph.platform.pools:
            yield pricing.stated(key, item, _uses(graph, shares, item), _pool(graph, item))


def _uses(graph: EnvironmentGraph, shares: Shares, item: CostItem) -> tuple[Use, ...]:
    node = graph.pods[0].nodes.get(item.service or "")
    return shares.of_all() if node is None else shares.of_service(node)


def _pool(graph: EnvironmentGraph, item: CostItem) -> str:
    node = graph.pods[0].nodes.get(item.service or "")
    return item.pool or (pool_of(graph, node) if node is not None and node.in_cluster else "")


def _unpriced(graph: EnvironmentGraph, lines: Iterable[Item]) -> Iterator[str]:
    """The services that neither a line nor a node pool pays for. What the page's environment pays is paid."""
    stated = {item.service for item in graph.topology.costs.items.values()}
    bought = {item.service for item in lines if item.category in (Category.OBJECT_STORAGE, Category.PLANS)}
    for key, node in graph.pods[0].nodes.items():
        runs_on = node.in_cluster and pool_of(graph, node)
        if costs_something(node) and not (key in stated | bought or runs_on):
            yield key


def costs_something(node: Node) -> bool:
    """Whether it is run or bought: people's devices are their own."""
    return node.component.kind != "client" and node.placement != "client"


def _without_price(services: tuple[str, ...]) -> Iterator[Unknown]:
    if services:
        item = f"{services[0]}: {{title: …, monthly: …, service: {services[0]}}}"
        why = f"nothing says what they cost: {', '.join(services)}"
        yield Unknown("services without a price", why, f"state it: costs: {{items: {{{item}}}}}")


def _in_order(items: list[Item], page: Iterable[str]) -> list[Item]:
    """The page's lines first, in its order; the others as they were derived."""
    rank = {key: number for number, key in enumerate(page)}
    return sorted(items, key=lambda item: rank.get(item.page, len(rank)))


def _elsewhere(graph: EnvironmentGraph) -> Iterator[str]:
    """What another environment pays for this one, too."""
    where = paying(graph.topology)
    if where == graph.name:
        return
    keys = [key for key, item in graph.topology.costs.items.items() if item.pool is None]
    if keys:
        yield f"counted in {where}, not here: {', '.join(keys)}"
    yield f"what the account pays once (registry, object storage) is counted in {where}"
