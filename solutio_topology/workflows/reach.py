"""Listing the connections of any manifests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from solutio_topology.errors import SolutioError
from solutio_topology.manifests import Facts, locate, read_tree
from solutio_topology.reach import Connections, PortSet, host_network_of, solve
from solutio_topology.reach.listing import Row, corpus_list
from solutio_topology.reach.model import HostNetwork, Node, Undecided
from solutio_topology.reach.reasons import Reason, node_of, why_closed, why_open
from solutio_topology.workflows.project import charts_at, find_topology


@dataclass(frozen=True, slots=True)
class Listing:
    """Connections as text. `faults`: what could not be read; `notes`: what is assumed or left open; with places."""

    text: str
    faults: tuple[str, ...]
    notes: tuple[str, ...]


_HEADER = ("src", "dst", "connections")


def connections(
    place: str,
    topology: Path | None,
    *,
    charts: Path | None = None,
    source: str | None = None,
    target: str | None = None,
    external: bool = False,
    explain: bool = False,
    form: str = "text",
) -> Listing:
    """Every connection in `form`; with `explain` and a `source` or `target` those that are closed, too.

    Raises SolutioError for a place that is none, charts that cannot be used, and for a form without room for reasons.
    """
    if explain and form not in _EXPLAINED:
        raise SolutioError(f"--explain has no form {form}", remedy=f"use --format {' or '.join(_EXPLAINED)}")
    facts = _facts(place, topology, charts)
    solved = _solve(facts)
    rows = [row for row in corpus_list(solved) if _wanted(row, source, target, external=external)]
    if explain:
        closed = _closed(solved, rows, source, target) if (source or target) and not external else []
        text = _EXPLAINED[form](facts, [*_open(solved, rows), *closed])
    else:
        text = _FORMS[form](rows)
    return Listing(text, tuple(_faults(facts)), tuple(_notes(solved)))


def _faults(facts: Facts) -> Iterator[str]:
    for each in (*facts.unreadable, *facts.unexpanded):
        yield f"{locate(facts, each.place)}: {each.message}; {each.remedy}"


def _notes(solved: Connections) -> Iterator[str]:
    """What is taken on a model's word, and what the manifests leave open."""
    pairs = [(each.assumed, each.place) for each in solved.facts.workloads]
    pairs += [(each.assumed, each.place) for each in solved.facts.services]
    assumed = {assumption: place for assumption, place in reversed(pairs) if assumption}
    for assumption, place in sorted(assumed.items(), key=lambda each: each[1].document):
        yield f"{locate(solved.facts, place)}: assumed: {assumption.statement} [{assumption.source}]"
    alike: dict[tuple[str, str], list[Undecided]] = {}
    for each in solved.undecided:
        alike.setdefault((each.reason, each.remedy), []).append(each)
    for (reason, remedy), found in alike.items():
        subject = "" if found[0].subject == reason else f"{found[0].subject}: "
        more = f" (and at {len(found) - 1} places more)" if len(found) > 1 else ""
        yield f"{locate(solved.facts, found[0].place)}: undecided: {subject}{reason}; {remedy}{more}"


def _solve(facts: Facts) -> Connections:
    """The connections. Where no manifest tells the network plugin, pods on the node's network count as pods."""
    known = host_network_of(facts)
    return solve(facts, HostNetwork.POD if known is HostNetwork.UNKNOWN else known)


def changes(
    place: str, other: str, topology: Path | None, *, charts: Path | None = None, form: str = "text"
) -> tuple[str, bool]:
    """What `other` opens, closes and changes against `place`."""
    before, after = (_by_pair(corpus_list(_solve(_facts(each, topology, charts)))) for each in (place, other))
    found = [
        {"change": _change(before.get(pair), after.get(pair)), "src": pair[0], "dst": pair[1]}
        | {"before": before.get(pair), "after": after.get(pair)}
        for pair in sorted(before.keys() | after.keys())
        if before.get(pair) != after.get(pair)
    ]
    if form == "json":
        return json.dumps(found, indent=2) + "\n", bool(found)
    lines = [
        f"{each['change']:<8} {each['src']} => {each['dst']} : {_ports(each['before'])} -> {_ports(each['after'])}"
        for each in found
    ]
    return "\n".join([*lines, f"{len(found)} differences"]) + "\n", bool(found)


Ports = dict[str, list[list[int]]]


def _by_pair(rows: list[Row]) -> dict[tuple[str, str], Ports]:
    return {(row["src"], row["dst"]): row["connections"] for row in rows}


def _change(before: Ports | None, after: Ports | None) -> str:
    if before is None:
        return "opened"
    return "closed" if after is None else "changed"


def _facts(place: str, topology: Path | None, charts: Path | None) -> Facts:
    """The facts of a folder, or of what an environment has rendered."""
    folder, helm = Path(place), charts_at(charts)
    if folder.is_dir():
        return read_tree(folder, display=place, charts=helm)
    try:
        root = find_topology(topology).parent
    except SolutioError:
        root = Path()
    rendered = root / "rendered" / place
    if "/" not in place and rendered.is_dir():
        return read_tree(rendered, display=f"rendered/{place}", charts=helm)
    raise SolutioError(
        f"{place} is neither a folder nor an environment that is rendered",
        remedy=f"name a folder of manifests, or run: solutio render {place}",
    )


def _wanted(row: Row, source: str | None, target: str | None, *, external: bool) -> bool:
    if source is not None and source not in row["src"]:
        return False
    if target is not None and target not in row["dst"]:
        return False
    return not external or "[" not in row["src"] or "[" not in row["dst"]


def _ports(ports: object) -> str:
    if not isinstance(ports, dict) or not ports:
        return "nothing"
    found = [PortSet.of(protocol, first, last) for protocol, spans in ports.items() for first, last in spans]
    return str(PortSet.union_of(found))


def _text(rows: list[Row]) -> str:
    return "".join(f"{row['src']} => {row['dst']} : {_ports(row['connections'])}\n" for row in rows)


Explained = tuple[Row, tuple[Reason, ...]]


def _open(solved: Connections, rows: list[Row]) -> Iterator[Explained]:
    nodes = _by_name(solved)
    for row in rows:
        found: dict[Reason, None] = {}
        for src in nodes.get(row["src"], (node_of(row["src"]),)):
            for dst in nodes.get(row["dst"], (node_of(row["dst"]),)):
                found |= dict.fromkeys(why_open(solved, src, dst, solved.ports(src, dst)))
        yield row, tuple(found)


def _closed(solved: Connections, rows: list[Row], source: str | None, target: str | None) -> Iterator[Explained]:
    """The pairs of workloads that are asked about and cannot talk at all."""
    listed = {(row["src"], row["dst"]) for row in rows}
    for src, sources in _by_name(solved).items():
        for dst, targets in _by_name(solved).items():
            row = Row(src=src, dst=dst, connections={})
            if src != dst and (src, dst) not in listed and _wanted(row, source, target, external=False):
                yield (
                    row,
                    tuple(dict.fromkeys(why for a in sources for b in targets for why in why_closed(solved, a, b))),
                )


def _by_name(solved: Connections) -> dict[str, tuple[Node, ...]]:
    found: dict[str, tuple[Node, ...]] = {}
    for node in sorted(solved.workloads, key=str):
        found[str(node)] = (*found.get(str(node), ()), node)
    return found


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


_EXPLAINED = {"text": _explained_text, "json": _explained_json}
_FORMS = {"text": _text, "json": _json, "csv": _csv, "markdown": _markdown, "dot": _dot}
