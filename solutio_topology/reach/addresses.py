"""The whole IPv4 and IPv6 space, cut where a policy cuts it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache

from solutio_topology.reach import spans as algebra
from solutio_topology.reach.model import RangeNode
from solutio_topology.reach.spans import Spans

# Both families lie on one line of integers; the hole between them keeps their ranges apart.
_V4_LAST = 2**32 - 1
_V6_FIRST = 2**33
_V6_LAST = _V6_FIRST + 2**128 - 1
_BASE = {4: 0, 6: _V6_FIRST}

ALL_V4: Spans = ((0, _V4_LAST),)
ALL_V6: Spans = ((_V6_FIRST, _V6_LAST),)


@lru_cache(maxsize=65536)
def cidr_spans(cidr: str, except_: tuple[str, ...] = ()) -> Spans | None:
    """The addresses of a CIDR without the excepted ones, or None where one of them is no CIDR."""
    try:
        whole = _spans(cidr)
        holes = [_spans(hole) for hole in except_]
    except ValueError:
        return None
    return algebra.difference(whole, algebra.normalize(span for hole in holes for span in hole))


def _spans(cidr: str) -> Spans:
    node = RangeNode.of_cidr(cidr)
    return range_spans(node)


def range_spans(node: RangeNode) -> Spans:
    """The addresses of a range on the common line."""
    base = _BASE[node.version]
    return ((base + node.first, base + node.last),)


# Where clusters take the addresses of their nodes and pods from.
_INSIDE_CIDRS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_INSIDE = algebra.normalize(span for cidr in _INSIDE_CIDRS for span in _spans(cidr))

# IPv4 space that no public name resolves to (IANA's special-purpose registry).
_SPECIAL_CIDRS = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
    *("203.0.113.0/24", "224.0.0.0/3"),
)
_SPECIAL = algebra.normalize(span for cidr in _SPECIAL_CIDRS for span in _spans(cidr))
PUBLIC_V4: Spans = algebra.difference(ALL_V4, _SPECIAL)


def overlaps_private(spans: Spans) -> bool:
    """Whether a set reaches into the space from which clusters take their own addresses."""
    return bool(algebra.intersection(spans, _INSIDE))


class AddressAtoms:
    """The address space cut into ranges, within each of which no given CIDR makes a difference."""

    def __init__(self, cuts: Iterable[Spans]) -> None:
        starts = {0, _V6_FIRST}
        for spans in cuts:
            for first, last in spans:
                starts.add(first)
                starts.add(last + 1)
        self._starts = sorted(starts - {_V4_LAST + 1, _V6_LAST + 1})

    def __len__(self) -> int:
        return len(self._starts)

    def runs(self, spans: Spans) -> list[tuple[int, int]]:
        """The atoms that a set touches, as runs (first, last) of their numbers."""
        return [
            (bisect_right(self._starts, first) - 1, bisect_left(self._starts, last + 1) - 1) for first, last in spans
        ]

    def ranges(self, atoms: Sequence[int]) -> list[RangeNode]:
        """The ranges that ascending atoms make, adjacent ones joined."""
        return [spans_node(first, last) for first, last in algebra.normalize(self._span(atom) for atom in atoms)]

    def _span(self, atom: int) -> tuple[int, int]:
        first = self._starts[atom]
        last = self._starts[atom + 1] - 1 if atom + 1 < len(self._starts) else _V6_LAST
        return first, _V4_LAST if first <= _V4_LAST < last else last


def spans_node(first: int, last: int) -> RangeNode:
    """The range of one span on the common line."""
    if first >= _V6_FIRST:
        return RangeNode(6, first - _V6_FIRST, last - _V6_FIRST)
    return RangeNode(4, first, last)
