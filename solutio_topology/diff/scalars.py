"""When two scalars mean the same: quantities (`1000m` = `1`) and durations (`60s` = `1m`), where a field holds them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from solutio_topology.manifests.quantities import quantity

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|h|m|s)")
_SECONDS = {
    "h": Decimal(3600),
    "m": Decimal(60),
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),
    "ns": Decimal("1e-9"),
}

_AMOUNTS = frozenset({"requests", "limits", "hard", "capacity", "max", "min", "default", "defaultRequest", "overhead"})
"""Maps whose values are quantities."""
_AMOUNT = frozenset({"sizeLimit", "divisor", "averageValue", "size", "walSize", "memory", "cpu", "storage"})
"""Fields that hold one."""
_DURATION = frozenset(
    {"interval", "timeout", "retryInterval", "duration", "renewBefore", "refreshInterval", "backendRequest", "request"}
)


def duration(value: Any) -> Decimal | None:
    """A duration as Go writes it, in seconds; None for what is none."""
    if not isinstance(value, str) or not value:
        return None
    parts = _PART.findall(value)
    if "".join(number + unit for number, unit in parts) != value:
        return None
    return sum((Decimal(number) * _SECONDS[unit] for number, unit in parts), Decimal(0))


def meaning(fields: tuple[str, ...], value: Any) -> Any:
    """A scalar in one form for all that mean the same; `fields` are the names of the fields down to it."""
    field = fields[-1] if fields else ""
    parent = fields[-2] if len(fields) > 1 else ""
    if parent in _AMOUNTS or field in _AMOUNT:
        number = quantity(value)
    else:
        number = duration(value) if field in _DURATION else None
    if number is not None:
        # No text of YAML begins with this, so that a number never equals a text.
        return f"\0{number.normalize() if number else 0}"
    return int(value) if isinstance(value, float) and value.is_integer() else value
