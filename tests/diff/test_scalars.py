"""Quantities and durations, as Kubernetes and Go write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from solutio_topology.diff.scalars import duration
from solutio_topology.manifests.quantities import quantity

QUANTITIES: list[tuple[Any, Decimal | None]] = [
    ("1", Decimal(1)),
    (2, Decimal(2)),
    (0.5, Decimal("0.5")),
    ("100m", Decimal("0.1")),
    ("1.5Gi", Decimal(1610612736)),
    ("1k", Decimal(1000)),
    ("1Ki", Decimal(1024)),
    ("2e3", Decimal(2000)),
    ("1E", Decimal(10) ** 18),
    ("1Ei", Decimal(1024) ** 6),
    (".5", Decimal("0.5")),
    ("", None),
    ("1 Gi", None),
    ("1GiB", None),
    ("1m5", None),
    (True, None),
    (None, None),
    ("1n", Decimal("1e-9")),
]


@pytest.mark.parametrize(("text", "wanted"), QUANTITIES)
def test_quantity(text: Any, wanted: Decimal | None) -> None:
    assert quantity(text) == wanted


DURATIONS: list[tuple[Any, Decimal | None]] = [
    ("60s", Decimal(60)),
    ("1h30m", Decimal(5400)),
    ("1.5h", Decimal(5400)),
    ("500ms", Decimal("0.5")),
    ("10", None),
    ("1d", None),
    ("", None),
    (60, None),
]


@pytest.mark.parametrize(("text", "wanted"), DURATIONS)
def test_duration(text: Any, wanted: Decimal | None) -> None:
    assert duration(text) == wanted
