"""What a difference must not have, for a pipeline to go on."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from solutio_topology.diff.model import Difference
from solutio_topology.errors import SolutioError

NAMES = ("danger", "exposure", "cost:+AMOUNT", "any")
_REMEDY = f"name one of {', '.join(NAMES)}, such as cost:+50"


def failing(found: Difference, gates: tuple[str, ...]) -> tuple[str, ...]:
    """The gates that a difference does not pass; tenant pods that can newly reach each other pass none.

    Raises SolutioError for a gate that does not exist, and for one that cannot be decided.
    """
    left = [gate for gate in gates if not _passes(found, gate)]
    crossing = found.exposure is not None and bool(found.exposure.crossing)
    return (*(("crossing",) if crossing else ()), *left)


def _passes(found: Difference, gate: str) -> bool:
    if gate == "any":
        return found.empty and not _costs(found)
    if gate == "danger":
        return not found.unapproved
    if gate == "exposure":
        return found.exposure is None or not (found.exposure.opened or _widened(found) or found.exposure.hosts_added)
    if gate.startswith("cost:"):
        return _within(found, _limit(gate))
    raise SolutioError(f"--fail-on {gate}: there is no such gate", remedy=_REMEDY)


def _widened(found: Difference) -> bool:
    return found.exposure is not None and any(each.after - each.before for each in found.exposure.changed)


def _costs(found: Difference) -> bool:
    return found.money is not None and bool(found.money.difference)


def _limit(gate: str) -> Decimal:
    try:
        found = Decimal(gate.removeprefix("cost:"))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise SolutioError(f"--fail-on {gate}: this is no amount", remedy=_REMEDY)
    return found


def _within(found: Difference, limit: Decimal) -> bool:
    if found.money is None:
        if found.empty:
            return True
        raise SolutioError(
            "--fail-on cost: money cannot be compared", remedy="both sides need a topology; see the notes of the diff"
        )
    return found.money.difference <= limit
