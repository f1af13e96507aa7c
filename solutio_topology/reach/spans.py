"""Exact sets of integers as sorted, disjoint closed intervals: the algebra of ports and of addresses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


def normalize(spans: Iterable[Span]) -> Spans:
    """Sort, drop empty spans and merge what overlaps or touches."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if first > last:
            continue
        if merged and first <= merged[-1][1] + 1:
            if last > merged[-1][1]:
                merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return tuple(merged)


def union(left: Spans, right: Spans) -> Spans:
    """What is in either."""
    return normalize((*left, *right))


def intersection(left: Spans, right: Spans) -> Spans:
    """What is in both, in one walk over the two."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            found.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(left: Spans, right: Spans) -> Spans:
    """What is in the left set and not in the right one."""
    found: list[Span] = []
    j = 0
    for first, last in left:
        while j < len(right) and right[j][1] < first:
            j += 1
        k = j
        while k < len(right) and right[k][0] <= last:
            if first < right[k][0]:
                found.append((first, right[k][0] - 1))
            first = right[k][1] + 1
            k += 1
        if first <= last:
            found.append((first, last))
    return tuple(found)


def contains(spans: Spans, number: int) -> bool:
    """Whether a number is in the set."""
    index = bisect_right(spans, (number, float("inf"))) - 1
    return index >= 0 and spans[index][1] >= number
