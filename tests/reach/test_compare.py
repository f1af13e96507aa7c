"""What changed: opened, closed, changed; a cut that moved is no change."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from solutio_topology.reach import solve
from solutio_topology.reach.compare import ChangeKind, compare
from solutio_topology.reach.listing import corpus_list
from solutio_topology.reach.ports import PortSet

from .objects import Doc, pod, policy, world
from .reading import facts_of_docs
from .worlds import worlds


def test_opened_closed_and_changed() -> None:
    pods = [pod("a"), pod("b"), pod("c")]

    def into(name: str, port: int, *apps: str) -> Doc:
        peers = [{"podSelector": {"matchLabels": {"app": app}}} for app in apps]
        return policy(name, {"app": name}, ingress=[{"from": peers, "ports": [{"port": port}]}] if apps else [])

    before = world(*pods, into("a", 80, "b"), into("b", 80, "a"), into("c", 80))
    after = world(*pods, into("a", 81, "b"), into("b", 80), into("c", 80, "a"))
    assert [
        (str(each.kind), each.src, each.dst, str(each.before), str(each.after)) for each in compare(before, after)
    ] == [
        ("closed", "default/a[Pod]", "default/b[Pod]", "TCP 80", "no ports"),
        ("opened", "default/a[Pod]", "default/c[Pod]", "no ports", "TCP 80"),
        ("changed", "default/b[Pod]", "default/a[Pod]", "TCP 80", "TCP 81"),
    ]


def test_ranges_are_compared_by_their_addresses() -> None:
    def blocks(*cidrs: str) -> Doc:
        return policy("in", ingress=[{"from": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]}])

    whole = world(pod("a"), blocks("203.0.113.0/24"))
    halves = world(pod("a"), blocks("203.0.113.0/25", "203.0.113.128/25"))
    assert compare(whole, halves) == []
    wider = world(pod("a"), blocks("203.0.112.0/23"))
    [change] = compare(whole, wider)
    assert (change.kind, change.src) == (ChangeKind.OPENED, "203.0.112.0-203.0.112.255")
    [change] = compare(wider, whole)
    assert change.kind is ChangeKind.CLOSED


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_nothing_changes_against_itself_and_everything_against_nothing(docs: list[Doc]) -> None:
    connections = solve(facts_of_docs(docs))
    assert compare(connections, connections) == []
    opened = compare(world(), connections)
    assert {(each.src, each.dst, str(each.after)) for each in opened} == {
        (each["src"], each["dst"], str(_ports(each["connections"]))) for each in corpus_list(connections, ipv6=True)
    }


def _ports(listed: dict[str, list[list[int]]]) -> PortSet:
    return PortSet.union_of(PortSet.of(name, a, b) for name, spans in listed.items() for a, b in spans)
