"""The connections between classes, row by row: what one class of sources may open to every class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from solutio_topology.reach.bits import members
from solutio_topology.reach.partition import Partition, Share
from solutio_topology.reach.ports import PortSet
from solutio_topology.reach.solution import DirectionResult
from solutio_topology.reach.universe import Universe


@dataclass(frozen=True, slots=True)
class GroupedRow:
    """Classes of sources with one and the same row."""

    sources: int
    parts: tuple[Share, ...]


class Rows:
    """Egress profiles joined with the ingress profiles turned round. A row is made when it is asked for."""

    def __init__(self, universe: Universe, egress: DirectionResult, ingress: DirectionResult, *, widest: bool) -> None:
        self._pods = universe.pods
        self._egress = egress.perhaps_of if widest else egress.sure_of
        self._ingress = ingress.perhaps_of if widest else ingress.sure_of
        self._count = len(universe.classes.classes)
        self._common: Partition = {}
        self._admitted: list[list[Share]] = [[] for _ in range(self._count)]
        self._turn_round()

    def _turn_round(self) -> None:
        """Ingress per source: what every pod may (the common part), and what each may besides.

        Destinations that admit the same sources to the same ports are joined first, so that the work grows with
        the distinct answers and not with the pairs of pods.
        """
        joined: dict[tuple[PortSet, int], int] = {}
        for number in range(self._count):
            for ports, bits in self._ingress(number).items():
                key = (ports, bits & self._pods)
                joined[key] = joined.get(key, 0) | 1 << number
        for (ports, sources), destinations in joined.items():
            if sources == self._pods:
                self._common[ports] = self._common.get(ports, 0) | destinations
                continue
            for source in members(sources):
                self._admitted[source].append((ports, destinations))

    def row(self, source: int) -> Partition:
        """What one class may open to every class, itself included."""
        reverse = dict(self._common)
        for ports, bits in self._admitted[source]:
            reverse[ports] = reverse.get(ports, 0) | bits
        found: Partition = {}
        for out, there in self._egress(source).items():
            for into, here in reverse.items():
                both = there & here
                if both and (ports := out & into):
                    found[ports] = found.get(ports, 0) | both
        return found

    def grouped(self) -> Iterator[GroupedRow]:
        """All rows, equal ones joined, in the order of their first class."""
        groups: dict[tuple[Share, ...], int] = {}
        for source in range(self._count):
            parts = tuple(sorted(self.row(source).items()))
            groups[parts] = groups.get(parts, 0) | 1 << source
        for parts, sources in groups.items():
            yield GroupedRow(sources, parts)
