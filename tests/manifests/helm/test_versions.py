from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solutio_topology.manifests.helm.versions import parse_version, satisfies

YES = """
4.15.1 = 4.15.1         4.15.1 = v4.15.1        v4.15.1 = 4.15.1       4.15.1 = 4.15          4.15.1 = 4.x
4.15.1 = 4              4.15.1 = ^4.1           0.2.5 = ^0.2.3         0.9.0 = ^0             0.0.9 = ^0.0
1.2.9 = ~1.2.3          1.9.9 = ~1              1.2.0 = ~1.2           1.3.0 = >1.2           1.2.5 = <=1.2
1.5.0 = >=1.0.0 <2.0.0  1.5.0 = 1.0 - 2.0       2.0.9 = 1.0 - 2.0      3.0.0 = 1 || 3         1.0.0 = *
1.0.0 = >=*             9.9.9 = !=1.2           1.0.0-rc1 = 1.0.0-rc1  1.0.0-rc1 = >=0.1-0    1.0.0+build = 1.0.0
1.0.0-rc.2 = >1.0.0-rc.1                        1.0.0 = >1.0.0-rc.1    2.0.0 = =2.0.0         1.2.3 = ~>1.2
"""
NO = """
5.0.0 = 4               0.3.0 = ^0.2.3          0.0.4 = ^0.0.3         0.1.0 = ^0.0           1.3.0 = ~1.2.3
2.0.0 = ~1              1.2.5 = >1.2            1.3.0 = <=1.2          2.0.0 = >=1.0.0, <2.0.0
3.0.0 = 1.0 - 2.0       2.0.0 = 1 || 3          1.0.0-rc1 = *          1.0.0-rc1 = >=0.1      1.2.3 = !=1.2
2.0.0-rc1 = ^1.0        1.0.0-rc.1 = >1.0.0-rc.1                       soon = *               1.0.1 = =1.0.0
"""


def _cases(text: str) -> list[tuple[str, str]]:
    parts = [part.strip() for line in text.strip().splitlines() for part in re.split(r"\s{2,}", line) if part.strip()]
    return [(version, constraint) for version, _, constraint in (part.partition(" = ") for part in parts)]


@pytest.mark.parametrize(("version", "constraint"), _cases(YES))
def test_a_constraint_admits(version: str, constraint: str) -> None:
    assert satisfies(version, constraint)


@pytest.mark.parametrize(("version", "constraint"), _cases(NO))
def test_a_constraint_does_not_admit(version: str, constraint: str) -> None:
    assert not satisfies(version, constraint)


@pytest.mark.parametrize("text", ["soon", "1.2.3 foo", ">>1", "1.2.3.4", "1 || later"])
def test_what_is_no_constraint(text: str) -> None:
    with pytest.raises(ValueError, match="is no version and no range of versions"):
        satisfies("1.0.0", text)


_NUMBERS = st.tuples(*[st.integers(0, 3)] * 3)


@given(_NUMBERS, _NUMBERS)
def test_comparisons_agree_with_the_order_of_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    version, than = (".".join(map(str, each)) for each in (one, other))
    assert satisfies(version, f">{than}") == (one > other)
    assert satisfies(version, f"<{than}") == (one < other)
    assert satisfies(version, f">={than}, <={than}") == (one == other) == satisfies(version, than)
    assert satisfies(version, f"!={than}") != satisfies(version, f"={than}")
    assert satisfies(version, f"^{than}") == (satisfies(version, f">={than}") and _same_leading(one, other))


def _same_leading(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    part = next((index for index, number in enumerate(other) if number), 2)
    return one[: part + 1] == other[: part + 1]


def test_versions_are_ordered_with_their_pre_releases_first() -> None:
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.1"]
    found = [parse_version(text) for text in texts]
    assert None not in found
    assert found == sorted(found, key=lambda version: version or (0, 0, 0, ()))
