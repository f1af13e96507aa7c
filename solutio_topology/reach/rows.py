"""The connections between classes, row by row: what one class of sources may open to every class."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from solutio_topology.reach.partition import Partition, Share
from solutio_topology.reach.solution import DirectionResult
from solutio_topology.reach.turning import Turned
from solutio_topology.reach.universe import Universe


class GroupedRow(Struct, frozen=True):
    """Classes of sources with one and the same row, as bits of positions."""

    sources: int
    parts: tuple[Share, ...]


class Rows:
    """Egress profiles joined with the ingress profiles turned round. A row is made when it is asked for.

    Sets are bits of positions; `order` says which class stands at each.
    """

    def __init__(self, universe: Universe, egress: DirectionResult, ingress: DirectionResult, *, widest: bool) -> None:
        self._count = len(universe.classes.classes)
        self._pods = universe.pods
        self._egress = egress.perhaps_of if widest else egress.sure_of
        self._turned = Turned(self._count, ingress.perhaps_of if widest else ingress.sure_of)
        self.order = self._turned.order

    def row(self, source: int) -> Partition:
        """What one class (by number) may open to every class, itself included."""
        move, port_sets = self._turned.move, self._turned.port_sets
        egress = [(out, move(there & self._pods)) for out, there in self._egress(source).items()]
        found: Partition = {}
        for which, here in self._turned.row(source).items():
            into = port_sets[which]
            for out, there in egress:
                both = there & here
                if both and (ports := out & into):
                    found[ports] = found.get(ports, 0) | both
        return found

    def grouped(self) -> Iterator[GroupedRow]:
        """All rows, equal ones joined, in the order of their first class."""
        position = {number: place for place, number in enumerate(self.order)}
        groups: dict[tuple[Share, ...], int] = {}
        for source in range(self._count):
            parts = tuple(sorted(self.row(source).items()))
            groups[parts] = groups.get(parts, 0) | 1 << position[source]
        for parts, sources in groups.items():
            yield GroupedRow(sources, parts)
