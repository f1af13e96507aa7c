"""Proofs that pods cannot all be placed: bounds that no placement can beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from solutio_topology.cost.capacity.model import RESOURCES, Amounts, HostPort
from solutio_topology.cost.capacity.problem import Problem


class Bound(Struct, frozen=True):
    """Pods that ask together for more than the nodes that may take them have."""

    resource: str
    """``cpu``, ``memory``, ``pods``, ``volumes``; ``places`` where each node takes only so many of them."""
    needed: int
    offered: int
    items: tuple[int, ...]
    nodes: tuple[int, ...]


def bound(problem: Problem, items: Sequence[int]) -> Bound | None:
    """The first bound that is broken: all that need some nodes, then one item alone, then items with one host port."""
    return next((found for found in _bounds(problem, items) if found.needed > found.offered), None)


def _bounds(problem: Problem, items: Sequence[int]) -> Iterator[Bound]:
    for nodes in _node_sets(problem, items):
        inside = set(nodes)
        within = [item for item in items if inside.issuperset(problem.items[item].nodes)]
        yield from _sums(problem, within, nodes)
    kinds: dict[tuple[int, ...], dict[tuple[Amounts, frozenset[HostPort]], int]] = {}
    for item in items:
        own = problem.items[item]
        if own.nodes not in kinds:
            kinds[own.nodes] = Counter((problem.machines[at].room, problem.machines[at].taken) for at in own.nodes)
        places = sum(_alone(problem, item, *kind) * number for kind, number in kinds[own.nodes].items())
        yield Bound("places", own.number, places, (item,), own.nodes)
    yield from _ports(problem, items)


def _alone(problem: Problem, item: int, room: Amounts, taken: frozenset[HostPort]) -> int:
    """How many of an item an empty node takes."""
    own = problem.items[item]
    if any(mine.conflicts(held) for mine in own.shape.host_ports for held in taken):
        return 0
    most = min((has // need for need, has in zip(own.need, room, strict=True) if need), default=own.number)
    return min(most, 1) if problem.is_single(item) else most


def _ports(problem: Problem, items: Sequence[int]) -> Iterator[Bound]:
    """Items that take the same port of a node: one of them to a node."""
    holders: dict[HostPort, list[int]] = {}
    for item in items:
        for port in problem.items[item].shape.host_ports:
            if not port.address:
                holders.setdefault(port, []).append(item)
    for port in sorted(holders):
        nodes = tuple(sorted({node for item in holders[port] for node in problem.items[item].nodes}))
        needed = sum(problem.items[item].number for item in holders[port])
        yield Bound("places", needed, len(nodes), tuple(holders[port]), nodes)


def _node_sets(problem: Problem, items: Sequence[int]) -> list[tuple[int, ...]]:
    """The sets of nodes that items are confined to, and all nodes together, the smallest first."""
    found = {problem.items[item].nodes for item in items}
    found.add(tuple(sorted({node for nodes in found for node in nodes})))
    return sorted(found, key=lambda nodes: (len(nodes), nodes))


def _sums(problem: Problem, items: list[int], nodes: tuple[int, ...]) -> Iterator[Bound]:
    needed, offered = Amounts(), Amounts()
    for item in items:
        needed = needed.plus(problem.items[item].need.times(problem.items[item].number))
    for node in nodes:
        offered = offered.plus(Amounts(*(max(0, each) for each in problem.machines[node].room)))
    for at, resource in enumerate(RESOURCES):
        yield Bound(resource, needed[at], offered[at], tuple(items), nodes)


def fewest_nodes(problem: Problem, items: Sequence[int], room: Amounts) -> int:
    """How many nodes with this room the items need at least: no placement takes fewer."""
    needed = Amounts()
    for item in items:
        needed = needed.plus(problem.items[item].need.times(problem.items[item].number))
    return max(-(-asked // max(1, has)) for asked, has in zip(needed, room, strict=True))
