"""Who may use which ports, as a partition: port sets, each with the disjoint set of peers that it holds for."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from solutio_topology.reach.ports import ALL_PORTS, NO_PORTS, PortSet

Partition = dict[PortSet, int]
"""Disjoint bits per port set; peers that are in none have no ports."""

Share = tuple[PortSet, int]
"""Ports, and the peers that a rule speaks of: shares may overlap."""


def partition(shares: Iterable[Share]) -> Partition:
    """The union of overlapping shares, as a partition."""
    merged: Partition = {}
    for ports, bits in shares:
        if ports and bits:
            merged[ports] = merged.get(ports, 0) | bits
    parts: Partition = {}
    covered = 0
    for ports, bits in merged.items():
        if bits & covered:
            _overlay(parts, ports, bits & covered)
        _add(parts, ports, bits & ~covered)
        covered |= bits
    return parts


def _overlay(parts: Partition, ports: PortSet, bits: int) -> None:
    """Add ports to peers that all have a part already."""
    for held, peers in list(parts.items()):
        hit = peers & bits
        if hit and not held.covers(ports):
            _remove(parts, held, hit)
            _add(parts, held | ports, hit)


def subtract(parts: Partition, shares: Iterable[Share]) -> Partition:
    """What is left of a partition without the shares."""
    left = dict(parts)
    for ports, bits in shares:
        for held, peers in list(left.items()):
            hit = peers & bits
            if hit and held & ports:
                _remove(left, held, hit)
                _add(left, held - ports, hit)
    return left


def difference(upper: Partition, lower: Partition) -> Partition:
    """What the upper partition holds and the lower one does not."""
    return subtract(upper, lower.items())


def ports_for(parts: Partition, bits: int) -> PortSet:
    """The ports that every one of these peers has."""
    found, rest = ALL_PORTS, bits
    for ports, peers in parts.items():
        if peers & rest:
            found &= ports
            rest &= ~peers
    return NO_PORTS if rest or not bits else found


def _add(parts: Partition, ports: PortSet, bits: int) -> None:
    if ports and bits:
        parts[ports] = parts.get(ports, 0) | bits


def _remove(parts: Partition, ports: PortSet, bits: int) -> None:
    left = parts[ports] & ~bits
    if left:
        parts[ports] = left
    else:
        del parts[ports]


class Decided(Struct, frozen=True):
    """What ordered rules have said of some peers: the ports allowed, denied and passed on."""

    allowed: PortSet = NO_PORTS
    denied: PortSet = NO_PORTS
    passed: PortSet = NO_PORTS

    def then(self, action: str, ports: PortSet) -> Decided:
        """The next rule in order speaks only of the ports that none before it spoke of."""
        free = ports - self.allowed - self.denied - self.passed
        match action:
            case "Allow":
                return Decided(self.allowed | free, self.denied, self.passed)
            case "Deny":
                return Decided(self.allowed, self.denied | free, self.passed)
        return Decided(self.allowed, self.denied, self.passed | free)


def first_match(shares: Iterable[tuple[str, PortSet, int]], everyone: int) -> dict[Decided, int]:
    """Ordered (action, ports, peers): for every peer what the first rule that matches each port says."""
    states = {Decided(): everyone}
    for action, ports, bits in shares:
        following: dict[Decided, int] = {}
        for state, peers in states.items():
            for after, part in ((state, peers & ~bits), (state.then(action, ports), peers & bits)):
                if part:
                    following[after] = following.get(after, 0) | part
        states = following
    return states


def override(states: dict[Decided, int], base: Partition) -> Partition:
    """What holds when ordered rules speak first and the base decides the rest."""
    found: Partition = {}
    for state, peers in states.items():
        rest = peers
        for ports, bits in base.items():
            _add(found, state.allowed | (ports - state.denied), peers & bits)
            rest &= ~bits
        _add(found, state.allowed, rest)
    return found
