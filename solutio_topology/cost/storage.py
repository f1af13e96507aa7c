"""What storage costs: volumes of services, object storage, and the registry of images."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Category, Fault, Item, Unknown
from solutio_topology.cost.nodes import pool_of
from solutio_topology.cost.prices import OBJECT_STORAGE, OBJECT_STORAGE_GIB, REGISTRY_GIB, VOLUME
from solutio_topology.cost.pricing import Pricing, Wanted
from solutio_topology.cost.shares import Shares
from solutio_topology.spec.consistency import OBJECT_STORAGE as BUCKETS
from solutio_topology.spec.values import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solutio_topology.cost.prices import Price
    from solutio_topology.graph.model import EnvironmentGraph, Node

GIB = Decimal(1024) ** 3
_REGISTRY_HOST = "registry.digitalocean.com"


def gib(quantity: str) -> Decimal:
    """A Kubernetes quantity in GiB, exactly."""
    return amount(quantity) / GIB


def volumes(graph: EnvironmentGraph, pricing: Pricing, shares: Shares) -> Iterator[Item | Fault]:
    """A line for the volumes of each service: whole GiB, as the provider makes them."""
    for pod in graph.pods:
        for node in pod.nodes.values():
            for name, count, size in claims(node):
                whole = gib(size).to_integral_value(ROUND_CEILING)
                wanted = Wanted(
                    name=f"volume/{node.ref}/{name}",
                    title=f"volume of {node.ref.service}" + (f" ({name})" if name != "data" else ""),
                    category=Category.VOLUMES,
                    quantity=count * whole,
                    uses=shares.of_service(node),
                    pointer=("services", node.ref.service),
                    pool=pool_of(graph, node),
                    service=node.ref.service,
                )
                yield pricing.line(wanted, VOLUME)


def claims(node: Node) -> Iterator[tuple[str, int, str]]:
    """The claims of a service: name, how many, and the size of each. Counted at the fewest replicas."""
    if not node.in_cluster:
        return
    if node.storage is not None and (node.component.kind != "workload" or node.storage.path is not None):
        # An operator and a StatefulSet make a claim for each replica; the replicas of a Deployment share one.
        each = node.component.kind != "workload" or node.component.workload == "StatefulSet"
        yield "data", node.min_replicas if each else 1, node.storage.size
    for name, volume in node.volumes.items():
        if volume.claim:
            yield name, 1, volume.size


def object_storage(
    graph: EnvironmentGraph, pricing: Pricing, shares: Shares, *, pays: bool, stated: frozenset[str]
) -> Iterator[Item | Fault | Unknown]:
    """The subscription, once per account, and what is stored beyond what it includes.

    `pays`: whether this environment pays for what the account has once. `stated`: services whose amount the topology
    states; where it does not say how much they store, that amount stands.
    """
    stored = _stored(graph)
    buckets = [node for pod in graph.pods for node in pod.nodes.values() if node.component_name == BUCKETS]
    buckets = [node for node in buckets if node.ref.service in stored or node.ref.service not in stated]
    plan = pricing.book.price(OBJECT_STORAGE)
    if not buckets or (plan is None and not stored):
        return
    if pays:
        yield from _subscription(pricing, shares, buckets)
    told = [(node, _weight(stored[node.ref.service])) for node in buckets if node.ref.service in stored]
    for node in buckets:
        if node.ref.service not in stored and pays:
            yield _not_stated(graph.name, node.ref.service, plan, pricing)
    if told:
        included = plan.included_gib if plan is not None and pays else Decimal(0)
        yield _beyond(graph, pricing, shares, told, included)


def _weight(stored_gib: Decimal) -> int:
    return int(stored_gib * GIB)


def _stored(graph: EnvironmentGraph) -> Mapping[str, Decimal]:
    """GiB in object storage by service, as far as the topology says."""
    usage = graph.topology.costs.usage.get(graph.name)
    return {} if usage is None else {service: gib(size) for service, size in usage.stored.items()}


def _subscription(pricing: Pricing, shares: Shares, buckets: list[Node]) -> Iterator[Item | Fault]:
    wanted = Wanted(
        name="object-storage",
        title="object storage",
        category=Category.OBJECT_STORAGE,
        quantity=Decimal(1),
        uses=shares.of_services([(node, 1) for node in buckets]),
        pointer=("services", buckets[0].ref.service),
        service=buckets[0].ref.service,
    )
    yield pricing.line(wanted, OBJECT_STORAGE)


def _beyond(
    graph: EnvironmentGraph, pricing: Pricing, shares: Shares, told: list[tuple[Node, int]], included: Decimal
) -> Item | Fault:
    whole = sum(_stored(graph).values(), Decimal(0))
    service = told[0][0].ref.service
    wanted = Wanted(
        name="object-storage/stored",
        title=f"object storage beyond {included:f} GiB" if included else "object storage",
        category=Category.OBJECT_STORAGE,
        quantity=max(whole - included, Decimal(0)),
        uses=shares.of_services(told if any(weight for _, weight in told) else [(node, 1) for node, _ in told]),
        pointer=("costs", "usage", graph.name, "stored"),
        service=service,
    )
    return pricing.line(wanted, OBJECT_STORAGE_GIB)


def _not_stated(environment: str, service: str, plan: Price | None, pricing: Pricing) -> Unknown:
    each = pricing.book.price(OBJECT_STORAGE_GIB)
    price = f"; each further GiB costs {each.amount} {each.currency}" if each else ""
    included = (
        f"{plan.included_gib:f} GiB are included{price}" if plan else "how much is kept there decides what it costs"
    )
    return Unknown(
        f"storage of {service}",
        f"how much is stored is not stated: {included}",
        f"state it: {_usage(environment, 'stored', service)}",
    )


def _usage(*path: str) -> str:
    """Where an amount that is not stated goes, on one line."""
    return f"costs: {{usage: {{{': {'.join(path)}: 100Gi{'}' * (len(path) + 1)}"


def registry(
    graph: EnvironmentGraph, pricing: Pricing, shares: Shares, *, pays: bool
) -> Iterator[Item | Fault | Unknown]:
    """The cheapest plan of the provider's registry that holds one's own images, once per account."""
    if not graph.platform.registry.startswith(_REGISTRY_HOST) or not pays:
        return
    names = own_images(graph)
    usage = graph.topology.costs.usage.get(graph.name)
    size = None if usage is None or usage.registry is None else gib(usage.registry)
    plan = _plan(pricing, len(names), size or Decimal(0))
    if plan is None:
        return
    holds = "any number of" if plan.repositories == 0 else str(plan.repositories)
    wanted = Wanted(
        name="registry",
        title=f"registry: {len(names)} image" + ("" if len(names) == 1 else "s"),
        category=Category.REGISTRY,
        quantity=Decimal(1),
        uses=shares.of_all(),
        pointer=("platform", "registry"),
    )
    yield pricing.line(wanted, plan.key)
    if size is None:
        why = f"the size of the images is not stated: the plan for {holds} images includes {plan.included_gib:f} GiB"
        yield Unknown("storage of the registry", why, f"state it: {_usage(graph.name, 'registry')}")
    elif size > plan.included_gib:
        more = Wanted(
            name="registry/stored",
            title=f"registry beyond {plan.included_gib:f} GiB",
            category=Category.REGISTRY,
            quantity=size - plan.included_gib,
            uses=shares.of_all(),
            pointer=("costs", "usage", graph.name, "registry"),
        )
        yield pricing.line(more, REGISTRY_GIB)


def own_images(graph: EnvironmentGraph) -> list[str]:
    """The repositories of the platform's registry that the services' images come from."""
    found: set[str] = set()
    for pod in graph.pods:
        for node in pod.nodes.values():
            containers = [*node.service.init.values(), *node.service.sidecars.values()]
            images = [node.service.image or node.component.image, *(each.image for each in containers)]
            known = (None, graph.platform.registry)
            found |= {image.name for image in images if node.in_cluster and image and image.registry in known}
    return sorted(found)


def _plan(pricing: Pricing, images: int, size: Decimal) -> Price | None:
    """The plan that costs least for so many images of this size; the free one takes no more than it includes."""
    each = pricing.book.price(REGISTRY_GIB)
    found: list[tuple[Decimal, Price]] = []
    for plan in pricing.book.plans():
        more = max(size - plan.included_gib, Decimal(0))
        if plan.repositories and plan.repositories < images:
            continue
        if more and (each is None or not plan.amount):
            continue
        found.append((plan.amount + more * (each.amount if each else 0), plan))
    return min(found, key=lambda pair: (pair[0], pair[1].key))[1] if found else None
