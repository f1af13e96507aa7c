"""A bill in Markdown, for a pull request or a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from solutio_topology.cost.model import Item, total
from solutio_topology.report.cost_rows import budget_lines, declared, division, money, quantity, rows, sources

if TYPE_CHECKING:
    from solutio_topology.cost.estimate import Comparison, Estimate
    from solutio_topology.cost.totals import PodCost


def render(found: Sequence[Estimate]) -> str:
    """The bills of environments."""
    return "\n".join(line for each in found for line in (*_bill(each), "")) + ""


def _bill(each: Estimate) -> Iterator[str]:
    bill = each.bill
    yield f"## {bill.environment}: {money(bill.total)} {bill.currency} a month"
    yield ""
    yield from (f"- {line}" for line in budget_lines(each.costs, bill.environment, bill.total))
    if bill.on_page:
        yield from _table("On the page", bill.on_page)
        yield from filter(None, [_cell(declared(each.costs, total(bill.on_page)))])
        yield ""
    if bill.off_page:
        yield from _table("Not on the page" if bill.on_page else "Lines", bill.off_page)
    if bill.unknown or bill.notes:
        yield from ("### Not counted", "")
        yield from (f"- {_cell(one.subject)}: {_cell(one.why)}" for one in bill.unknown)
        yield from (f"- {_cell(note)}" for note in bill.notes)
        yield ""
    yield from _totals(each)


def _table(title: str, items: Sequence[Item]) -> Iterator[str]:
    yield from (f"### {title}: {money(total(tuple(items)))}", "")
    yield from ("| item | for | quantity | each | a month | source |", "|---|---|---|--:|--:|---|")
    told = {(listing.source, listing.date, listing.confirmed): text for listing, text in sources(items)}
    for row in rows(items):
        source = told[(row.listing.source, row.listing.date, row.listing.confirmed)]
        cells = (_cell(row.title), _cell(row.whom), _cell(row.quantity), row.unit_price, money(row.monthly))
        yield f"| {' | '.join(cells)} | {_cell(source)} |"
    yield ""


def _totals(each: Estimate) -> Iterator[str]:
    for title, amounts in (
        ("layer", each.totals.layers),
        ("tier", each.totals.tiers),
        ("node pool", each.totals.pools),
    ):
        yield from (f"### By {title}", "", f"| {title} | a month |", "|---|--:|")
        yield from (f"| {name or '–'} | {money(amount)} |" for name, amount in amounts.items())
        yield ""
    yield from ("### By tenant pod", "", "| tenant pod | own | shared | total | per organization | sold | margin |")
    yield "|---|--:|--:|--:|--:|--:|--:|"
    yield from (_pod(pod) for pod in each.totals.pods)
    yield from ("", _cell(division(each.costs)).capitalize() + ".")


def _pod(pod: PodCost) -> str:
    per_org = max(pod.by_org.values(), default=None)
    count = f"{len(pod.orgs)} × {money(per_org)}" if per_org is not None else "–"
    share = "–" if pod.margin_share is None else f"{money(pod.margin)} ({pod.margin_share} %)"
    amounts = (money(pod.own), money(pod.shared), money(pod.total), count, money(pod.revenue), share)
    return f"| {pod.pod} | {' | '.join(amounts)} |"


def render_comparison(found: Sequence[Comparison], values: Sequence[str]) -> str:
    """What other values change, line by line."""
    lines: list[str] = []
    for each in found:
        old, new = each.before.bill, each.after.bill
        change = f"{money(old.total)} → {money(new.total)} {new.currency} a month ({new.total - old.total:+,.2f})"
        lines += [
            f"## {new.environment}: {change}",
            "",
            *(f"- `{value.replace('`', chr(39))}`" for value in values),
            "",
        ]
        lines += ["| item | for | before | after | difference |", "|---|---|---|---|--:|"]
        for line in each.changes:
            cells = [f"{quantity(item)}: {money(item.monthly)}" if item else "–" for item in (line.before, line.after)]
            head = (_cell(line.item.title), _cell(line.item.pod or "shared"), *map(_cell, cells))
            lines.append(f"| {' | '.join(head)} | {line.difference:+,.2f} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text that breaks no table and starts no markup."""
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
