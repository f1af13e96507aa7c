"""The exact answer, by integer programming with HiGHS, where heuristics and bounds leave the question open.

One variable for each item and node that may take it: how many of its pods stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from solutio_topology.cost.capacity.packing import Placement
from solutio_topology.cost.capacity.problem import Problem

if TYPE_CHECKING:
    from highspy import Highs

MOST_VARIABLES = 20_000
SECONDS = 5.0
BRANCHES = 20_000
"""Nodes of the search tree: reached before the time is, so that the answer does not hang on the machine."""


class _Program:
    """The integer program of one component."""

    def __init__(self, problem: Problem, items: Sequence[int]) -> None:
        self.problem, self.items = problem, items
        self.solver = _quiet()
        for option, value in {
            "threads": 1, "random_seed": 0,
            "time_limit": SECONDS, "mip_max_nodes": BRANCHES,
        }.items():  # fmt: skip
            self.solver.setOptionValue(option, value)
        self.at: dict[tuple[int, int], Any] = {
            (item, node): self.solver.addIntegral(lb=0, ub=problem.items[item].number)
            for item in items
            for node in problem.items[item].nodes
        }

    def build(self) -> None:
        """Every constraint."""
        for item in self.items:
            own = self.problem.items[item]
            self.solver.addConstr(sum(self.at[item, node] for node in own.nodes) == own.number)
        for node in sorted({node for _, node in self.at}):
            self._room(node)
            self._ports(node)
        self._apart()
        self._spread()

    def _here(self, node: int) -> list[int]:
        return [item for item in self.items if (item, node) in self.at]

    def _room(self, node: int) -> None:
        for resource, room in enumerate(self.problem.machines[node].room):
            terms = [
                (self.problem.items[item].need[resource], self.at[item, node])
                for item in self._here(node)
                if self.problem.items[item].need[resource]
            ]
            if terms:
                # In parts of the room, so that bytes and millicores are numbers of one size.
                scale = max(1, room)
                self.solver.addConstr(sum(need / scale * variable for need, variable in terms) <= room / scale)

    def _ports(self, node: int) -> None:
        held = self.problem.machines[node].taken
        here = [item for item in self._here(node) if self.problem.items[item].shape.host_ports]
        for at, item in enumerate(here):
            own = self.problem.items[item].shape.host_ports
            blocked = any(mine.conflicts(other) for mine in own for other in held)
            self.solver.addConstr(self.at[item, node] <= (0 if blocked else 1))
            for other in here[at + 1 :]:
                if any(a.conflicts(b) for a in own for b in self.problem.items[other].shape.host_ports):
                    self.solver.addConstr(self.at[item, node] + self.at[other, node] <= 1)

    def _apart(self) -> None:
        present: dict[tuple[int, str, int], Any] = {}
        for item in self.items:
            for other, key in self.problem.apart[item]:
                if other < item:
                    continue
                for domain in sorted(set(self.problem.domains[key]) - {-1}):
                    mine = self._in(item, key, domain)
                    if other == item and mine:
                        self.solver.addConstr(sum(mine) <= 1)
                    elif mine and self._in(other, key, domain):
                        pair = self._present(present, item, key, domain) + self._present(present, other, key, domain)
                        self.solver.addConstr(pair <= 1)

    def _in(self, item: int, key: str, domain: int) -> list[Any]:
        domains = self.problem.domains[key]
        return [self.at[item, node] for node in self.problem.items[item].nodes if domains[node] == domain]

    def _present(self, known: dict[tuple[int, str, int], Any], item: int, key: str, domain: int) -> Any:
        """A variable that is 1 where any of an item's pods stands in a domain."""
        at = (item, key, domain)
        if at not in known:
            known[at] = self.solver.addBinary()
            self.solver.addConstr(sum(self._in(*at)) <= self.problem.items[item].number * known[at])
        return known[at]

    def _spread(self) -> None:
        present: dict[tuple[int, str, int], Any] = {}
        for item in self.items:
            for rule in (self.problem.rules[at] for at in self.problem.ruled[item]):
                outside = [node for node in self.problem.items[item].nodes if self.problem.domains[rule.key][node] < 0]
                for node in outside:
                    self.solver.addConstr(self.at[item, node] <= 0)
                self._one_spread(present, item, rule)

    def _one_spread(self, present: dict[tuple[int, str, int], Any], item: int, rule: Any) -> None:
        most = sum(self.problem.items[each].number for each in rule.counted)
        lowest = self.solver.addIntegral(lb=0, ub=most if len(rule.domains) >= rule.min_domains else 0)
        for domain in rule.domains:
            self.solver.addConstr(lowest <= self._count(rule, domain))
        for domain in sorted(set(self.problem.domains[rule.key]) - {-1}):
            if self._in(item, rule.key, domain):
                stands = self._present(present, item, rule.key, domain)
                slack = (most + 1) * (1 - stands)
                self.solver.addConstr(self._count(rule, domain) - lowest <= rule.skew + slack)

    def _count(self, rule: Any, domain: int) -> Any:
        return sum(
            (each for item in sorted(rule.counted) for each in self._in(item, rule.key, domain)), start=0 * self._zero()
        )

    def _zero(self) -> Any:
        return next(iter(self.at.values()))


def _quiet() -> Highs:
    """A solver that prints nothing. HiGHS prints its name while it is made, before anybody can ask it not to."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802 (the name is highspy's)
            self.silent()
            super().enableCallbacks()  # type: ignore[no-untyped-call]

    return Quiet()  # type: ignore[no-untyped-call]


def solve(problem: Problem, items: Sequence[int]) -> Placement | bool | None:
    """A placement of all pods; False where there is none; None where that was not decided in time."""
    import highspy

    if sum(len(problem.items[item].nodes) for item in items) > MOST_VARIABLES:
        return None
    program = _Program(problem, items)
    program.build()
    program.solver.run()
    status = program.solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return False
    if status != highspy.HighsModelStatus.kOptimal:
        return None
    values = program.solver.getSolution().col_value
    return {
        (node, item): number
        for (item, node), variable in program.at.items()
        if (number := round(values[variable.index]))
    }
