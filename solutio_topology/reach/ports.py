"""`PortSet`: an exact, immutable set of ports over TCP, UDP and SCTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from solutio_topology.reach import spans as algebra
from solutio_topology.reach.spans import Spans

PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST_PORT = 65535

# All three protocols lie on one line of integers, so that one interval algebra serves them: port 0 of each
# protocol is never used and keeps their intervals apart.
_STRIDE = LAST_PORT + 1
_OFFSET = {protocol: index * _STRIDE for index, protocol in enumerate(PROTOCOLS)}


class PortSet(Struct, frozen=True, order=True, gc=False):
    """Ports per protocol within 1..65535. Build it with `of`, `whole`, `NO_PORTS` or `ALL_PORTS`."""

    spans: Spans = ()
    """Normalized intervals over ``protocol index * 65536 + port``."""

    @classmethod
    def of(cls, protocol: str, first: int, last: int | None = None) -> PortSet:
        """The ports `first`..`last` of one protocol (`last` None: `first` alone).

        What lies outside 1..65535, and a protocol that is none of the three, is empty: it admits nothing.
        """
        if protocol not in _OFFSET:
            return NO_PORTS
        base = _OFFSET[protocol]
        end = first if last is None else last
        return cls(algebra.normalize([(base + max(first, 1), base + min(end, LAST_PORT))]))

    @classmethod
    def whole(cls, protocol: str) -> PortSet:
        """Every port of one protocol."""
        return cls.of(protocol, 1, LAST_PORT)

    @classmethod
    def union_of(cls, sets: Iterable[PortSet]) -> PortSet:
        """What is in any of the sets."""
        return cls(algebra.normalize(span for ports in sets for span in ports.spans))

    def __or__(self, other: PortSet) -> PortSet:
        return self if self.spans == other.spans else _union(self, other)

    def __and__(self, other: PortSet) -> PortSet:
        return self if self.spans == other.spans else _intersection(self, other)

    def __sub__(self, other: PortSet) -> PortSet:
        return _difference(self, other)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def covers(self, other: PortSet) -> bool:
        """Whether every port of the other set is in this one."""
        return not (other - self)

    def contains(self, protocol: str, port: int) -> bool:
        """Whether one port of one protocol is in the set."""
        return protocol in _OFFSET and algebra.contains(self.spans, _OFFSET[protocol] + port)

    @property
    def is_all(self) -> bool:
        """Whether it is every port of every protocol."""
        return self.spans == ALL_PORTS.spans

    def intervals(self, protocol: str) -> Spans:
        """The closed intervals of one protocol."""
        base = _OFFSET[protocol]
        return tuple((a - base, b - base) for a, b in self.spans if base < a <= base + LAST_PORT)

    def as_dict(self) -> dict[str, list[list[int]]]:
        """``{"TCP": [[first, last], …], …}``; protocols without a port are left out."""
        return {
            protocol: [list(interval) for interval in intervals]
            for protocol in PROTOCOLS
            if (intervals := self.intervals(protocol))
        }

    def singles(self) -> Iterator[tuple[str, int]]:
        """Every (protocol, port): for small sets only."""
        for protocol in PROTOCOLS:
            for first, last in self.intervals(protocol):
                yield from ((protocol, port) for port in range(first, last + 1))

    def __str__(self) -> str:
        """``TCP 5432, 8000-8010; UDP 53``, ``all ports`` or ``no ports``."""
        if self.is_all:
            return "all ports"
        parts = [_say(protocol, self.intervals(protocol)) for protocol in PROTOCOLS]
        return "; ".join(part for part in parts if part) or "no ports"


def _say(protocol: str, intervals: Spans) -> str:
    if not intervals:
        return ""
    if intervals == ((1, LAST_PORT),):
        return f"{protocol} (all)"
    return f"{protocol} " + ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in intervals)


NO_PORTS = PortSet()
ALL_PORTS = PortSet.union_of(PortSet.whole(protocol) for protocol in PROTOCOLS)


# A set of manifests holds few distinct port sets and combines them over and over.
@lru_cache(maxsize=65536)
def _union(left: PortSet, right: PortSet) -> PortSet:
    return PortSet(algebra.union(left.spans, right.spans))


@lru_cache(maxsize=65536)
def _intersection(left: PortSet, right: PortSet) -> PortSet:
    return PortSet(algebra.intersection(left.spans, right.spans))


@lru_cache(maxsize=65536)
def _difference(left: PortSet, right: PortSet) -> PortSet:
    return PortSet(algebra.difference(left.spans, right.spans))
