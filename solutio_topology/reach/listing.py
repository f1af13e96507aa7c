"""The connection list as plain data, in the format of netpol-analyzer's corpus (``src``, ``dst``, ports)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypedDict

from solutio_topology.manifests.facts import Facts
from solutio_topology.reach.connections import Connections
from solutio_topology.reach.ingress import backend_ports
from solutio_topology.reach.model import ANY_INGRESS_CONTROLLER, Connection, RangeNode
from solutio_topology.reach.ports import PortSet


class Row(TypedDict):
    """One row: the ends by name, closed port intervals per protocol."""

    src: str
    dst: str
    connections: dict[str, list[list[int]]]


def corpus_list(connections: Connections, *, ipv6: bool | None = None) -> list[Row]:
    """Every sure connection: between workloads, from and to addresses outside, from unknown ingress controllers.

    Workloads of one name are one row each pair; their ports are joined. Sorted by source and destination. Ranges
    of IPv6 are listed when `ipv6` says so; None: when a policy names an IPv6 address.
    """
    return [Row(src=src, dst=dst, connections=ports.as_dict()) for src, dst, ports in _rows(connections, ipv6=ipv6)]


def corpus_json(connections: Connections, *, ipv6: bool | None = None) -> Iterator[str]:
    """`corpus_list` as the text of a JSON array, one row a line, piece by piece: lists can be long."""
    name = lru_cache(maxsize=None)(json.dumps)
    said = lru_cache(maxsize=None)(lambda ports: json.dumps(ports.as_dict()))
    between = "[\n"
    for src, dst, ports in _rows(connections, ipv6=ipv6):
        yield f'{between}{{"src": {name(src)}, "dst": {name(dst)}, "connections": {said(ports)}}}'
        between = ",\n"
    yield "[]\n" if between == "[\n" else "\n]\n"


_Ends = dict[str, PortSet]


def _rows(connections: Connections, *, ipv6: bool | None) -> Iterator[tuple[str, str, PortSet]]:
    """Sorted (source, destination, ports), source by source."""
    wanted = _speaks_ipv6(connections.facts) if ipv6 is None else ipv6
    outside = _from_outside(connections, ipv6=wanted)
    names = [str(node) for node in connections.workloads]
    nodes = defaultdict(list)
    for node in connections.workloads:
        nodes[str(node)].append(node)
    for src in sorted(outside.keys() | nodes.keys()):
        found: _Ends = dict(outside.get(src, {}))
        for node in nodes.get(src, ()):
            opened = connections.open_from(node).items()
            _join(found, ((names[index], ports) for index, ports in opened))
            _join(found, _named(connections.external(node), ipv6=wanted))
        found.pop(src, None)
        for dst in sorted(found):
            yield src, dst, found[dst]


def _join(found: _Ends, more: Iterable[tuple[str, PortSet]]) -> None:
    for name, ports in more:
        if ports:
            found[name] = found[name] | ports if name in found else ports


def _named(connections: Iterable[Connection], *, ipv6: bool) -> Iterator[tuple[str, PortSet]]:
    return ((str(each.dst), each.ports) for each in connections if ipv6 or not _is_ipv6(each))


def _from_outside(connections: Connections, *, ipv6: bool) -> dict[str, _Ends]:
    """What address ranges and unknown ingress controllers may open, by source."""
    found: dict[str, _Ends] = {}
    for node in connections.workloads:
        for each in connections.from_external(node):
            _join(found.setdefault(str(each.src), {}), _named([each], ipv6=ipv6))
    controller = ANY_INGRESS_CONTROLLER
    for dst, ports in backend_ports(connections.facts):
        allowed = ports & connections.ports(controller, dst)
        _join(found.setdefault(str(controller), {}), [(str(dst), allowed)])
    return found


def _speaks_ipv6(facts: Facts) -> bool:
    return any(
        ":" in peer.cidr
        for policy in facts.policies
        for rule in (*policy.ingress, *policy.egress)
        for peer in rule.peers or ()
    )


def _is_ipv6(connection: Connection) -> bool:
    return any(isinstance(end, RangeNode) and end.version == 6 for end in (connection.src, connection.dst))
