"""The answer: it fits, with a placement that shows it; it does not, with a proof; or it is not decided."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from solutio_topology.cost.capacity import exact
from solutio_topology.cost.capacity.bounds import Bound, bound
from solutio_topology.cost.capacity.certificate import holds
from solutio_topology.cost.capacity.model import Group, Machine
from solutio_topology.cost.capacity.packing import WEIGHTS, Placement, State, by_node, decreasing, spread
from solutio_topology.cost.capacity.problem import Problem, components, narrowed, problem

_SPREAD_WORK = 200_000
"""Pods times nodes up to which spreading pod by pod, as the scheduler does, is tried."""
_BY_NODE_WORK = 2_000_000


class Verdict(StrEnum):
    """Whether pods fit."""

    FITS = "fits"
    PACKED = "fits when packed"
    """There is a placement, but not the one that spreading pods as the scheduler does arrives at."""
    UNDECIDED = "undecided"
    SHORT = "does not fit"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return tuple(Verdict).index(self)


class Short(Struct, frozen=True):
    """What is lacking: ``memory``, needed and offered, who needs it and which pools have it."""

    resource: str
    needed: int
    offered: int
    groups: tuple[int, ...]
    pools: tuple[str, ...]
    nodes: int


class Part(Struct, frozen=True):
    """The answer for pools whose pods have nothing to do with those of others."""

    pools: tuple[str, ...]
    verdict: Verdict
    short: Short | None = None
    """The bound that proves that it does not fit, where a bound does; else an exact search did."""


class Answer(Struct, frozen=True):
    """Where pods stand, and whether all of them do."""

    parts: tuple[Part, ...]
    standing: tuple[tuple[int, int, int], ...]
    """(node, group, pods)."""
    pending: tuple[tuple[int, int], ...]
    """(group, pods) that the best attempt left over."""
    homeless: tuple[tuple[int, int], ...]
    """(group, pods) that no node takes, however empty."""

    @property
    def verdict(self) -> Verdict:
        """The worst of all parts; pods without any node do not fit."""
        worst = max((part.verdict for part in self.parts), key=lambda each: each.rank, default=Verdict.FITS)
        return Verdict.SHORT if self.homeless else worst


def place(groups: Sequence[Group], numbers: Sequence[int], machines: Sequence[Machine]) -> Answer:
    """Place so many pods of each group on the nodes."""
    whole = problem(groups, numbers, machines)
    parts: list[Part] = []
    standing: list[tuple[int, int, int]] = []
    pending: list[tuple[int, int]] = []
    for nodes, items in components(whole):
        own = narrowed(whole, nodes, items)
        verdict, state, broken = _decide(own)
        unsure = verdict is not Verdict.SHORT and any(item.shape.unmodelled for item in own.items)
        pools = tuple(dict.fromkeys(machine.pool for machine in own.machines))
        parts.append(Part(pools, Verdict.UNDECIDED if unsure else verdict, _short(own, broken) if broken else None))
        standing += ((nodes[node], group, number) for node, group, number in _standing(own, state))
        pending += _pending(own, state)
    return Answer(tuple(parts), tuple(sorted(standing)), tuple(sorted(pending)), whole.homeless)


def _decide(own: Problem) -> tuple[Verdict, State, Bound | None]:
    """The verdict on one component, the best placement that was found, and the bound where one is broken."""
    items = range(len(own.items))
    best, fewest = State(own), sum(item.number for item in own.items)
    broken = bound(own, items)
    for verdict, state in _attempts(own, items):
        left = sum(state.left().values())
        if not left:
            return verdict, state, None
        if left < fewest:
            best, fewest = state, left
        if broken:
            return Verdict.SHORT, best, broken
    found = exact.solve(own, items) if items else True
    if isinstance(found, dict):
        state = _rebuilt(own, found)
        return (Verdict.PACKED, state, None) if holds(own, found, items) else (Verdict.UNDECIDED, best, None)
    return Verdict.SHORT if found is False else Verdict.UNDECIDED, best, None


def _attempts(whole: Problem, items: Sequence[int]) -> Iterator[tuple[Verdict, State]]:
    pods = sum(whole.items[item].number for item in items)
    nodes = len({node for item in items for node in whole.items[item].nodes})
    small = pods * nodes <= _SPREAD_WORK
    if small:
        yield Verdict.FITS, spread(whole, items)
    told = Verdict.PACKED if small else Verdict.FITS
    for weight in WEIGHTS:
        yield told, decreasing(whole, items, weight)
    if pods * len(items) <= _BY_NODE_WORK:
        yield told, by_node(whole, items)


def _rebuilt(whole: Problem, placement: Placement) -> State:
    state = State(whole)
    for (node, item), number in sorted(placement.items()):
        state.put(item, node, number)
    return state


def _short(whole: Problem, broken: Bound) -> Short:
    return Short(
        broken.resource,
        broken.needed,
        broken.offered,
        tuple(group for item in broken.items for group, _ in whole.items[item].members),
        tuple(dict.fromkeys(whole.machines[node].pool for node in broken.nodes)),
        len(broken.nodes),
    )


def _standing(whole: Problem, state: State) -> Iterator[tuple[int, int, int]]:
    """What stands where, by groups: the pods of an item are handed to its groups in turn, so that each is spread."""
    nodes: dict[int, dict[int, int]] = {}
    for (node, item), number in sorted(state.placed.items()):
        nodes.setdefault(item, {})[node] = number
    for item, places in nodes.items():
        members = whole.items[item].members
        if len(members) == 1:
            yield from ((node, members[0][0], number) for node, number in places.items())
            continue
        turns = iter(_in_turn(places))
        for group, number in members:
            there = Counter(itertools.islice(turns, number))
            yield from ((node, group, count) for node, count in there.items())


def _in_turn(places: dict[int, int]) -> Iterator[int]:
    """Each node as often as it has pods, one after the other."""
    left = dict(places)
    while left:
        for node in list(left):
            yield node
            left[node] -= 1
            if not left[node]:
                del left[node]


def _pending(whole: Problem, state: State) -> Iterator[tuple[int, int]]:
    for item, number in state.left().items():
        for group, has in reversed(whole.items[item].members):
            taken = min(number, has)
            if taken:
                number -= taken
                yield group, taken
