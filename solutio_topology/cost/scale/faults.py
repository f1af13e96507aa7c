"""Rules of growth that cannot be followed: what they size is not there, or may not be what they say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Fault, Pointer
from solutio_topology.cost.nodes import size_pointer
from solutio_topology.cost.scale.pools import homeless
from solutio_topology.cost.storage import gib
from solutio_topology.spec.consistency import OBJECT_STORAGE
from solutio_topology.spec.workload import Replicas

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.cost.scale.sizing import Sizer
    from solutio_topology.graph.model import Node
    from solutio_topology.spec.scale import Growth, ServiceGrowth


def faults(ground: Ground, sizer: Sizer) -> tuple[Fault, ...]:
    """Everything that makes a plan impossible, with its place."""
    return (*_services(ground), *_usage(ground), *_pools(ground, sizer), *_homeless(ground))


def _fault(pointer: Pointer, message: str, remedy: str) -> Fault:
    return Fault("scale", pointer, ".".join(map(str, pointer)), message, remedy)


def _services(ground: Ground) -> Iterator[Fault]:
    for key, growth in ground.topology.scale.services.items():
        at: Pointer = ("scale", "services", key)
        nodes = [pod.nodes[key] for pod in ground.graph.pods if key in pod.nodes]
        if not any(node.in_cluster for node in nodes):
            why = f"{key} does not run in the cluster: it has neither pods nor volumes that could grow"
            yield _fault(at, why, "put the tariffs of what is bought under scale.plans, or remove the rule")
            continue
        if growth.storage and not any(node.storage for node in nodes):
            yield _fault((*at, "storage"), f"{key} has no storage that could grow", "remove the rule")
        for node in nodes:
            yield from _limits(at, node, growth)


def _limits(at: Pointer, node: Node, growth: ServiceGrowth) -> Iterator[Fault]:
    if growth.replicas:
        yield from _fewest((*at, "replicas"), node, growth.replicas, node.replicas)
    for name, rule in growth.processes.items():
        yield from _fewest((*at, "processes", name), node, rule, node.processes[name].replicas)
    stored = growth.storage
    if stored and stored.max is not None and node.storage and gib(stored.max) < gib(node.storage.size):
        message = f"max {stored.max} is less than what the topology declares for {node.ref}: {node.storage.size}"
        yield _fault((*at, "storage", "max"), message, "raise max, or declare less")


def _fewest(at: Pointer, node: Node, rule: Growth, replicas: int | Replicas) -> Iterator[Fault]:
    declared = replicas.min if isinstance(replicas, Replicas) else replicas
    if rule.max is not None and rule.max < declared:
        message = f"max {rule.max} is less than what the topology declares for {node.ref}: {declared}"
        yield _fault((*at, "max"), message, "raise max, or declare fewer replicas")


def _usage(ground: Ground) -> Iterator[Fault]:
    for key in ground.topology.scale.usage.stored:
        component = ground.topology.services[key].component
        if component != OBJECT_STORAGE:
            message = f"{key} is {component}, and only {OBJECT_STORAGE} is paid by what is stored"
            yield _fault(("scale", "usage", "stored", key), message, "name an object storage, or remove the rule")


def _pools(ground: Ground, sizer: Sizer) -> Iterator[Fault]:
    for name, pool in ground.graph.platform.pools.items():
        if name in sizer.pools and pool.nodes and not sizer.pools[name].open_to:
            message = f"nothing may use pool {name}: no service names it, and it is closed to others"
            remedy = f"give it a service (pool: {name}), or remove the pool: its nodes are paid for"
            yield _fault(size_pointer(ground.graph, name)[:-1], message, remedy)
    for name, rule in ground.topology.scale.pools.items():
        at: Pointer = ("scale", "pools", name)
        known, declared = sizer.pools.get(name), ground.graph.platform.pools.get(name)
        if declared is None:
            yield _fault(at, f"there is no pool {name} in {ground.environment}", "name one that the environment has")
        elif known is None:
            message = (
                f"what a node of size {declared.size} offers is not known: whether pool {name} is full cannot be told"
            )
            yield _fault(at, message, f"state it: platform: {{pools: {{{name}: {{allocatable: …}}}}}}")
        elif rule.max is not None and rule.max < declared.nodes:
            message = f"max {rule.max} is less than the {declared.nodes} nodes that the topology declares"
            yield _fault((*at, "max"), message, "raise max, or declare fewer nodes")


def _homeless(ground: Ground) -> Iterator[Fault]:
    for group in homeless(ground):
        service = group.owner[1]
        pointer: Pointer = ("services", service) if service in ground.topology.services else ("platform", "pools")
        message = f"no pool takes {group.name}, however many nodes it has: what it costs cannot be told"
        yield _fault(pointer, message, "solutio cost --fit says why; give it a pool with larger nodes")
