"""Who uses what is paid for: the tenant pods that a service serves, and how much of a node each service takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Use
from solutio_topology.spec.values import amount

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph
    from solutio_topology.spec.workload import Resources


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
        return self._split([(node.layer, Fraction(1))], self.users(node))

    def of_services(self, services: Sequence[tuple[Node, Fraction]]) -> tuple[Use, ...]:
        """The parts in something that several services need, each as much as its weight says."""
        if self._mode == "requests":
            parts = (use for node, weight in services for use in self._split([(node.layer, weight)], self.users(node)))
            return _merged(parts)
        users = dict.fromkeys(user for node, _ in services for user in self.users(node))
        return _merged(self._split([(node.layer, weight) for node, weight in services], tuple(users)))

    def of_all(self) -> tuple[Use, ...]:
        """The parts in something that everyone needs, and that belongs to no layer."""
        return self._split([("", Fraction(1))], tuple(self._weights))

    def _split(self, layers: Iterable[tuple[str, Fraction]], users: Sequence[str]) -> tuple[Use, ...]:
        whole = sum(self._weights[user] for user in users)
        return tuple(
            Use(layer, user, weight * Fraction(self._weights[user], whole))
            for layer, weight in layers
            for user in users
        )


def _may_use(pod: PodGraph, service: str) -> bool:
    """Whether a tenant pod that has no such service of its own uses the shared one."""
    if pod.tier.shares is not None:
        return service in pod.tier.shares
    return service not in pod.tier.dedicates


def _merged(uses: Iterable[Use]) -> tuple[Use, ...]:
    """One use for each layer and tenant pod."""
    found: dict[tuple[str, str], Fraction] = {}
    for use in uses:
        key = (use.layer, use.pod)
        found[key] = found.get(key, Fraction(0)) + use.weight
    return tuple(Use(layer, pod, weight) for (layer, pod), weight in found.items())


def node_weights(graph: EnvironmentGraph, nodes: Sequence[Node]) -> list[tuple[Node, Fraction]]:
    """How much of a pool each of the services on it takes: the mean of its shares in requested CPU and memory.

    Counted at the fewest replicas. Where nothing is requested all count alike.
    """
    requested = [_requested(graph, node) for node in nodes]
    cpu, memory = (sum((each[index] for each in requested), Fraction(0)) for index in (0, 1))
    if not cpu or not memory:
        return [(node, Fraction(1)) for node in nodes]
    return [(node, (each[0] / cpu + each[1] / memory) / 2) for node, each in zip(nodes, requested, strict=True)]


def _requested(graph: EnvironmentGraph, node: Node) -> tuple[Fraction, Fraction]:
    """CPU and bytes of memory that the pods of a service request together, processes and sidecars included."""
    beside = [each.resources for each in node.service.sidecars.values()]
    parts = [(node.min_replicas, [node.resources, *beside])]
    for process in node.processes.values():
        fewest = process.replicas if isinstance(process.replicas, int) else process.replicas.min
        own = graph.topology.sizes[process.size] if process.size else node.resources
        parts.append((fewest, [own]))
    return _sum(parts, "cpu"), _sum(parts, "memory")


def _sum(parts: list[tuple[int, list[Resources | None]]], field: str) -> Fraction:
    return sum(
        (
            Fraction(amount(getattr(each, field))) * count
            for count, found in parts
            for each in found
            if each is not None
        ),
        Fraction(0),
    )
