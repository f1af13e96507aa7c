"""Connections between many workloads at once, without spelling out their pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from solutio_topology.reach.bits import bits_of, members
from solutio_topology.reach.classes import Classes
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.ports import PortSet


class Population:
    """All workloads by the position of their class: what sets of nodes are sets of."""

    def __init__(self, classes: Classes, order: list[int], workloads: tuple[WorkloadNode, ...]) -> None:
        self.members = [classes.members[number] for number in order]
        self.workloads = workloads
        position = {number: place for place, number in enumerate(order)}
        self.of_workload = [position[number] for number in classes.of_workload]
        self.crowded = bits_of(place for place, each in enumerate(self.members) if len(each) > 1)


class NodeSet(Collection[WorkloadNode]):
    """Workloads as a set of positions of classes. Iterates in the order of the facts; its length costs little."""

    __slots__ = ("_bits", "_population")

    def __init__(self, population: Population, bits: int) -> None:
        self._population = population
        self._bits = bits

    def __iter__(self) -> Iterator[WorkloadNode]:
        population = self._population
        indexes = (index for place in members(self._bits) for index in population.members[place])
        return (population.workloads[index] for index in sorted(indexes))

    def __len__(self) -> int:
        population = self._population
        alone = (self._bits & ~population.crowded).bit_count()
        crowds = members(self._bits & population.crowded)
        return alone + sum(len(population.members[place]) for place in crowds)

    def __contains__(self, node: object) -> bool:
        if not isinstance(node, WorkloadNode):
            return False
        return bool(self._bits >> self._population.of_workload[node.index] & 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeSet) and self._bits == other._bits

    def __hash__(self) -> int:
        return hash(self._bits)


class Block(Struct, frozen=True):
    """Every one of `sources` can open `ports` to every one of `destinations` (but no workload to itself)."""

    sources: NodeSet
    destinations: NodeSet
    ports: PortSet
