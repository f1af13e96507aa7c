"""Whether a placement is one: every promise that it makes, counted again from the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.packing import Placement
from solutio_topology.cost.capacity.problem import Problem


def holds(problem: Problem, placement: Placement, items: Sequence[int]) -> bool:
    """Whether every pod of the items has a place, and every node and rule is kept."""
    number = dict.fromkeys(items, 0)
    for (_, item), count in placement.items():
        number[item] += count
    complete = all(number[item] == problem.items[item].number for item in items)
    return complete and not any(violations(problem, placement))


def violations(problem: Problem, placement: Placement) -> Iterator[str]:
    """Everything that a placement breaks."""
    for node, machine in enumerate(problem.machines):
        here = {item: count for (at, item), count in placement.items() if at == node and count}
        needed = Amounts()
        for item, count in here.items():
            needed = needed.plus(problem.items[item].need.times(count))
            if node not in problem.items[item].nodes:
                yield f"{machine.name} does not take item {item}"
        if not needed.within(machine.room):
            yield f"{machine.name} has {machine.room} and is asked for {needed}"
        yield from _ports(problem, machine.name, machine.taken, here)
    for key, domains in problem.domains.items():
        yield from _apart(problem, key, _by_domain(domains, placement))
    for item in {item for _, item in placement}:
        yield from _spread(problem, item, placement)


def _by_domain(domains: Sequence[int], placement: Placement) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for (node, item), count in placement.items():
        if domains[node] >= 0 and count:
            there = found.setdefault(domains[node], {})
            there[item] = there.get(item, 0) + count
    return found


def _ports(problem: Problem, name: str, held: frozenset, here: dict[int, int]) -> Iterator[str]:  # type: ignore[type-arg]
    taken = list(held)
    for item, count in here.items():
        for port in problem.items[item].shape.host_ports:
            if count > 1 or any(port.conflicts(other) for other in taken):
                yield f"{name} has port {port.number} once"
        taken += problem.items[item].shape.host_ports


def _apart(problem: Problem, key: str, there: dict[int, dict[int, int]]) -> Iterator[str]:
    for here in there.values():
        for item, count in here.items():
            for other, own in problem.apart[item]:
                if own == key and (count > 1 if other == item else other in here):
                    yield f"items {item} and {other} share a domain of {key}"


def _spread(problem: Problem, item: int, placement: Placement) -> Iterator[str]:
    for at in problem.ruled[item]:
        rule = problem.rules[at]
        there = {
            domain: sum(count for other, count in here.items() if other in rule.counted)
            for domain, here in _by_domain(problem.domains[rule.key], placement).items()
        }
        lowest = min((there.get(domain, 0) for domain in rule.domains), default=0)
        lowest = lowest if len(rule.domains) >= rule.min_domains else 0
        for node in {node for node, each in placement if each == item and placement[node, each]}:
            domain = problem.domains[rule.key][node]
            if domain < 0 or there[domain] - lowest > rule.skew:
                yield f"item {item} is spread unevenly over {rule.key}"
