"""A plan as text for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from solutio_topology.report.human import WIDTH, Paint, wrapped
from solutio_topology.report.plan_rows import COLUMNS, HEAD, curve, derived, name_of, row, running_out, sizes, table

if TYPE_CHECKING:
    from solutio_topology.cost.scale.model import Plan

_MOST = 20
"""Points that are told one by one beside the table."""


def render(plan: Plan, *, color: bool = False) -> str:
    """What an environment costs as it grows."""
    paint = Paint(color=color)
    parts = [_table(plan, paint), _demand(plan, paint), curve(plan), _sizes(plan, paint), _limits(plan, paint)]
    parts += [_next(plan, paint), _evens(plan, paint), _assumptions(plan, paint)]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _table(plan: Plan, paint: Paint) -> Iterator[str]:
    yield paint(f"{plan.environment}: what it costs as it grows, in {plan.currency} a month", "bold")
    yield ""
    head, *lines = table([HEAD, *map(row, plan.points)])
    yield paint(f"  {head}", "bold")
    yield from (f"  {line}" for line in lines)
    yield from (paint(line, "dim") for text in COLUMNS for line in wrapped(text, "  "))


def _demand(plan: Plan, paint: Paint) -> Iterator[str]:
    names = derived(plan)
    rows = [(name, *(f"{point.sizing.demand[name]:,}" for point in plan.points)) for name in names]
    if names:
        yield from _across("demand of all tenant pods", plan, rows, paint)


def _sizes(plan: Plan, paint: Paint) -> Iterator[str]:
    yield from _across("nodes, pods, volumes", plan, sizes(plan), paint)


def _across(title: str, plan: Plan, rows: Sequence[Sequence[str]], paint: Paint) -> Iterator[str]:
    """A column a point, as many as fit side by side; what has no room left is said to stand in the other formats."""
    names = [title, *(f"{point.ask.orgs:,}" for point in plan.points)]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    first, room, shown = min(widths[0], 34), WIDTH - 2 - min(widths[0], 34), 0
    while shown < len(widths) - 1 and room >= widths[shown + 1] + 2:
        room -= widths[shown + 1] + 2
        shown += 1
    head, *lines = table([[_cut(each[0], first), *each[1 : shown + 1]] for each in (names, *rows)])
    yield paint(f"  {head}", "bold")
    yield from (f"  {line}" for line in lines)
    if shown < len(plan.points):
        yield paint(f"  the first {shown} of {len(plan.points)} points: --format csv and json have all", "dim")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _limits(plan: Plan, paint: Paint) -> Iterator[str]:
    beyond = [point for point in plan.points if point.sizing.limits]
    if beyond:
        yield paint("more than there may be", "red")
    for point in beyond[:_MOST]:
        yield f"  {name_of(point)}"
        for limit in point.sizing.limits:
            priced = "priced at the most" if limit.held else "priced as needed: raise it"
            yield from wrapped(f"{limit} ({priced})", "    ")
    if len(beyond) > _MOST:
        yield f"  and {len(beyond) - _MOST} more points"


def _next(plan: Plan, paint: Paint) -> Iterator[str]:
    yield paint("what runs out next", "bold")
    for point in plan.points[:_MOST]:
        yield from wrapped(f"{name_of(point)}: {running_out(point)}", "  ")
    if len(plan.points) > _MOST:
        yield f"  and {len(plan.points) - _MOST} more points"


def _evens(plan: Plan, paint: Paint) -> Iterator[str]:
    yield paint("break-even", "bold")
    for even in plan.evens:
        yield from wrapped(f"{even.question}: {even.answer}", "  ")


def _assumptions(plan: Plan, paint: Paint) -> Iterator[str]:
    yield paint("assumed", "bold")
    for head, lines in plan.assumptions:
        yield f"  {head}"
        for line in lines:
            yield from wrapped(line, "    ")
