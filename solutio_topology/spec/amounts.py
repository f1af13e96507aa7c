"""Money, quantities and days."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from solutio_topology.spec.base import shaped

MOST = 1_000_000_000
"""More than any bill of a month; what is above is a slip of the keyboard."""


def _decimal(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is no day of the calendar, such as 2027-01-31") from None


MOST_FOR_ONE = 1_000_000
"""More than any single node, volume or plan costs."""


def _number(most: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "minimum": 0, "maximum": most})


Money = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=MOST), _number(MOST)]
"""An amount of a month, in the currency of the place that it stands in."""
UnitPrice = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=MOST_FOR_ONE), _number(MOST_FOR_ONE)]
"""The price of one unit a month."""
Rate = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=MOST), _number(MOST)]
"""What one unit of a currency is worth in another."""
Currency = Annotated[str, shaped(r"^[A-Z]{3}$", "three capital letters: USD, EUR, BRL")]
"""A currency's code."""
Share = Annotated[str, shaped(r"^[0-9]+(\.[0-9]+)?%$", "a share: 1%, 0.5%")]
Date = Annotated[datetime.date, BeforeValidator(_date)]
