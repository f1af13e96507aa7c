"""Kubernetes quantities as exact numbers, and the shares of pods that rollouts and budgets are written in."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

_SUFFIX = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{name: Decimal(1000) ** power for power, name in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{name: Decimal(1024) ** power for power, name in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
}
_QUANTITY = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:([eE][+-]?[0-9]+)|([numkMGTPE]i?|Ki)?)")


def quantity(value: Any) -> Decimal | None:
    """A Kubernetes quantity as a number; None for what is none.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _QUANTITY.fullmatch(str(value))
    if found is None:
        return None
    number, exponent, suffix = found.groups()
    if exponent:
        return Decimal(number + exponent)
    factor = _SUFFIX.get(suffix or "")
    return None if factor is None else Decimal(number) * factor


def share(value: Any, of: int, *, up: bool) -> int:
    """A number or percentage of `of` pods, rounded up or down as Kubernetes does; 0 for what is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value)
    if not text.endswith("%") or not text[:-1].isdigit():
        return 0
    exact = int(text[:-1]) * of / 100
    return math.ceil(exact) if up else math.floor(exact)
