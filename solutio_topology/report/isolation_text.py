"""What tenant pods have for themselves and what they share, as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.report.human import MARK, Paint, wrapped

if TYPE_CHECKING:
    from solutio_topology.checks.isolation.model import Aspect, Statement

_MOST = 5
"""Facts of one aspect that are shown without `verbose`."""


def render(statements: Iterable[Statement], *, color: bool = False, verbose: bool = False) -> str:
    """Each tenant pod with its aspects, 80 columns wide where words can be wrapped."""
    paint = Paint(color=color)
    lines: list[str] = []
    for statement in statements:
        served = f", serves {', '.join(statement.orgs)}" if statement.orgs else ""
        head = f"tenant pod {statement.pod} of {statement.environment} (tier {statement.tier}{served}): "
        lines.append(paint(head, "bold") + paint(statement.verdict.value, MARK[statement.verdict]))
        for aspect in statement.aspects:
            lines += _aspect(aspect, paint, verbose=verbose)
        lines.append("")
    return "\n".join(lines)


def _aspect(aspect: Aspect, paint: Paint, *, verbose: bool) -> Iterator[str]:
    yield f"  {aspect.name}  " + paint(aspect.verdict.value, MARK[aspect.verdict])
    shown = aspect.own if verbose or len(aspect.own) <= _MOST else aspect.own[: _MOST - 1]
    for fact in shown:
        yield from wrapped(f"own: {fact.statement}", "     ")
        yield paint(f"       {fact.location}", "dim")
    if len(shown) < len(aspect.own):
        yield f"     own: {len(aspect.own) - len(shown)} more; --verbose shows them"
    for shared in aspect.shared:
        yield from wrapped(f"shared: {shared.fact.statement} ({shared.why})", "     ")
        if verbose:
            yield paint(f"       {shared.fact.location}", "dim")
    for accepted in aspect.accepted:
        yield from wrapped(f"accepted: {accepted.finding.code} {accepted.finding.message}: {accepted.reason}", "     ")
    for assumption in aspect.assumptions:
        yield from wrapped(f"assumed {assumption.name}: {assumption.statement} [{assumption.source}]", "     ")
    for fact in aspect.undecided:
        yield from wrapped(f"undecided: {fact.statement}", "     ")
        yield paint(f"       {fact.location}", "dim")
    for finding in aspect.findings:
        yield from (paint(line, "red") for line in wrapped(f"{finding.code}: {finding.message}", "     "))
        yield paint(f"       {finding.location}", "dim")
        yield from wrapped(f"do: {finding.remedy}", "     ")
