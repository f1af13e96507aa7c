"""Who uses what is paid for: the tenant pods that a service serves, and how much of a node each service takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Use
from solutio_topology.spec.values import amount

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph


class Shares:
    """The parts of an environment's tenant pods in what they use, as ``costs.shared`` says."""

    def __init__(self, graph: EnvironmentGraph) -> None:
        self._graph = graph
        self._mode = graph.topology.costs.shared

    @cached_property
    def _weights(self) -> dict[str, int]:
        """What each tenant pod counts: its organizations (one that names none counts as one), or one each."""
        by_org = self._mode != "pods"
        return {pod.pod: max(len(pod.tenant.orgs), 1) if by_org else 1 for pod in self._graph.pods}

    def users(self, node: Node) -> tuple[str, ...]:
        """The tenant pods that a service serves: its own, and those whose tier shares it."""
        key = node.ref.service
        if node.ref.pod != self._graph.pods[0].pod:
            return (node.ref.pod,)
        others = (pod.pod for pod in self._graph.pods[1:] if key not in pod.nodes and _may_use(pod, key))
        return (node.ref.pod, *others)

    def of_service(self, node: Node) -> tuple[Use, ...]:
        """The parts in something that one service alone needs."""
        return tuple(Use(node.layer, user, self._weights[user]) for user in self.users(node))

    def of_services(self, services: Sequence[tuple[Node, int]]) -> tuple[Use, ...]:
        """The parts in something that several services need, each as much as its weight says."""
        users = [self.users(node) for node, _ in services]
        if self._mode != "requests":
            users = [tuple(dict.fromkeys(user for each in users for user in each))] * len(users)
        wholes = [sum(self._weights[user] for user in each) for each in users]
        # Weights are whole numbers of one unit: what divides by every sum of weights.
        unit = math.lcm(*wholes)
        found: dict[tuple[str, str], int] = {}
        for (node, weight), each, whole in zip(services, users, wholes, strict=True):
            for user in each:
                key = (node.layer, user)
                found[key] = found.get(key, 0) + weight * self._weights[user] * (unit // whole)
        return tuple(Use(layer, pod, weight) for (layer, pod), weight in found.items())

    def of_all(self) -> tuple[Use, ...]:
        """The parts in something that everyone needs, and that belongs to no layer."""
        return tuple(Use("", pod, weight) for pod, weight in self._weights.items())


def _may_use(pod: PodGraph, service: str) -> bool:
    """Whether a tenant pod that has no such service of its own uses the shared one."""
    if pod.tier.shares is not None:
        return service in pod.tier.shares
    return service not in pod.tier.dedicates


def node_weights(graph: EnvironmentGraph, nodes: Sequence[Node]) -> list[tuple[Node, int]]:
    """How much of a pool each of the services on it takes: the mean of its shares in requested CPU and memory.

    Counted at the fewest replicas. Where nothing is requested all count alike.
    """
    requested = [_requested(graph, node) for node in nodes]
    cpu, memory = sum(each[0] for each in requested), sum(each[1] for each in requested)
    if not cpu or not memory:
        return [(node, 1) for node in nodes]
    return [(node, each[0] * memory + each[1] * cpu) for node, each in zip(nodes, requested, strict=True)]


def _requested(graph: EnvironmentGraph, node: Node) -> tuple[int, int]:
    """CPU and memory that the pods of a service request together, in thousandths; processes and sidecars included."""
    parts = [(node.min_replicas, node.resources)]
    parts += [(node.min_replicas, each.resources) for each in node.service.sidecars.values()]
    for process in node.processes.values():
        fewest = process.replicas if isinstance(process.replicas, int) else process.replicas.min
        parts.append((fewest, graph.topology.sizes[process.size] if process.size else node.resources))
    known = [(count, each) for count, each in parts if each is not None]
    cpu = sum(count * thousandths(each.cpu) for count, each in known)
    return cpu, sum(count * thousandths(each.memory) for count, each in known)


@cache
def thousandths(quantity: str) -> int:
    """A quantity in the smallest unit that Kubernetes counts in, rounded up as it does."""
    return math.ceil(amount(quantity) * 1000)
