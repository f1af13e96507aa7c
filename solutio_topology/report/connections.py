"""Lists of connections: as they are, with their reasons, and what changed between two of them."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from solutio_topology.manifests import Facts, locate
from solutio_topology.reach.listing import Row
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from solutio_topology.reach.compare import Change
    from solutio_topology.reach.reasons import Reason

    Explained = tuple[Row, tuple[Reason, ...]]

Ports = dict[str, list[list[int]]]
_HEADER = ("src", "dst", "connections")


def port_set(ports: Ports) -> PortSet:
    """The ports of a row."""
    spans = [PortSet.of(protocol, first, last) for protocol, each in ports.items() for first, last in each]
    return PortSet.union_of(spans)


def _changed_text(found: list[Change]) -> str:
    lines = [f"{each.kind:<8} {each.src} => {each.dst} : {_told(each.before)} -> {_told(each.after)}" for each in found]
    return "\n".join([*lines, f"{len(found)} differences"]) + "\n"


def _changed_json(found: list[Change]) -> str:
    rows = [
        {"change": each.kind.value, "src": each.src, "dst": each.dst}
        | {"before": each.before.as_dict() or None, "after": each.after.as_dict() or None}
        for each in found
    ]
    return json.dumps(rows, indent=2) + "\n"


def _told(ports: PortSet) -> str:
    return str(ports) if ports else "nothing"


def _explained_text(facts: Facts, found: list[Explained]) -> str:
    lines = []
    for row, reasons in found:
        lines.append(f"{row['src']} => {row['dst']} : {_ports(row['connections'])}")
        for each in reasons:
            side = f"{each.direction}: " if each.direction else ""
            lines.append(f"    {side}{each.statement}{f' ({locate(facts, each.place)})' if each.place else ''}")
    return "".join(f"{line}\n" for line in lines)


def _explained_json(facts: Facts, found: list[Explained]) -> str:
    rows = [{**row, "because": [_reason(facts, each) for each in reasons]} for row, reasons in found]
    return json.dumps(rows, indent=2) + "\n"


def _reason(facts: Facts, reason: Reason) -> dict[str, object]:
    told: dict[str, object] = {"direction": reason.direction, "statement": reason.statement}
    if reason.place is None:
        return told
    where = locate(facts, reason.place)
    return {**told, "file": where.file, "line": where.line, "column": where.column}


def _ports(ports: Ports) -> str:
    return _told(port_set(ports))


def _text(rows: list[Row]) -> str:
    return "".join(f"{row['src']} => {row['dst']} : {_ports(row['connections'])}\n" for row in rows)


def _json(rows: list[Row]) -> str:
    """One row a line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    return f"[\n{lines}\n]\n" if rows else "[]\n"


def _csv(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    writer.writerows((row["src"], row["dst"], _ports(row["connections"])) for row in rows)
    return out.getvalue()


def _markdown(rows: list[Row]) -> str:
    lines = ["| src | dst | connections |", "|---|---|---|"]
    lines += [f"| {row['src']} | {row['dst']} | {_ports(row['connections'])} |" for row in rows]
    return "\n".join(lines) + "\n"


def _dot(rows: list[Row]) -> str:
    edges = [
        f"  {json.dumps(row['src'])} -> {json.dumps(row['dst'])} [label={json.dumps(_ports(row['connections']))}];"
        for row in rows
    ]
    return "\n".join(["digraph connections {", "  rankdir=LR;", *edges, "}"]) + "\n"


FORMS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown, "dot": _dot}
"""A list of rows, in each form."""
EXPLAINED = {"text": _explained_text, "json": _explained_json}
"""A list of rows with reasons, whose places stand in the facts."""
CHANGED = {"text": _changed_text, "json": _changed_json}
"""A list of changes."""
