"""Versions of charts and the constraints that releases put on them, as helm and Flux read them (Masterminds/semver)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Version = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
"""Major, minor, patch, and what orders pre-releases; a release comes after all of its pre-releases."""

_NUMBERS = r"v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
_VERSION = re.compile(_NUMBERS)
_ONE = re.compile(rf"\s*(=|==|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*({_NUMBERS})(?=[\s,]|$)[\s,]*")
_HYPHEN = re.compile(rf"({_NUMBERS})\s+-\s+({_NUMBERS})")
PARTS = 3
_RELEASED = ((2, 0, ""),)


def parse_version(text: str) -> Version | None:
    """A version; parts that are left out are 0. None for what is none."""
    match = _VERSION.fullmatch(text.strip())
    if match is None or any(part in {"x", "X", "*"} for part in match.groups()[:3] if part):
        return None
    major, minor, patch = (int(part or 0) for part in match.groups()[:3])
    return major, minor, patch, _pre_release(match.group(4))


def _pre_release(text: str | None) -> tuple[tuple[int, int, str], ...]:
    if not text:
        return _RELEASED
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in text.split("."))


def satisfies(version: str, constraint: str) -> bool:
    """Whether a version is one that the constraint admits.

    Raises ValueError for a constraint that is none. Pre-releases are admitted only where the constraint names one.
    """
    parsed = parse_version(version)
    admitted = [_all_of(part) for part in constraint.split("||")]
    return parsed is not None and any(admits(parsed) for admits in admitted)


def _all_of(text: str) -> Callable[[Version], bool]:
    """What the comparisons of one alternative admit together."""
    text = _HYPHEN.sub(lambda match: f">={match.group(1)} <={match.group(6)}", text).strip() or "*"
    tests = list(_comparisons(text))
    return lambda version: all(test(version) for test in tests)


def _comparisons(text: str) -> Iterator[Callable[[Version], bool]]:
    at = 0
    while at < len(text):
        match = _ONE.match(text, at)
        if match is None:
            raise ValueError(f"{text!r} is no version and no range of versions")
        at = match.end()
        yield _comparison(match.group(1) or "", match.group(2))


def _comparison(operator: str, text: str) -> Callable[[Version], bool]:
    """One comparison as an interval of versions, or everything outside of it."""
    low, named = _low(text)
    pre = low[3] != _RELEASED
    begin, end = _interval(operator, low, named)
    outside = operator == "!="
    return lambda found: (pre or found[3] == _RELEASED) and (begin <= found < end) is not outside


def _interval(operator: str, low: Version, named: int) -> tuple[Version, Version]:
    """The first version inside and the first one after."""
    after = _after(low) if named == PARTS else _next(low, named - 1)
    if operator in {">=", "=>"}:
        return low, _ENDLESS
    if operator == ">":
        return after, _ENDLESS
    if operator == "<":
        return _FIRST, low
    if operator in {"<=", "=<"}:
        return _FIRST, after
    if operator in {"~", "~>"}:
        return low, _next(low, min(named, 2) - 1)
    if operator == "^":
        return low, _next(low, _leading(low, named))
    return low, after


def _low(text: str) -> tuple[Version, int]:
    """The least version that a text with left-out parts means, and how many parts it names."""
    match = _VERSION.fullmatch(text)
    assert match is not None
    parts: list[int] = []
    for part in match.groups()[:3]:
        if part is None or part in {"x", "X", "*"}:
            break
        parts.append(int(part))
    named = len(parts)
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return (major, minor, patch, _pre_release(match.group(4))), named


_FIRST: Version = (0, 0, 0, ())
_ENDLESS: Version = (10**9, 0, 0, ())


def _after(version: Version) -> Version:
    """The least version above an exact one."""
    return (*version[:3], (*version[3], (-1, 0, "")))


def _next(version: Version, part: int) -> Version:
    """The least version that differs in `part` (0 major, 1 minor, 2 patch), pre-releases included; -1: none does."""
    if part < 0:
        return _ENDLESS
    numbers = [*version[:3][: part + 1], 0, 0][:3]
    numbers[part] += 1
    return numbers[0], numbers[1], numbers[2], ()


def _leading(version: Version, named: int) -> int:
    """The part that a caret holds: the first that is not 0 among those that are named."""
    for part in range(named):
        if version[part]:
            return part
    return named - 1
