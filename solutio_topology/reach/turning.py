"""Ingress turned round: from "who may reach this destination" to "what may this source reach".

Destinations that admit the same sources to the same ports are joined, and each source gets their sum; that is enough
where policies repeat themselves or admit few. Where very many destinations each admit another crowd, it would be a
step a pair. There the matrix is turned as text: rows of 0 and 1 are laid end to end, and a column is a slice with a
stride, both of them loops of the machine. For that the destinations with one port set must be neighbours, so classes
have a position here beside their number.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

from solutio_topology.reach.bits import bits_of, members
from solutio_topology.reach.partition import Partition
from solutio_topology.reach.ports import PortSet

_MANY_STEPS = 100_000
_DENSE = 50
"""A step costs about as much as this many characters of text."""
_MOST_TEXT = 48 * 2**20

_Groups = dict[PortSet, dict[int, int]]
"""Per port set: sources, and the destinations that admit exactly these to these ports."""


class Turned:
    """The destinations of every source per port set, as bits of positions."""

    def __init__(self, count: int, profile: Callable[[int], Partition], *, many_steps: int = _MANY_STEPS) -> None:
        self._count = count
        self._pods = (1 << count) - 1
        self._profile = profile
        groups = self._join()
        self.port_sets = list(groups)
        crowded = [ports for ports, group in groups.items() if self._is_crowded(group, many_steps)]
        homes = self._homes(crowded)
        self.order = sorted(range(count), key=lambda number: (homes.get(number, -1), number))
        """The class at each position."""
        self._moves = self.order != list(range(count))
        self._moved: dict[int, int] = {0: 0}
        self._common: dict[int, int] = {}
        self._single: list[dict[int, int]] = [{} for _ in range(count)]
        self._columns: list[tuple[int, int, list[int]]] = []
        """(number of the port set, first position, for every source the destinations from there on)."""
        for which, (ports, group) in enumerate(groups.items()):
            home = [number for number in self.order if homes.get(number) == which]
            self._turn_singly(which, group, bits_of(home))
            if home:
                self._turn_as_text(which, ports, home)

    def _join(self) -> _Groups:
        groups: _Groups = {}
        for number in range(self._count):
            for ports, bits in self._profile(number).items():
                group = groups.setdefault(ports, {})
                group[bits & self._pods] = group.get(bits & self._pods, 0) | 1 << number
        return groups

    def _is_crowded(self, group: dict[int, int], many_steps: int) -> bool:
        """Whether turning text is faster than single steps."""
        kept = [(sources, classes) for sources, classes in group.items() if sources != self._pods]
        steps = sum(sources.bit_count() for sources, _ in kept)
        text = sum(classes.bit_count() for _, classes in kept) * self._count
        return steps > many_steps and steps * _DENSE > text

    def _homes(self, crowded: list[PortSet]) -> dict[int, int]:
        """The crowded port set, by its number, to which a class belongs: the one with most sources."""
        found: dict[int, int] = {}
        numbers = {ports: number for number, ports in enumerate(self.port_sets) if ports in crowded}
        for number in range(self._count if crowded else 0):
            parts = self._profile(number).items()
            mine = [(bits.bit_count(), numbers[ports]) for ports, bits in parts if ports in numbers]
            if mine:
                found[number] = max(mine)[1]
        return found

    def _turn_singly(self, which: int, group: dict[int, int], elsewhere: int) -> None:
        for sources, classes in group.items():
            destinations = self.move(classes & ~elsewhere)
            if sources == self._pods:
                self._common[which] = self._common.get(which, 0) | destinations
                continue
            for source in members(sources if destinations else 0):
                row = self._single[source]
                row[which] = row.get(which, 0) | destinations

    def _turn_as_text(self, which: int, ports: PortSet, home: list[int]) -> None:
        first = self.order.index(home[0])
        size = max(1, _MOST_TEXT // self._count)
        for start in range(0, len(home), size):
            rows = (self._profile(number)[ports] & self._pods for number in reversed(home[start : start + size]))
            text = "".join(format(row, f"0{self._count}b") for row in rows)
            last = self._count - 1
            columns = [int(text[last - source :: self._count], 2) for source in range(self._count)]
            self._columns.append((which, first + start, columns))

    def move(self, classes: int) -> int:
        """A set of classes as a set of positions."""
        if not self._moves:
            return classes
        found = self._moved.get(classes)
        if found is None:
            text = format(classes, f"0{self._count}b")[::-1]
            found = int("".join(itemgetter(*reversed(self.order))(text)), 2)
            if classes.bit_count() > 1:
                self._moved[classes] = found
        return found

    def row(self, source: int) -> dict[int, int]:
        """The destinations of a source, by the number of their port set."""
        found = dict(self._common)
        for which, bits in self._single[source].items():
            found[which] = found.get(which, 0) | bits
        for which, first, columns in self._columns:
            if columns[source]:
                found[which] = found.get(which, 0) | columns[source] << first
        return found
