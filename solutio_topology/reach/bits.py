"""Sets of small integers as bits of one Python integer: their algebra is the machine's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def bits_of(numbers: Iterable[int]) -> int:
    """The set that holds these numbers."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def run(first: int, last: int) -> int:
    """The set `first`..`last`, empty when `last` is below `first`."""
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def members(bits: int) -> Iterator[int]:
    """The numbers of a set, ascending. Through text: shifting a long integer once per bit would be quadratic."""
    if bits.bit_count() < 4:
        yield from _few(bits)
        return
    text = bin(bits)[:1:-1]
    found = text.find("1")
    while found >= 0:
        yield found
        found = text.find("1", found + 1)


def _few(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
