"""The oracle: every way to put pods on nodes, tried one after the other. It shares nothing with what it checks."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from solutio_topology.cost.capacity.model import Group, Machine, PodTerm, Spread

Where = dict[tuple[int, int], int]
"""(node, group) -> pods."""


def fits(groups: Sequence[Group], machines: Sequence[Machine]) -> bool:
    """Whether any way to place the usual pods of each group breaks nothing."""
    return any(not broken(groups, machines, where) for where in _ways(groups, machines))


def _ways(groups: Sequence[Group], machines: Sequence[Machine]) -> itertools.product[Where]:
    nodes = range(len(machines))
    # Pods of one group are interchangeable: which nodes they stand on counts, not which of them stands where.
    each = [list(itertools.combinations_with_replacement(nodes, group.usual)) for group in groups]
    return (  # type: ignore[return-value]
        dict(Counter((node, at) for at, chosen in enumerate(way) for node in chosen))
        for way in itertools.product(*each)
    )


def broken(groups: Sequence[Group], machines: Sequence[Machine], where: Where) -> str:
    """What a way breaks first; empty where it breaks nothing."""
    for node, machine in enumerate(machines):
        here = {at: number for (there, at), number in where.items() if there == node}
        if any(not _welcome(groups[at], machine) for at in here):
            return "a label or a taint"
        for resource in ("cpu", "memory", "pods", "volumes"):
            asked = sum(getattr(groups[at].shape.request, resource) * number for at, number in here.items())
            if asked > getattr(machine.room, resource):
                return resource
        ports = [port for at, number in here.items() for port in groups[at].shape.host_ports for _ in range(number)]
        if len(set(ports)) != len(ports):
            return "a port"
    for at, group in enumerate(groups):
        if any(not _kept_apart(groups, machines, where, at, term) for term in group.shape.apart):
            return "anti-affinity"
        if any(not _spread(groups, machines, where, at, rule) for rule in group.shape.spread):
            return "a spread"
    return ""


def _welcome(group: Group, machine: Machine) -> bool:
    labels = all(machine.labels.get(term.key) in term.values for term in group.shape.node_labels)
    tolerated = {each.key for each in group.shape.tolerations}
    return labels and all(taint.key in tolerated for taint in machine.taints)


def _selected(groups: Sequence[Group], term: PodTerm | Spread) -> set[int]:
    wanted = {(each.key, each.values[0]) for each in term.selector.requirements}
    return {at for at, group in enumerate(groups) if wanted <= set(group.shape.labels)}


def _domains(machines: Sequence[Machine], key: str) -> list[str | None]:
    return [machine.labels.get(key) for machine in machines]


def _kept_apart(groups: Sequence[Group], machines: Sequence[Machine], where: Where, at: int, term: PodTerm) -> bool:
    domains, others = _domains(machines, term.topology_key), _selected(groups, term)
    for (node, group), _ in where.items():
        if group != at or domains[node] is None:
            continue
        same = sum(
            number for (there, other), number in where.items() if domains[there] == domains[node] and other in others
        )
        if same > (1 if at in others else 0):
            return False
    return True


def _spread(groups: Sequence[Group], machines: Sequence[Machine], where: Where, at: int, rule: Spread) -> bool:
    domains, counted = _domains(machines, rule.topology_key), _selected(groups, rule)
    counts: Counter[str | None] = Counter()
    for (node, group), number in where.items():
        counts[domains[node]] += number if group in counted else 0
    group = groups[at]
    looked_at = {
        domains[node]
        for node, machine in enumerate(machines)
        if domains[node] is not None and all(machine.labels.get(t.key) in t.values for t in group.shape.node_labels)
    }
    lowest = min(counts[domain] for domain in looked_at) if looked_at else 0
    mine = [node for node, group_ in where if group_ == at]
    return all(domains[node] is not None and counts[domains[node]] - lowest <= rule.max_skew for node in mine)
