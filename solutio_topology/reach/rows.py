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
        # Port sets by number: hashing a small integer is much cheaper than hashing a set of ports.
        self._port_sets: list[PortSet] = []
        self._common: dict[int, int] = {}
        self._admitted: list[dict[int, int]] = [{} for _ in range(self._count)]
        self._turn_round()

    def _turn_round(self) -> None:
        """Ingress per source: what every pod may (the common part), and what each may besides.

        Destinations that admit the same sources to the same ports are joined first, so that the work grows with
        the distinct answers and not with the pairs of pods.
        """
        joined: dict[PortSet, dict[int, int]] = {}
        for number in range(self._count):
            for ports, bits in self._ingress(number).items():
                group = joined.setdefault(ports, {})
                group[bits & self._pods] = group.get(bits & self._pods, 0) | 1 << number
        self._port_sets = list(joined)
        for which, group in enumerate(joined.values()):
            self._common[which] = group.pop(self._pods, 0)
            for sources, destinations in group.items():
                for source in members(sources):
                    row = self._admitted[source]
                    row[which] = row.get(which, 0) | destinations

    def row(self, source: int) -> Partition:
        """What one class may open to every class, itself included."""
        egress = self._egress(source).items()
        reverse = self._common | self._admitted[source]
        found: Partition = {}
        for which, here in reverse.items():
            here |= self._common[which]
            into = self._port_sets[which]
            for out, there in egress:
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
