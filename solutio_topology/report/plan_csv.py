"""A plan as a table for a spreadsheet: one row a demand."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING

from solutio_topology.report.plan_rows import derived, running_out

if TYPE_CHECKING:
    from solutio_topology.cost.scale.model import Plan, Point


def render(plan: Plan) -> str:
    """Every demand with its cost, nodes and limits; a column for each driver, category and pool."""
    text = io.StringIO()
    drivers = derived(plan)
    categories = list(dict.fromkeys(name for point in plan.points for name in point.price.by_category))
    pools = list(dict.fromkeys(name for point in plan.points for name in point.sizing.pools))
    write = csv.writer(text, lineterminator="\n").writerow
    head = ["environment", "orgs", "enterprise", *drivers, "monthly", "currency", "per_org", "per_shared_org"]
    head += ["per_enterprise", "nodes", *(f"nodes_{pool}" for pool in pools)]
    write([*head, *("monthly_" + name.replace(" ", "_") for name in categories), "exceeded", "next_orgs", "next"])
    for point in plan.points:
        crowds = point.sizing.pools
        write(
            [
                *_head(plan, point, drivers),
                *(crowds[pool].nodes if pool in crowds else 0 for pool in pools),
                *(_amount(point.price.by_category.get(name)) for name in categories),
                "; ".join(map(str, point.sizing.limits)),
                point.next.orgs if point.next else "",
                running_out(point),
            ]
        )
    return text.getvalue()


def _head(plan: Plan, point: Point, drivers: list[str]) -> list[str]:
    numbers = [point.ask.orgs, point.ask.enterprise, *(point.sizing.demand[name] for name in drivers)]
    amounts = (point.per_org, point.per_shared_org, point.per_enterprise)
    told = [str(point.price.total), plan.currency, *map(_amount, amounts), str(point.nodes)]
    return [plan.environment, *map(str, numbers), *told]


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)
