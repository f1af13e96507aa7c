"""The engine against the second evaluator, packet by packet, on generated clusters, through the real reader."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solutio_topology.reach import Connections, solve
from solutio_topology.reach.model import HostNetwork, Node, RangeNode, Verdict

from .oracle import Doc, Packet, allowed
from .reading import facts_of_docs, node
from .worlds import ADDRESSES, ADDRESSES_V6, PORTS, PROTOCOLS, admin_worlds, worlds

_SLOW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _ends(docs: list[Doc], connections: Connections) -> list[tuple[Doc | str, Node]]:
    pods: list[tuple[Doc | str, Node]] = [
        (doc, node(connections, f"{doc['metadata']['namespace']}/{doc['metadata']['name']}"))
        for doc in docs
        if doc["kind"] == "Pod"
    ]
    return pods + [(each, RangeNode.of_cidr(each)) for each in (*ADDRESSES, *ADDRESSES_V6)]


def _pairs(docs: list[Doc], connections: Connections) -> Iterator[tuple[Doc | str, Node, Doc | str, Node]]:
    ends = _ends(docs, connections)
    for src, src_node in ends:
        for dst, dst_node in ends:
            if src_node != dst_node and not (isinstance(src, str) and isinstance(dst, str)):
                yield src, src_node, dst, dst_node


def _check(docs: list[Doc]) -> None:
    connections = solve(facts_of_docs(docs))
    for src, src_node, dst, dst_node in _pairs(docs, connections):
        found = connections.ports(src_node, dst_node)
        for protocol in PROTOCOLS:
            for port in PORTS:
                expected = allowed(docs, Packet(src, dst, protocol, port))
                assert found.contains(protocol, port) == expected, (src_node, dst_node, protocol, port)


@_SLOW
@given(worlds())
def test_network_policies_are_what_the_reference_says(docs: list[Doc]) -> None:
    _check(docs)


@_SLOW
@given(worlds(cilium=True))
def test_cilium_policies_are_what_the_documentation_says(docs: list[Doc]) -> None:
    _check(docs)


@_SLOW
@given(admin_worlds())
def test_admin_policies_are_what_the_proposal_says(docs: list[Doc]) -> None:
    _check(docs)


@_SLOW
@given(worlds(cilium=True) | admin_worlds())
def test_every_view_of_the_answer_says_the_same(docs: list[Doc]) -> None:
    """`pairs`, `blocks`, `external`, `from_external` and `explain` agree with `ports`."""
    connections = solve(facts_of_docs(docs))
    expected = {
        (src, dst): ports
        for src in connections.workloads
        for dst in connections.workloads
        if src != dst and (ports := connections.ports(src, dst))
    }
    assert {(each.src, each.dst): each.ports for each in connections.pairs() if each.ports} == expected
    assert {
        (src, dst): block.ports
        for block in connections.blocks()
        for src in block.sources
        for dst in block.destinations
        if src != dst
    } == expected
    for pod in connections.workloads:
        _check_external(connections, pod)
    for (src, dst), ports in expected.items():
        for port in PORTS:
            verdict = connections.explain(src, dst, "TCP", port).verdict
            assert (verdict is Verdict.ALLOWED) == ports.contains("TCP", port)


def _check_external(connections: Connections, pod: Node) -> None:
    for address in (*ADDRESSES, *ADDRESSES_V6):
        point = RangeNode.of_cidr(address)
        for listed, ports in (
            (connections.external(pod), connections.ports(pod, point)),
            (connections.from_external(pod), connections.ports(point, pod)),
        ):
            found = [each.ports for each in listed if _holds(each.src, point) or _holds(each.dst, point)]
            assert [each for each in found if each] == ([ports] if ports else [])


def _holds(end: Node, point: RangeNode) -> bool:
    return isinstance(end, RangeNode) and end.version == point.version and end.first <= point.first <= end.last


@_SLOW
@given(worlds() | admin_worlds(), st.sets(st.integers(0, 3), min_size=1))
def test_undecided_lies_between_the_two_readings_of_host_network(docs: list[Doc], hosts: set[int]) -> None:
    """What is sure is so whether hostNetwork pods are nodes or pods; what either allows is at least perhaps."""
    for number, doc in enumerate(doc for doc in docs if doc["kind"] == "Pod"):
        doc["spec"]["hostNetwork"] = number in hosts
    facts = facts_of_docs(docs)
    unknown, as_node, as_pod = (solve(facts, mode) for mode in (HostNetwork.UNKNOWN, HostNetwork.NODE, HostNetwork.POD))
    for src in unknown.workloads:
        for dst in unknown.workloads:
            if src != dst:
                sure = unknown.ports(src, dst)
                most = sure | unknown.undecided_ports(src, dst)
                for other in (as_node, as_pod):
                    assert other.ports(src, dst).covers(sure)
                    assert most.covers(other.ports(src, dst))
