"""What runs out next, and at which demand."""

from __future__ import annotations

from msgspec.structs import replace

from solutio_topology.cost.scale.model import MOST_ORGS, Ask, Next, Sizing
from solutio_topology.cost.scale.sizing import BeyondTariffsError, Sizer


def next_limit(sizer: Sizer, ask: Ask, now: Sizing) -> Next | None:
    """The fewest organizations at which a pool, a tariff or a limit no longer does; None within `MOST_ORGS`.

    Nothing shrinks as organizations come, so that the place is found by halving.
    """
    if ask.stated:
        # What is given does not follow from the organizations: it would stand still while they grow.
        return None
    low, high = ask.orgs, ask.orgs + 1
    while high <= MOST_ORGS and not changes(now, _at(sizer, ask, high)):
        low, high = high, high + 2 * (high - ask.orgs)
    high = min(high, MOST_ORGS)
    if not changes(now, _at(sizer, ask, high)):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if changes(now, _at(sizer, ask, middle)) else (middle, high)
    after = _at(sizer, ask, high)
    demand = after.demand if isinstance(after, Sizing) else {}
    return Next(high, "; ".join(changes(now, after)), demand)


def _at(sizer: Sizer, ask: Ask, orgs: int) -> Sizing | BeyondTariffsError:
    try:
        return sizer.size(replace(ask, orgs=orgs))
    except BeyondTariffsError as error:
        return error


def changes(now: Sizing, then: Sizing | BeyondTariffsError) -> list[str]:
    """What a greater demand no longer finds, in words."""
    if isinstance(then, BeyondTariffsError):
        return [str(then)]
    known = {limit.subject for limit in now.limits}
    found = [f"{limit}" for limit in then.limits if limit.subject not in known]
    for pool, crowd in then.pools.items():
        if crowd.nodes > now.pools[pool].nodes:
            found.append(f"pool {pool} needs {crowd.nodes:,} nodes ({crowd.why})")
    for key, tariff in then.tariffs.items():
        if tariff.step > now.tariffs[key].step:
            found.append(f"{key} needs the tariff {tariff.title} ({tariff.monthly:,.2f})")
    return found
