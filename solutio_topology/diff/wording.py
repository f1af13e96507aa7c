"""How values are told: short, on one line."""

from __future__ import annotations

import json
from typing import Any

from solutio_topology.diff.values import ABSENT

LONGEST = 60


def say_value(value: Any, longest: int = LONGEST) -> str:
    """A value on one line, cut where it is long."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str):
        lines = value.splitlines()
        if len(lines) > 1:
            return f"{len(lines)} lines"
        text = value or '""'
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
