"""Placing by heuristics: as the scheduler spreads, largest first, and node by node. What they find is a certificate.

Sources: largest first (first-fit decreasing), and filling with what comes closest to what is free (norm-based greedy):
R. Panigrahy, K. Talwar, L. Uyeda, U. Wieder, "Heuristics for Vector Bin Packing", 2011. Spreading: the scheduler's
default score, NodeResourcesFit with LeastAllocated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.problem import Problem

Placement = dict[tuple[int, int], int]
"""(node, item) -> how many of its pods."""
_RESOURCES = range(len(Amounts()))


class State:
    """A placement in the making: what is free on each node, and who stands where."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.free = [list(machine.room) for machine in problem.machines]
        self.placed: Placement = {}
        self._ports = [set(machine.taken) for machine in problem.machines]
        self._there: dict[tuple[str, int], dict[int, int]] = {}
        self._spread: list[dict[int, int]] = [{} for _ in problem.rules]
        self.plain = [
            not (problem.apart[at] or problem.ruled[at] or problem.counted[at] or item.shape.host_ports)
            for at, item in enumerate(problem.items)
        ]

    def fits(self, item: int, node: int, wanted: int) -> int:
        """How many more pods of an item a node takes now, `wanted` at most."""
        free = self.free[node]
        for need, left in zip(self.problem.items[item].need, free, strict=True):
            if need:
                if left < need:
                    return 0
                most = left // need
                if most < wanted:
                    wanted = most
        if self.plain[item]:
            return wanted
        return self._ruled(item, node, wanted)

    def _ruled(self, item: int, node: int, wanted: int) -> int:
        ports = self.problem.items[item].shape.host_ports
        if ports:
            if any(mine.conflicts(held) for mine in ports for held in self._ports[node]):
                return 0
            wanted = min(wanted, 1)
        for other, key in self.problem.apart[item]:
            domain = self.problem.domains[key][node]
            if domain < 0:
                continue
            if self._there.get((key, domain), {}).get(other):
                return 0
            if other == item:
                wanted = min(wanted, 1)
        for rule in self.problem.ruled[item] if wanted else ():
            if not self.keeps(rule, node, counts=rule in self.problem.counted[item]):
                return 0
            wanted = 1
        return wanted

    def keeps(self, at: int, node: int, *, counts: bool) -> bool:
        """Whether one more pod on a node keeps a spread."""
        rule = self.problem.rules[at]
        domain = self.problem.domains[rule.key][node]
        if domain < 0:
            return False
        there = self._spread[at]
        lowest = min((there.get(each, 0) for each in rule.domains), default=0)
        if len(rule.domains) < rule.min_domains:
            lowest = 0
        return there.get(domain, 0) + counts - lowest <= rule.skew

    def put(self, item: int, node: int, number: int) -> None:
        """Place so many pods of an item on a node that takes them."""
        own, free = self.problem.items[item], self.free[node]
        for resource in _RESOURCES:
            free[resource] -= own.need[resource] * number
        self.placed[node, item] = self.placed.get((node, item), 0) + number
        if self.plain[item]:
            return
        self._ports[node] |= own.shape.host_ports
        for key, domains in self.problem.domains.items():
            if domains[node] >= 0:
                there = self._there.setdefault((key, domains[node]), {})
                there[item] = there.get(item, 0) + number
        for at in self.problem.counted[item]:
            domain = self.problem.domains[self.problem.rules[at].key][node]
            self._spread[at][domain] = self._spread[at].get(domain, 0) + number

    def left(self) -> dict[int, int]:
        """Item -> pods that found no place."""
        found = {at: item.number for at, item in enumerate(self.problem.items)}
        for (_, item), number in self.placed.items():
            found[item] -= number
        return {item: number for item, number in found.items() if number}


def spread(problem: Problem, items: Sequence[int]) -> State:
    """Pod after pod, as the manifests stand, onto the node with the largest share free: as the scheduler does."""
    state = State(problem)
    for item in items:
        for _ in range(problem.items[item].number):
            node = _roomiest(state, item)
            if node is None:
                break
            state.put(item, node, 1)
    return state


def _roomiest(state: State, item: int) -> int | None:
    takes = [node for node in state.problem.items[item].nodes if state.fits(item, node, 1)]
    return max(takes, key=lambda node: (_share(state, item, node), -node), default=None)


