"""A bill as text for a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Item, total
from solutio_topology.cost.totals import by_pod
from solutio_topology.report.cost_rows import (
    Row,
    budget_lines,
    declared,
    division,
    money,
    quantity,
    rows,
    source_key,
    sources,
)
from solutio_topology.report.human import WIDTH, Paint, wrapped

if TYPE_CHECKING:
    from solutio_topology.cost.compare import LineChange
    from solutio_topology.cost.estimate import Comparison, Estimate
    from solutio_topology.cost.totals import PodCost, Totals

_MOST = 20
"""Tenant pods that are told one by one."""
_COLUMNS = 4
"""Tenant pods that stand side by side."""
_BLOCK = 26
"""Width of one of three columns of totals."""


def render(found: Sequence[Estimate], *, color: bool = False) -> str:
    """The bills of environments, and what they come to together."""
    paint = Paint(color=color)
    lines: list[str] = []
    for each in found:
        lines += [*_bill(each, paint), ""]
    if len(found) > 1:
        whole = sum((each.bill.total for each in found), Decimal(0))
        lines += [paint(f"all environments: {money(whole)} {found[0].bill.currency} a month", "bold"), ""]
    return "\n".join(lines[:-1]) + "\n"


def _bill(each: Estimate, paint: Paint) -> Iterator[str]:
    bill = each.bill
    yield paint(f"{bill.environment}: {money(bill.total)} {bill.currency} a month", "bold")
    yield from (f"  {line}" for line in budget_lines(each.costs, bill.environment, bill.total))
    numbers = {source_key(listing): number for number, (listing, _) in enumerate(sources(bill.items), 1)}
    if bill.on_page:
        yield from _table("on the page", bill.on_page, numbers, paint)
        yield from wrapped(declared(each.costs, total(bill.on_page)), "  ")
    title = "not on the page" if bill.on_page else "lines"
    if bill.off_page:
        yield from _table(title, bill.off_page, numbers, paint)
    yield from _not_counted(each, paint)
    yield from _blocks(each.totals, paint)
    yield from _pods(each, paint)
    yield ""
    yield paint("prices", "bold")
    for number, (_, told) in enumerate(sources(bill.items), 1):
        yield from wrapped(f"[{number}] {told}", "  ")


def _table(
    title: str, items: Sequence[Item], numbers: dict[tuple[str, object, bool], int], paint: Paint
) -> Iterator[str]:
    yield ""
    yield paint(f"{title:<25} {'for':<8} {'quantity':<22} {'each':>8} {'a month':>9}", "bold")
    for row in rows(items):
        yield from _line(row, numbers[source_key(row.listing)])
    yield f"{money(total(tuple(items))):>75}"


def _line(row: Row, number: int) -> Iterator[str]:
    """A row; what does not fit into its column stands on a line above the amounts."""
    title, whom = f"  {row.title}", _cut(row.whom, 8)
    amounts = f"{row.unit_price:>8} {money(row.monthly):>9} [{number}]"
    if len(title) <= 25 and len(row.quantity) <= 22:
        yield f"{title:<25} {whom:<8} {row.quantity:<22} {amounts}"
    elif len(title) <= 25:
        yield f"{title:<25} {whom:<8} {row.quantity}"
        yield f"{'':<57} {amounts}"
    else:
        yield from wrapped(row.title, "  ")
        yield f"{'':<25} {whom:<8} {_cut(row.quantity, 22):<22} {amounts}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _not_counted(each: Estimate, paint: Paint) -> Iterator[str]:
    if not each.bill.unknown and not each.bill.notes:
        return
    yield ""
    yield paint("not counted", "bold")
    for unknown in each.bill.unknown:
        yield from wrapped(f"{unknown.subject}: {unknown.why}", "  ")
        yield from (paint(line, "dim") for line in wrapped(unknown.remedy, "    "))
    for note in each.bill.notes:
        yield from wrapped(note, "  ")


def _blocks(found: Totals, paint: Paint) -> Iterator[str]:
    """Three columns: by layer, by tier, by node pool."""
    columns = [
        ("by layer", {name or "(no layer)": amount for name, amount in found.layers.items()}),
        ("by tier", found.tiers),
        ("by node pool", {name or "(no pool)": amount for name, amount in found.pools.items()}),
    ]
    yield ""
    yield paint("".join(f"{title:<{_BLOCK + 1}}" for title, _ in columns).rstrip(), "bold")
    told = [_shortened(amounts) for _, amounts in columns]
    for cells in zip_longest(*told, fillvalue=""):
        yield "".join(f"{cell:<{_BLOCK + 1}}" for cell in cells).rstrip()


def _shortened(amounts: dict[str, Decimal]) -> list[str]:
    """The cells of a column; of many, the greatest and how many more there are."""
    kept = dict(sorted(amounts.items(), key=lambda pair: -pair[1])[:_MOST]) if len(amounts) > _MOST else amounts
    cells = [f"  {_cut(name, 13):<13}{money(amount):>10}" for name, amount in kept.items()]
    more = len(amounts) - len(kept)
    return [*cells, f"  and {more} more"] if more else cells


def _pods(each: Estimate, paint: Paint) -> Iterator[str]:
    pods = each.totals.pods
    sold = any(pod.revenue is not None for pod in pods)
    yield ""
    head = f"{'tenant pod':<20} {'own':>9} {'shared':>9} {'total':>9} {'per org':>14}"
    yield paint(head + (f" {'sold':>8} {'margin':>8}" if sold else ""), "bold")
    for pod in pods[:_MOST]:
        yield _pod(pod) + (_margin(pod) if sold else "")
    if len(pods) > _MOST:
        yield f"  and {len(pods) - _MOST} more: --format csv lists every line, --format json every tenant pod"
    if len(pods) > 1:
        yield from wrapped(division(each.costs), "  ")
    if 1 < len(pods) <= _COLUMNS:
        yield from _shared(each, paint)


def _shared(each: Estimate, paint: Paint) -> Iterator[str]:
    """What each tenant pod pays of every line that several use."""
    names = [pod.pod for pod in each.totals.pods]
    lines = [item for item in each.bill.items if not item.pod]
    if not lines:
        return
    yield ""
    yield paint(f"{'shared lines':<34}" + "".join(f" {_cut(name, 10):>10}" for name in names), "bold")
    for item in lines:
        parts = by_pod([item])
        yield f"{_cut(f'  {item.title}', 34):<34}" + "".join(f" {money(parts.get(name)):>10}" for name in names)


def _pod(pod: PodCost) -> str:
    per_org = max(pod.by_org.values(), default=None)
    count = f"{len(pod.orgs)} × {money(per_org)}" if per_org is not None else "–"
    name = _cut(f"  {pod.pod}", 20)
    return f"{name:<20} {money(pod.own):>9} {money(pod.shared):>9} {money(pod.total):>9} {count:>14}"


def _margin(pod: PodCost) -> str:
    share = "–" if pod.margin_share is None else f"{pod.margin_share} %"
    return f" {money(pod.revenue):>8} {share:>8}"


def render_comparison(found: Sequence[Comparison], values: Sequence[str], *, color: bool = False) -> str:
    """What other values change, line by line, and for whom."""
    paint = Paint(color=color)
    lines: list[str] = []
    for each in found:
        lines += [*_comparison(each, values, paint), ""]
    return "\n".join(lines[:-1]) + "\n"


def _comparison(each: Comparison, values: Sequence[str], paint: Paint) -> Iterator[str]:
    old, new = each.before.bill, each.after.bill
    told = f"{new.environment}: {money(old.total)} → {money(new.total)} {new.currency} a month"
    yield paint(f"{told} ({new.total - old.total:+,.2f})", "bold")
    for value in values:
        yield paint(f"  with {value}", "dim")
    yield from (f"  {line}" for line in budget_lines(each.after.costs, new.environment, new.total))
    if not each.changes:
        yield ""
        yield from wrapped(
            f"no line of the bill changes: what is set has no price, or {new.environment} overrides it", "  "
        )
        return
    yield ""
    yield paint(f"{'line':<44} {'before':>10} {'after':>10} {'difference':>12}", "bold")
    several = len(each.after.totals.pods) > 1
    for change in each.changes:
        yield from _change(change, f" of {change.item.pod}" if several and change.item.pod else "")
    yield f"{'':<44} {'':>10} {'':>10} {new.total - old.total:>+12,.2f}"
    yield from _pod_changes(each, paint)


def _change(change: LineChange, whom: str) -> Iterator[str]:
    title = f"  {change.item.title}{whom}"
    amounts = [money(item.monthly) if item else "–" for item in (change.before, change.after)]
    if len(title) > 44:
        yield from wrapped(title.strip(), "  ")
        title = ""
    yield f"{title:<44} {amounts[0]:>10} {amounts[1]:>10} {change.difference:>+12,.2f}"
    made_of = [f"{quantity(item)} at {item.unit_price:f}" for item in (change.before, change.after) if item]
    yield _cut(f"    {' → '.join(made_of)}", WIDTH)


def _pod_changes(each: Comparison, paint: Paint) -> Iterator[str]:
    old = {pod.pod: pod.total for pod in each.before.totals.pods}
    changed = [pod for pod in each.after.totals.pods if pod.total != old.get(pod.pod)]
    if not changed:
        return
    yield ""
    yield paint(f"{'tenant pod':<44} {'before':>10} {'after':>10} {'difference':>12}", "bold")
    for pod in changed[:_MOST]:
        before = old.get(pod.pod, Decimal(0))
        name = _cut(f"  {pod.pod}", 44)
        yield f"{name:<44} {money(before):>10} {money(pod.total):>10} {pod.total - before:>+12,.2f}"
    if len(changed) > _MOST:
        yield f"  and {len(changed) - _MOST} more"
