"""Text for people: findings by file with the offending line, what to do, and what passed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.findings import Finding, Location, Severity, Verdict
from solutio_topology.report.model import Report, summary, taken_on_word

if TYPE_CHECKING:
    from solutio_topology.checks.paths import HopProof, PathProof

WIDTH = 80
_STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MARK = {Verdict.PROVEN: "green", Verdict.ASSUMED: "cyan", Verdict.REFUTED: "red", Verdict.UNDECIDED: "yellow"}
_CODES = {"red": "31", "yellow": "33", "cyan": "36", "green": "32", "bold": "1", "dim": "2"}


class Paint:
    """Colours a piece of text, or leaves it as it is."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, style: str) -> str:
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self._color and text else text


def render(report: Report, *, color: bool = False, verbose: bool = False) -> str:
    """The report as text, 80 columns wide where words can be wrapped."""
    paint = Paint(color=color)
    lines: list[str] = []
    if crossing := [finding for finding in report.findings if finding.crosses_tenants]:
        ways = "1 way leads" if len(crossing) == 1 else f"{len(crossing)} ways lead"
        lines += [paint(f"TENANTS ARE NOT ISOLATED: {ways} from one to another", "red"), ""]
    for file, group in groupby(report.findings, key=lambda finding: finding.location.file):
        lines.append(paint(file or "(no file)", "bold"))
        for finding in group:
            lines += _finding(finding, paint)
        lines.append("")
    for note in (note for outcome in report.outcomes for note in outcome.notes):
        lines.append(paint(note, "dim"))
    if verbose:
        for found, reason in report.acknowledged:
            lines += wrapped(f"acknowledged {found.code} {found.subject}: {reason}", "  ")
    if taken := taken_on_word(report):
        lines.append(paint("assumed, and by how many hops:", "dim"))
        for name, count, source in taken:
            lines += wrapped(f"{name} ({count}): {source}", "  ")
    lines += [paint(line, "bold" if report.ok else "red") for line in summary(report)]
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, paint: Paint) -> Iterator[str]:
    at = finding.location
    place = f"{at.line}:{at.column}" if at.line else ""
    head = f"  {place:<8}{finding.severity.value} {finding.code} {finding.name}"
    yield paint(head, _STYLE[finding.severity])
    yield from wrapped(finding.message, "          ")
    if finding.excerpt:
        yield paint(f"          | {_cut(finding.excerpt)}", "dim")
        if 0 < at.column <= WIDTH:
            yield paint("          | " + " " * (at.column - 1) + "^", "dim")
    if at.via:
        yield from wrapped(f"in: {at.via}", "          ")
    for related in finding.related:
        where = f" ({related.location})" if related.location.file else ""
        yield from wrapped(f"also: {related.message}{where}", "          ")
    yield from wrapped(f"do: {finding.remedy}", "          ")


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH - 12 else text[: WIDTH - 13] + "…"


def wrapped(text: str, indent: str) -> list[str]:
    """Text in lines of at most 80 characters, the first after `indent`, the others a little further in."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def render_paths(
    paths: list[PathProof], equal: Mapping[str, tuple[str, ...]] = MappingProxyType({}), *, color: bool = False
) -> str:
    """Paths, hop by hop, with the evidence of each; `equal`: tenant pods for which another one's hold as well."""
    paint = Paint(color=color)
    lines: list[str] = []
    for path in paths:
        lines.append(paint(f"path {path.name} of {path.pod}: ", "bold") + paint(path.verdict.value, MARK[path.verdict]))
        if path.missing:
            lines.append(f"  {path.missing}")
        for number, hop in enumerate(path.hops, 1):
            lines += _hop(number, hop, paint)
        if others := equal.get(path.pod):
            lines += wrapped(f"and {len(others)} tenant pods that are equal to {path.pod} but for their names", "  ")
        lines.append("")
    return "\n".join(lines)


def _place(location: Location) -> list[str]:
    """A place on a line of its own; below it what makes something of the object there."""
    via = wrapped(f"({location.via})", "         ") if location.via else []
    return [f"         {replace(location, via='')}", *via]


def _hop(number: int, hop: HopProof, paint: Paint) -> Iterator[str]:
    a, b = hop.link.drawn
    yield f"  {number}. {a.service} -> {b.service}  " + paint(hop.verdict.value, MARK[hop.verdict])
    for fact in hop.facts:
        yield from wrapped(fact.statement, "       ")
        for line in _place(fact.location) if fact.location.file else ():
            yield paint(line, "dim")
    for assumption in hop.assumptions:
        yield from wrapped(f"assumed {assumption.name}: {assumption.statement} [{assumption.source}]", "       ")
    if hop.cause:
        yield from wrapped(f"{hop.verdict}: {hop.cause.message}", "       ")
        for line in _place(hop.cause.location):
            yield paint(line, "dim")
        for fact in hop.cause.related:
            yield from wrapped(f"also: {fact}", "       ")
        yield from wrapped(f"do: {hop.cause.remedy}", "       ")
