"""Listing the connections of any manifests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.errors import SolutioError
from solutio_topology.manifests import Facts, locate, read_tree
from solutio_topology.manifests.twice import contradictions
from solutio_topology.reach import Connections, PortSet, host_network_of, solve
from solutio_topology.reach.compare import Change, compare
from solutio_topology.reach.listing import Row, corpus_list
from solutio_topology.reach.model import ANY_INGRESS_CONTROLLER, HostNetwork, Node, Undecided
from solutio_topology.reach.reasons import Reason, node_of, why_closed, why_open
from solutio_topology.report.connections import CHANGED, EXPLAINED, FORMS, port_set
from solutio_topology.workflows.project import charts_at, find_topology

if TYPE_CHECKING:
    from solutio_topology.report.connections import Explained


class Listing(Struct, frozen=True):
    """Connections as text. `faults`: what could not be read; `notes`: what is assumed or left open; with places."""

    text: str
    faults: tuple[str, ...]
    notes: tuple[str, ...]


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
    if explain and form not in EXPLAINED:
        raise SolutioError(f"--explain has no form {form}", remedy=f"use --format {' or '.join(EXPLAINED)}")
    facts = _facts(place, topology, charts)
    solved = _solve(facts)
    rows = [row for row in corpus_list(solved) if _wanted(row, source, target, external=external)]
    if explain:
        closed = _closed(solved, rows, source, target) if (source or target) and not external else []
        text = EXPLAINED[form](facts, [*_open(solved, rows), *closed])
    else:
        text = FORMS[form](rows)
    return Listing(text, tuple(_faults(facts)), tuple(_notes(solved)))


def _faults(facts: Facts) -> Iterator[str]:
    for each in (*facts.unreadable, *facts.unexpanded):
        yield f"{locate(facts, each.place)}: {each.message}; {each.remedy}"
    for first, other in contradictions(facts):
        said = f"{other.key} stands at {locate(facts, first.place)}, too, and says something else there"
        yield f"{locate(facts, other.place)}: {said}: a cluster holds one of them; remove the other"


def _notes(solved: Connections) -> Iterator[str]:
    """What is taken on a model's word, and what the manifests leave open."""
    if not solved.facts.objects:
        yield "there are no manifests: no file that ends in .yaml, .yml or .json holds an object"
    pairs = [(each.assumed, each.place) for each in solved.facts.workloads]
    pairs += [(each.assumed, each.place) for each in solved.facts.services]
    assumed = {assumption: place for assumption, place in reversed(pairs) if assumption}
    for assumption, place in sorted(assumed.items(), key=lambda each: each[1].document):
        yield f"{locate(solved.facts, place)}: assumed: {assumption.statement} [{assumption.source}]"
    declared = {each.key.name for each in solved.facts.objects if each.key.kind == "Namespace"}
    for idle in solved.unmatched:
        if idle.peer is None and idle.policy.namespace not in {"", "default", *declared}:
            where = locate(solved.facts, idle.place)
            yield f"{where}: {idle.statement}; no manifest declares namespace {idle.policy.namespace}"
    alike: dict[tuple[str, str], list[Undecided]] = {}
    for each in (*solved.undecided, *_taken_for_pods(solved)):
        alike.setdefault((each.reason, each.remedy), []).append(each)
    for (reason, remedy), found in alike.items():
        subject = "" if found[0].subject == reason else f"{found[0].subject}: "
        more = f" (and at {len(found) - 1} places more)" if len(found) > 1 else ""
        yield f"{locate(solved.facts, found[0].place)}: undecided: {subject}{reason}; {remedy}{more}"


def _solve(facts: Facts) -> Connections:
    """The connections. Where no manifest tells the network plugin, pods on the node's network count as pods."""
    known = host_network_of(facts)
    return solve(facts, HostNetwork.POD if known is HostNetwork.UNKNOWN else known)


def _taken_for_pods(solved: Connections) -> tuple[Undecided, ...]:
    """What is undecided of pods on the node's network, where the list takes them for pods like others."""
    facts = solved.facts
    if solved.host_network is not HostNetwork.POD or not any(each.host_network for each in facts.workloads):
        return ()
    found = solve(facts, HostNetwork.UNKNOWN).undecided
    listed = "; the list takes such pods for pods like others"
    return tuple(replace(each, reason=each.reason + listed) for each in found if each not in solved.undecided)


def changes(
    place: str,
    other: str,
    topology: Path | None,
    *,
    charts: Path | None = None,
    source: str | None = None,
    target: str | None = None,
    external: bool = False,
    form: str = "text",
) -> tuple[Listing, bool]:
    """What `other` opens, closes and changes against `place`, and whether it does. Raises SolutioError as above."""
    if form not in CHANGED:
        raise SolutioError(f"--diff has no form {form}", remedy=f"use --format {' or '.join(CHANGED)}")
    before, after = (_solve(_facts(each, topology, charts)) for each in (place, other))
    found = [
        each
        for each in sorted([*compare(before, after), *_controllers(before, after)])
        if _wanted(Row(src=each.src, dst=each.dst, connections={}), source, target, external=external)
    ]
    faults = dict.fromkeys(fault for each in (before, after) for fault in _faults(each.facts))
    notes = dict.fromkeys(note for each in (before, after) for note in _notes(each))
    return Listing(CHANGED[form](found), tuple(faults), tuple(notes)), bool(found)


def _controllers(before: Connections, after: Connections) -> Iterator[Change]:
    """What changes for controllers of Ingresses that are not in the manifests."""
    old, new = _from_controllers(before), _from_controllers(after)
    for src, dst in old.keys() | new.keys():
        was, is_ = old.get((src, dst), PortSet()), new.get((src, dst), PortSet())
        if was != is_:
            yield Change(src, dst, was, is_)


def _from_controllers(solved: Connections) -> dict[tuple[str, str], PortSet]:
    rows = [row for row in corpus_list(solved) if row["src"] == str(ANY_INGRESS_CONTROLLER)]
    return {(row["src"], row["dst"]): port_set(row["connections"]) for row in rows}


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
