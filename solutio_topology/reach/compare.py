"""What changed between two sets of manifests: connections opened, closed, and with other ports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from solutio_topology.reach import spans as algebra
from solutio_topology.reach.addresses import range_spans, spans_node
from solutio_topology.reach.connections import Connections
from solutio_topology.reach.model import Connection, Node, RangeNode, WorkloadNode
from solutio_topology.reach.ports import NO_PORTS, PortSet
from solutio_topology.reach.spans import Span, Spans


class ChangeKind(StrEnum):
    """What became of a connection."""

    OPENED = "opened"
    CLOSED = "closed"
    CHANGED = "changed"


class Change(Struct, frozen=True, order=True):
    """One pair of ends, by name, that has other ports than before."""

    src: str
    dst: str
    before: PortSet
    after: PortSet

    @property
    def kind(self) -> ChangeKind:
        """Opened: nothing passed before. Closed: nothing passes any more."""
        if not self.before:
            return ChangeKind.OPENED
        return ChangeKind.CHANGED if self.after else ChangeKind.CLOSED


def compare(before: Connections, after: Connections) -> list[Change]:
    """All changes of sure connections, between workloads (by name) and with addresses outside, sorted by the ends.

    A workload that is only in one of the two has no connections in the other. Ranges are cut where either side
    cuts them, so that a moved cut alone is no change.
    """
    old, new = _by_name(before), _by_name(after)
    found: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        then, now = old.get(name, []), new.get(name, [])
        found += _between(name, _opened(before, then), _opened(after, now))
        found += (Change(name, *each) for each in _ranges(_out(before, then), _out(after, now)))
        found += (
            Change(outside, name, was, is_) for outside, was, is_ in _ranges(_into(before, then), _into(after, now))
        )
    return sorted(found)


def _by_name(connections: Connections) -> dict[str, list[WorkloadNode]]:
    found = defaultdict(list)
    for node in connections.workloads:
        found[str(node)].append(node)
    return found


def _opened(connections: Connections, nodes: list[WorkloadNode]) -> dict[str, PortSet]:
    found: dict[str, PortSet] = {}
    for node in nodes:
        for index, ports in connections.open_from(node).items():
            name = str(connections.workloads[index])
            found[name] = found.get(name, NO_PORTS) | ports
    return found


def _between(src: str, before: dict[str, PortSet], after: dict[str, PortSet]) -> Iterator[Change]:
    for dst in before.keys() | after.keys():
        was, is_ = before.get(dst, NO_PORTS), after.get(dst, NO_PORTS)
        if was != is_ and dst != src:
            yield Change(src, dst, was, is_)


def _out(connections: Connections, nodes: list[WorkloadNode]) -> list[Connection]:
    return [each for node in nodes for each in connections.external(node)]


def _into(connections: Connections, nodes: list[WorkloadNode]) -> list[Connection]:
    return [each for node in nodes for each in connections.from_external(node)]


def _ranges(before: list[Connection], after: list[Connection]) -> Iterator[tuple[str, PortSet, PortSet]]:
    """The ranges in which ports differ, with what they were and are."""
    old, new = _by_ports(before), _by_ports(after)
    changed: dict[tuple[PortSet, PortSet], Spans] = {}
    for was, there in old.items():
        for is_, here in new.items():
            if was != is_ and (both := algebra.intersection(there, here)):
                changed[was, is_] = both
    for was, there in old.items():
        changed[was, NO_PORTS] = _without(there, new.values())
    for is_, here in new.items():
        changed[NO_PORTS, is_] = _without(here, old.values())
    for (was, is_), ranges in changed.items():
        yield from ((str(spans_node(first, last)), was, is_) for first, last in ranges)


def _without(spans: Spans, others: Iterable[Spans]) -> Spans:
    for each in others:
        spans = algebra.difference(spans, each)
    return spans


def _by_ports(connections: list[Connection]) -> dict[PortSet, Spans]:
    """Address ranges by their ports. Workloads of one name may overlap: then their ports are joined."""
    ranges: dict[tuple[Node, PortSet], list[Span]] = {}
    for each in connections:
        pod, end = (each.src, each.dst) if isinstance(each.dst, RangeNode) else (each.dst, each.src)
        if each.ports and isinstance(end, RangeNode):
            ranges.setdefault((pod, each.ports), []).extend(range_spans(end))
    parts: list[tuple[Spans, PortSet]] = []
    for (_, ports), spans in ranges.items():
        parts = _overlay(parts, algebra.normalize(spans), ports)
    found: dict[PortSet, Spans] = {}
    for part, ports in parts:
        found[ports] = algebra.union(found.get(ports, ()), part)
    return found


def _overlay(parts: list[tuple[Spans, PortSet]], spans: Spans, ports: PortSet) -> list[tuple[Spans, PortSet]]:
    found: list[tuple[Spans, PortSet]] = []
    for held, has in parts:
        both = algebra.intersection(held, spans)
        found += [
            (rest, with_) for rest, with_ in ((algebra.difference(held, spans), has), (both, has | ports)) if rest
        ]
        spans = algebra.difference(spans, both)
    return [*found, (spans, ports)] if spans else found
