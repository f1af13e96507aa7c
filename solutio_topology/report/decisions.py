"""The decisions of a topology: as text, as a table, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.report.human import wrapped

if TYPE_CHECKING:
    from solutio_topology.checks.decisions.listing import ChosenRow, DecisionRow, Marks, RejectedRow


def render(rows: Sequence[DecisionRow], form: str, *, verbose: bool = False) -> str:
    """The decisions in a format: ``human``, ``markdown`` or ``json``."""
    if form == "json":
        return as_json(rows)
    return as_markdown(rows) if form == "markdown" else as_text(rows, verbose=verbose)


def as_text(rows: Sequence[DecisionRow], *, verbose: bool) -> str:
    """Each decision with its choice, its alternatives, and by what they are recognised; 80 columns."""
    lines: list[str] = []
    for row in rows:
        lines += [*_decision(row, verbose), ""]
    return "\n".join(lines or ["the topology has no decisions", ""])


def _decision(row: DecisionRow, verbose: bool) -> Iterator[str]:
    status = row.decision.status + (f" {row.decision.date}" if row.decision.date else "")
    yield from wrapped(f"{row.key}: {row.decision.title} ({status})", "")
    why = f", because {row.decision.why}" if row.decision.why else ""
    yield from wrapped(f"chosen {row.decision.chosen}{why}", "  ")
    for part in row.chosen:
        yield from wrapped(f"{_titled(part)}: {_realized(part)}; {_seen(part.marks, part.unseen, verbose)}", "    ")
    if not row.chosen:
        yield from wrapped(_seen({}, row.decision.unseen, verbose), "    ")
    if row.decision.placement:
        yield from wrapped(f"must run: {row.decision.placement}", "    ")
    for each in row.rejected:
        yield from wrapped(f"rejected {each.name}{_reason(each)}", "  ")
        yield from wrapped(_seen(each.marks, each.unseen, verbose), "    ")
        for service, reason in each.allowed.items():
            yield from wrapped(f"allowed for {service}: {reason}", "    ")
    if row.decision.supersedes:
        yield from wrapped(f"supersedes {', '.join(row.decision.supersedes)}", "  ")


def _titled(part: ChosenRow) -> str:
    return f"{part.name} {part.version}".rstrip()


def _realized(part: ChosenRow) -> str:
    by = f"realized by {', '.join(part.realized_by)}" if part.realized_by else "realized by no service"
    return f"{by}, its version only told by titles" if part.version and not part.tagged else by


def _reason(row: RejectedRow) -> str:
    return (f": {row.reason}" if row.reason else "") + (" (discontinued: no use at all)" if row.discontinued else "")


def _seen(marks: Marks, unseen: str | None, verbose: bool) -> str:
    if not marks:
        return f"not recognisable: {unseen or 'nothing is known that gives it away'}"
    if set(marks) == {"titles"}:
        told = "only by the titles of services"
    elif verbose:
        told = "by " + "; ".join(f"{name} {', '.join(values)}" for name, values in marks.items())
    else:
        told = "by its " + ", ".join(marks)
    return f"recognised {told}" + (f" ({unseen})" if unseen else "")


def as_markdown(rows: Sequence[DecisionRow]) -> str:
    """The table of an architecture page, and below it what nothing, or not everything, can show."""
    lines = ["| Decision | Choice | Rejected |", "|---|---|---|"]
    for row in rows:
        status = "" if row.decision.status == "accepted" else f" ({row.decision.status})"
        rejected = ", ".join(f"{each.name} ({each.reason})" if each.reason else each.name for each in row.rejected)
        lines.append(f"| {_cell(row.decision.title)}{status} | {_cell(row.decision.chosen)} | {_cell(rejected)} |")
    hidden = [(row.key, each.name, each.unseen, bool(each.marks)) for row in rows for each in row.rejected]
    hidden += [(row.key, each.name, each.unseen, bool(each.marks)) for row in rows for each in row.chosen]
    told = [each for each in hidden if each[2] or not each[3]]
    if told:
        lines += ["", "Not, or not wholly, recognisable:", ""]
    for key, name, unseen, _ in told:
        lines.append(f"- {name} ({key}): {unseen or 'nothing is known that gives it away'}")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def as_json(rows: Sequence[DecisionRow]) -> str:
    """All of it, for programs."""
    found = {
        "schemaVersion": 1,
        "toolVersion": __version__,
        "command": "decisions list",
        "ok": True,
        "decisions": [_object(row) for row in rows],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _object(row: DecisionRow) -> dict[str, Any]:
    decision = row.decision
    return {
        "key": row.key,
        "title": decision.title,
        "status": decision.status,
        "date": decision.date.isoformat() if decision.date else None,
        "id": decision.id,
        "chosen": decision.chosen,
        "why": decision.why,
        "context": decision.context,
        "placement": decision.placement,
        "supersedes": decision.supersedes,
        "parts": [
            {
                "name": part.name,
                "version": part.version or None,
                "versionByTag": part.tagged,
                "realizedBy": list(part.realized_by),
                "recognised": part.marks,
                "unseen": part.unseen,
            }
            for part in row.chosen
        ],
        "rejected": [
            {
                "name": each.name,
                "reason": each.reason,
                "discontinued": each.discontinued,
                "allowed": each.allowed,
                "recognised": each.marks,
                "unseen": each.unseen,
            }
            for each in row.rejected
        ],
    }
