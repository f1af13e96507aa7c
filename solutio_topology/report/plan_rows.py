"""A plan in the rows, words and curve of every format for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from solutio_topology.report.cost_rows import money

if TYPE_CHECKING:
    from solutio_topology.cost.scale.model import Plan, Point

HEAD = ("orgs", "enterprise", "nodes", "a month", "per org", "shared org", "enterprise pod")
_WIDTH, _HEIGHT = 64, 12
_WIDE = 20
"""How many times the first demand the last must be for a logarithmic axis."""


def row(point: Point) -> tuple[str, ...]:
    """One demand: how much of it, and what it costs, as `HEAD` says."""
    return (
        f"{point.ask.orgs:,}",
        f"{point.ask.enterprise:,}",
        f"{point.nodes:,}",
        money(point.price.total),
        money(point.per_org),
        money(point.per_shared_org),
        money(point.per_enterprise),
    )


COLUMNS = (
    "per org: the whole bill by all organizations",
    "shared org: what the shared tenant pod costs, its part of what is shared included, by its organizations",
    "enterprise pod: what one dedicated tenant pod costs, its part of what is shared included",
)


def derived(plan: Plan) -> list[str]:
    """The drivers beside organizations and dedicated tenant pods."""
    return [name for name in plan.points[0].sizing.demand if name not in {"orgs", "enterprise"}]


def name_of(point: Point) -> str:
    """A demand in few words."""
    return str(point.ask)


def running_out(point: Point) -> str:
    """What runs out next, and at which demand."""
    if point.next is None:
        return "not looked for: drivers are given" if point.ask.stated else "nothing within 100,000 organizations"
    demand = ", ".join(
        f"{number:,} {name}" for name, number in point.next.demand.items() if name not in {"orgs", "enterprise"}
    )
    return f"at {point.next.orgs:,} orgs" + (f" ({demand})" if demand else "") + f": {point.next.what}"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns that are as wide as needed; the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for each in rows:
        first, *rest = (
            f"{cell:<{width}}" if at == 0 else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(each, widths, strict=True))
        )
        yield "  ".join([first, *rest]).rstrip()


def sizes(plan: Plan) -> list[tuple[str, ...]]:
    """What each demand makes of pools, replicas, volumes, tariffs and usage: a row each, a column a point."""
    found: list[tuple[str, ...]] = []
    sized = [point.sizing for point in plan.points]
    for name in dict.fromkeys(pool for each in sized for pool in each.pools):
        cells = (each.pools.get(name) for each in sized)
        found.append((f"nodes of {name}", *(f"{cell.nodes:,}" if cell else "–" for cell in cells)))
    for target in dict.fromkeys(target for each in sized for target in each.replicas):
        found.append((str(target), *(_number(each.replicas.get(target)) for each in sized)))
    for pod, service in dict.fromkeys(place for each in sized for place in each.storage):
        cells_of = (each.storage.get((pod, service)) for each in sized)
        found.append((f"volume of {service} of {pod}, GiB", *map(_number, cells_of)))
    for key in dict.fromkeys(key for each in sized for key in each.tariffs):
        found.append((f"tariff of {key}", *(each.tariffs[key].title for each in sized)))
    for place in dict.fromkeys(place for each in sized for place in each.usage):
        found.append((f"{' '.join(place)}, GiB", *(_number(each.usage.get(place)) for each in sized)))
    return found


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def categories(plan: Plan) -> list[tuple[str, ...]]:
    """What each kind of line comes to: a row each, a column a point."""
    parts = [point.price.by_category for point in plan.points]
    names = dict.fromkeys(name for each in parts for name in each)
    return [(name, *(money(each.get(name)) for each in parts)) for name in names]


def curve(plan: Plan) -> list[str]:
    """The bill over the organizations, in 80 columns; over the points where those do not grow."""
    orgs = [point.ask.orgs for point in plan.points]
    grows = all(a < b for a, b in pairwise(orgs))
    at = orgs if grows else list(range(1, len(orgs) + 1))
    wide = grows and at[0] > 0 and at[-1] >= _WIDE * at[0]
    costs = [point.price.total for point in plan.points]
    top = max(costs) or 1
    columns = _columns([math.log(each) if wide else each for each in at])
    rows = [round(float(cost / top) * (_HEIGHT - 1)) for cost in costs]
    grid = _drawn(list(zip(columns, rows, strict=True)))
    labels = {_HEIGHT - 1: money(max(costs)), 0: "0"}
    lines = [f"{labels.get(height, ''):>12} │{''.join(grid[height]).rstrip()}" for height in reversed(range(_HEIGHT))]
    lines.append(f"{'':>12} └{'─' * _WIDTH}")
    ends = f"{at[0]:,}", f"{at[-1]:,}"
    gap = max(_WIDTH - len(ends[0]) - len(ends[1]), 1)
    what = "organizations" if grows else "points"
    lines.append(f"{'':>14}{ends[0]}{' ' * gap}{ends[1]}" if len(at) > 1 else f"{'':>14}{ends[0]}")
    lines.append(f"{'':>14}{what}{', logarithmic' if wide else ''}; {plan.currency} a month")
    return lines


def _columns(places: Sequence[float]) -> list[int]:
    span = places[-1] - places[0]
    return [round((each - places[0]) / span * (_WIDTH - 1)) if span else 0 for each in places]


def _drawn(points: list[tuple[int, int]]) -> list[list[str]]:
    """A grid from the bottom up, with the points and a dotted line between them."""
    grid = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    for (x, y), (next_x, next_y) in pairwise(points):
        for step in range(x, next_x + 1):
            grid[round(y + (next_y - y) * (step - x) / max(next_x - x, 1))][step] = "·"
    for x, y in points:
        grid[y][x] = "●"
    return grid
