"""Small helpers that the rules share: parts of parsed objects, second places, near names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from solutio_topology.findings import Related

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Place

_USED = re.compile(r"(?<!\$)(?:\$\$)*\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")


def part(value: Any, *steps: str | int) -> Any:
    """What stands below `value` along `steps`; None where anything on the way is missing or of another shape."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def maps(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The items of a list that are maps, with their positions; nothing for what is no list."""
    if not isinstance(value, list):
        return []
    return [(index, item) for index, item in enumerate(value) if isinstance(item, dict)]


def texts(value: Any) -> list[str]:
    """The items of a list that are text."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def used_names(value: str) -> list[str]:
    """The variables that a value is composed of: ``$(NAME)``, unless the dollar is doubled."""
    return _USED.findall(value)


def related(evidence: Evidence, *said: tuple[Place, str]) -> tuple[Related, ...]:
    """Second places of a finding, each with what stands there."""
    return tuple(Related(evidence.locate(place), message) for place, message in said)


def closest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of the known names comes near, else empty."""
    import difflib

    found = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)
    return f"; did you mean {found[0]!r}?" if found else ""
