"""What the network costs: load balancers, and traffic that leaves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Category, Fault, Item, Unknown
from solutio_topology.cost.prices import EGRESS, LOAD_BALANCER, NETWORK_LOAD_BALANCER
from solutio_topology.cost.pricing import Pricing, Wanted
from solutio_topology.cost.shares import Shares
from solutio_topology.cost.storage import gib

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Node

_PROXIES = frozenset({"ingress-nginx"})
"""Components whose Service asks for the provider's proxying load balancer; others get one that passes packets on."""


def load_balancers(graph: EnvironmentGraph, pricing: Pricing, shares: Shares) -> Iterator[Item | Fault]:
    """A line for the load balancer of each ingress, and of each service that is reached past it."""
    for pod in graph.pods:
        for node in pod.nodes.values():
            if has_load_balancer(graph, node):
                wanted = Wanted(
                    name=f"load-balancer/{node.ref}",
                    title=f"load balancer of {node.ref.service}",
                    category=Category.LOAD_BALANCERS,
                    quantity=Decimal(1),
                    uses=shares.of_service(node),
                    pointer=("services", node.ref.service),
                    service=node.ref.service,
                )
                yield pricing.line(wanted, LOAD_BALANCER if node.component_name in _PROXIES else NETWORK_LOAD_BALANCER)


def has_load_balancer(graph: EnvironmentGraph, node: Node) -> bool:
    """Whether a Service of type LoadBalancer belongs to it."""
    if not node.in_cluster:
        return False
    past = any(link.edge.via == "load-balancer" for link in graph.incoming.get(node.ref, ()))
    return past or node.component.browser_facing


def egress(graph: EnvironmentGraph, pricing: Pricing, shares: Shares) -> Iterator[Item | Fault | Unknown]:
    """Traffic to the internet beyond what the machines include."""
    usage = graph.topology.costs.usage.get(graph.name)
    included = _included(graph, pricing)
    price = pricing.book.price(EGRESS)
    if usage is None or usage.egress is None:
        more = f": {included:,f} GiB are included with the nodes" if included else ""
        each = f"; each further GiB costs {price.amount} {price.currency}" if price else ""
        remedy = f"state it: costs: {{usage: {{{graph.name}: {{egress: 1Ti}}}}}}"
        yield Unknown("egress traffic", f"how much leaves the nodes is not stated{more}{each}", remedy)
        return
    sent = gib(usage.egress)
    wanted = Wanted(
        name="egress",
        title=f"egress beyond {included:,f} GiB",
        category=Category.EGRESS,
        quantity=max(sent - included, Decimal(0)),
        uses=shares.of_all(),
        pointer=("costs", "usage", graph.name, "egress"),
    )
    yield pricing.line(wanted, EGRESS)


def _included(graph: EnvironmentGraph, pricing: Pricing) -> Decimal:
    """GiB a month that the machines of all pools include together: the provider pools them."""
    found = ((pool.nodes, pricing.book.price(pool.size)) for pool in graph.platform.pools.values())
    return sum((count * price.included_gib for count, price in found if price is not None), Decimal(0))
