"""The connection list as plain data, in the format of netpol-analyzer's corpus (``src``, ``dst``, ports)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from solutio_topology.manifests.facts import Facts
from solutio_topology.reach.connections import Connections
from solutio_topology.reach.ingress import backend_ports
from solutio_topology.reach.model import ANY_INGRESS_CONTROLLER, Connection, Node, RangeNode
from solutio_topology.reach.ports import PortSet


class Row(TypedDict):
    src: str
    dst: str
    connections: dict[str, list[list[int]]]


def corpus_list(connections: Connections, *, ipv6: bool | None = None) -> list[Row]:
    """Every sure connection: between workloads, from and to addresses outside, from unknown ingress controllers.

    Workloads of one name are one row each pair; their ports are joined. Sorted by source and destination. Ranges
    of IPv6 are listed when `ipv6` says so; None: when a policy names an IPv6 address.
    """
    wanted = _speaks_ipv6(connections.facts) if ipv6 is None else ipv6
    found: dict[tuple[str, str], PortSet] = {}
    for each in _all(connections):
        key = (str(each.src), str(each.dst))
        if each.ports and key[0] != key[1] and (wanted or not _is_ipv6(each)):
            found[key] = found.get(key, PortSet()) | each.ports
    return [Row(src=src, dst=dst, connections=found[src, dst].as_dict()) for src, dst in sorted(found)]


def _speaks_ipv6(facts: Facts) -> bool:
    return any(
        ":" in peer.cidr
        for policy in facts.policies
        for rule in (*policy.ingress, *policy.egress)
        for peer in rule.peers or ()
    )


def _is_ipv6(connection: Connection) -> bool:
    return any(isinstance(end, RangeNode) and end.version == 6 for end in (connection.src, connection.dst))


def _all(connections: Connections) -> Iterator[Connection]:
    yield from connections.pairs()
    for node in connections.workloads:
        yield from connections.external(node)
        yield from connections.from_external(node)
    yield from _from_ingress(connections)


def _from_ingress(connections: Connections) -> Iterator[Connection]:
    src: Node = ANY_INGRESS_CONTROLLER
    for dst, ports in backend_ports(connections.facts):
        yield Connection(src, dst, ports & connections.ports(src, dst))