def _share(state: State, item: int, node: int) -> float:
    """What stays free of CPU and memory, on the average, with one more pod."""
    offers, free, need = state.problem.machines[node].offers, state.free[node], state.problem.items[item].need
    return sum((free[each] - need[each]) / max(1, offers[each]) for each in (0, 1)) / 2


Weight = Callable[[Amounts, Amounts], float]
"""How large a need is, against what all nodes together offer."""


def _dominant(need: Amounts, of: Amounts) -> float:
    return max(each / max(1, all_) for each, all_ in zip(need, of, strict=True))


def _sum(need: Amounts, of: Amounts) -> float:
    return sum(each / max(1, all_) for each, all_ in zip(need, of, strict=True))


def _cpu(need: Amounts, of: Amounts) -> float:
    return need.cpu / max(1, of.cpu)


def _memory(need: Amounts, of: Amounts) -> float:
    return need.memory / max(1, of.memory)


WEIGHTS: tuple[Weight, ...] = (_dominant, _sum, _memory, _cpu)


def decreasing(problem: Problem, items: Sequence[int], weight: Weight) -> State:
    """The pods with the fewest nodes first, then the largest, each onto the first nodes that take it."""
    state, total = State(problem), _total(problem, items)
    order = sorted(
        items,
        key=lambda at: (
            not _is_bound(problem, at), len(problem.items[at].nodes), -weight(problem.items[at].need, total), at
        ),
    )  # fmt: skip
    for item in order:
        _fill(state, item)
    return state


def _is_bound(problem: Problem, item: int) -> bool:
    return bool(problem.apart[item] or problem.ruled[item] or problem.items[item].shape.host_ports)


def _fill(state: State, item: int) -> None:
    left = state.problem.items[item].number
    if state.plain[item]:
        _pour(state, item, left)
        return
    while left:
        before = left
        for node in _order(state, item):
            number = state.fits(item, node, left)
            if number:
                state.put(item, node, number)
                left -= number
                if not left:
                    return
        if left == before or not state.problem.ruled[item]:
            return


def _pour(state: State, item: int, left: int) -> None:
    """As `_fill`, for what only needs room: most nodes are passed over, so looking at one has to be cheap."""
    own = state.problem.items[item]
    cpu, memory, pods, _ = own.need
    for node in own.nodes:
        free = state.free[node]
        if free[0] >= cpu and free[1] >= memory and free[2] >= pods and (number := state.fits(item, node, left)):
            state.put(item, node, number)
            left -= number
            if not left:
                return


def _order(state: State, item: int) -> Sequence[int]:
    """Nodes in their order; for what is spread, those that hold the fewest of it first."""
    own = state.problem.items[item]
    if not state.problem.ruled[item]:
        return own.nodes
    return sorted(own.nodes, key=lambda node: (state.placed.get((node, item), 0), node))


def _total(problem: Problem, items: Sequence[int]) -> Amounts:
    found = Amounts()
    for node in sorted({node for item in items for node in problem.items[item].nodes}):
        found = found.plus(problem.machines[node].room)
    return found


def by_node(problem: Problem, items: Sequence[int]) -> State:
    """Node after node: always the pod that comes closest to what is still free."""
    state = State(problem)
    left = {item: problem.items[item].number for item in items}
    nodes = sorted({node for item in items for node in problem.items[item].nodes})
    here: dict[int, list[int]] = {node: [] for node in nodes}
    for item in items:
        for node in problem.items[item].nodes:
            here[node].append(item)
    for node in nodes:
        for item, number in _choices(state, node, [each for each in here[node] if left[each]], left):
            state.put(item, node, number)
            left[item] -= number
    return state


def _choices(state: State, node: int, candidates: list[int], left: dict[int, int]) -> Iterator[tuple[int, int]]:
    room = state.problem.machines[node].room
    while True:
        candidates = [each for each in candidates if left[each] and state.fits(each, node, 1)]
        if not candidates:
            return
        free = state.free[node]
        best = max(candidates, key=lambda each: (_closeness(state.problem.items[each].need, free, room), -each))
        yield best, 1


def _closeness(need: Amounts, free: Sequence[int], room: Amounts) -> float:
    """How close a pod comes to what is free: the distance that stays, with its sign turned."""
    return -sum(((free[each] - need[each]) / max(1, room[each])) ** 2 for each in (0, 1))
