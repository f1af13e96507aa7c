"""Why two ends may talk, or may not, over all of their ports: every rule or policy that says so, once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.reach.model import EntityNode, Explanation, Node, RangeNode, Side, Verdict, WorkloadNode
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Place
    from solutio_topology.reach.connections import Connections

_ASKED = (("TCP", 443),)
"""What is asked about where neither end declares a port."""
_PROTOCOLS = ("TCP", "UDP", "SCTP")


class Reason(Struct, frozen=True):
    """One statement about a pair: of which direction (empty: of both), and where it stands, if anywhere."""

    direction: str
    statement: str
    place: Place | None = None


def why_open(connections: Connections, src: Node, dst: Node, ports: PortSet) -> tuple[Reason, ...]:
    """The rules that let `ports` through, each once."""
    found: list[Reason] = []
    for protocol in _PROTOCOLS:
        for first, _ in ports.intervals(protocol):
            explained = connections.explain(src, dst, protocol, first)
            for side in _sides(explained):
                found += _open(side)
            found += [Reason("", remark) for remark in explained.remarks]
    return tuple(dict.fromkeys(found))


def why_closed(connections: Connections, src: Node, dst: Node) -> tuple[Reason, ...]:
    """The policies that close every port between two ends, and the rules that come nearest to opening one."""
    found: list[Reason] = []
    for protocol, port in _declared(connections, dst) or _ASKED:
        for side in _sides(connections.explain(src, dst, protocol, port)):
            if side.verdict is not Verdict.ALLOWED:
                found += _closed(side)
    return tuple(dict.fromkeys(found))


def node_of(name: str) -> Node:
    """An end that is no workload by its name in a list: a range of addresses, or an identity."""
    first, _, last = name.partition("-")
    try:
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
    except ValueError:
        return EntityNode(name)
    return RangeNode(low.version, int(low), int(high))


def _sides(explained: Explanation) -> Iterator[Side]:
    """The directions that policies can speak of: addresses outside have none of their own."""
    if isinstance(explained.src, WorkloadNode):
        yield explained.egress
    if isinstance(explained.dst, WorkloadNode):
        yield explained.ingress


def _open(side: Side) -> Iterator[Reason]:
    if not side.isolated_by:
        yield Reason(side.direction, "no policy closes it")
    for grant in side.allowed_by:
        yield Reason(side.direction, grant.statement, grant.rule)


def _closed(side: Side) -> Iterator[Reason]:
    for reason in side.undecided:
        yield Reason(side.direction, f"undecided: {reason}")
    for isolation in side.isolated_by:
        yield Reason(side.direction, f"{isolation.policy} closes it", isolation.place)
    for grant in side.denied_by:
        yield Reason(side.direction, f"denied: {grant.statement}", grant.rule)
    for miss in side.misses:
        yield Reason(side.direction, f"not opened: {miss.statement}", miss.place)


def _declared(connections: Connections, dst: Node) -> tuple[tuple[str, int], ...]:
    if not isinstance(dst, WorkloadNode):
        return ()
    containers = connections.facts.workloads[dst.index].containers
    return tuple(dict.fromkeys((port.protocol, port.number) for each in containers for port in each.ports))
