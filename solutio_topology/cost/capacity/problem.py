"""Pods and nodes as a packing problem: items, the nodes each may stand on, and what keeps items apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.cost.capacity.eligible import refusal, selects, tolerates
from solutio_topology.cost.capacity.model import Amounts, Group, Machine, Shape, Spread
from solutio_topology.reach.labels import LabelIndex


class Item(Struct, frozen=True):
    """Equal pods. Groups that ask for the same and are kept apart from nothing are one item."""

    need: Amounts
    number: int
    nodes: tuple[int, ...]
    """Nodes that may take it, by their position."""
    members: tuple[tuple[int, int], ...]
    """(position of the group, how many of its pods)."""
    shape: Shape


class Rule(NamedTuple):
    """A spread: the pods of `counted` items may differ by `skew` between the `domains` of `key`."""

    key: str
    counted: frozenset[int]
    skew: int
    min_domains: int
    domains: tuple[int, ...]


class Problem(Struct, frozen=True):
    """What is to be placed, and where."""

    machines: tuple[Machine, ...]
    items: tuple[Item, ...]
    domains: dict[str, tuple[int, ...]]
    """For each topology key the domain of each node, or -1 where the node has none."""
    apart: tuple[tuple[tuple[int, str], ...], ...]
    """For each item the items that may not share a domain with it, with the topology key."""
    rules: tuple[Rule, ...] = ()
    ruled: tuple[tuple[int, ...], ...] = ()
    """For each item the rules that it obeys."""
    counted: tuple[tuple[int, ...], ...] = ()
    """For each item the rules that count it."""
    homeless: tuple[tuple[int, int], ...] = field(default=())
    """(position of the group, pods) that no node ever takes."""

    def is_single(self, item: int) -> bool:
        """Whether at most one of its pods can stand on a node."""
        own = self.items[item]
        alone = any(other == item and key == HOSTNAME for other, key in self.apart[item])
        return bool(own.shape.host_ports) or alone


HOSTNAME = "kubernetes.io/hostname"


def problem(groups: Sequence[Group], numbers: Sequence[int], machines: Sequence[Machine]) -> Problem:
    """The packing problem of so many pods of each group on these nodes."""
    bound = _selected(groups, numbers)
    where = Where(machines)
    items, homeless = _items(groups, numbers, where, {*bound.apart, *bound.counted, *bound.spread})
    position = {group: index for index, item in enumerate(items) for group, _ in item.members}
    keys = sorted(
        {key for pairs in bound.apart.values() for _, key in pairs} | {each[1].topology_key for each in bound.rules}
    )
    domains = {key: _domains(key, machines) for key in {*keys, HOSTNAME}}
    rules = tuple(
        Rule(
            spread.topology_key,
            frozenset(position[each] for each in members if each in position),
            spread.max_skew,
            spread.min_domains,
            _counted_domains(groups[owner].shape, spread, where, domains[spread.topology_key]),
        )
        for owner, spread, members in bound.rules
    )
    ruled: dict[int, list[int]] = {}
    counted: dict[int, list[int]] = {}
    for at, rule in enumerate(rules):
        ruled.setdefault(bound.rules[at][0], []).append(at)
        for index in rule.counted:
            counted.setdefault(index, []).append(at)
    return Problem(
        machines=tuple(machines),
        items=tuple(items),
        domains=domains,
        apart=tuple(_apart(item, bound.apart, position) for item in items),
        rules=rules,
        ruled=tuple(tuple(ruled.get(item.members[0][0], ())) for item in items),
        counted=tuple(tuple(counted.get(index, ())) for index in range(len(items))),
        homeless=tuple(homeless),
    )


class _Bound(NamedTuple):
    """What selectors tie together, by positions of groups."""

    apart: dict[int, set[tuple[int, str]]]
    rules: list[tuple[int, Spread, tuple[int, ...]]]
    spread: set[int]
    counted: set[int]


def _selected(groups: Sequence[Group], numbers: Sequence[int]) -> _Bound:
    """Who is kept apart from whom, both ways, and whom spreads count."""
    found = _Bound({}, [], set(), set())
    if not any(group.shape.apart or group.shape.spread for group in groups):
        return found
    # Only groups with pods are looked at: there may be thousands of others, on nodes of their own.
    asked = [at for at, number in enumerate(numbers) if number]
    index = LabelIndex(dict(groups[at].shape.labels) for at in asked)
    for at in asked:
        group = groups[at]
        for term in group.shape.apart:
            for other in (asked[bit] for bit in _bits(index.select(term.selector))):
                if term.namespaces is None or groups[other].shape.namespace in term.namespaces:
                    found.apart.setdefault(at, set()).add((other, term.topology_key))
                    found.apart.setdefault(other, set()).add((at, term.topology_key))
        for spread in group.shape.spread:
            own = group.shape.namespace
            members = tuple(
                asked[bit] for bit in _bits(index.select(spread.selector)) if groups[asked[bit]].shape.namespace == own
            )
            found.rules.append((at, spread, members))
            found.spread.add(at)
            found.counted.update(members)
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _items(
    groups: Sequence[Group], numbers: Sequence[int], where: Where, tied: set[int]
) -> tuple[list[Item], list[tuple[int, int]]]:
    """Items in the order of the groups; groups that ask for the same and are tied to nothing come together."""
    homeless, merged, found = [], {}, []
    for at, (group, number) in enumerate(zip(groups, numbers, strict=True)):
        if not number or group.everywhere:
            continue
        nodes = where.may_take(group.shape)
        if not nodes:
            homeless.append((at, number))
        elif at in tied or group.shape.host_ports or group.shape.unmodelled:
            found.append(Item(group.shape.request, number, nodes, ((at, number),), group.shape))
        else:
            key = (group.shape.request, nodes)
            if key not in merged:
                merged[key] = len(found)
                found.append(Item(group.shape.request, number, nodes, ((at, number),), group.shape))
            else:
                old = found[merged[key]]
                found[merged[key]] = Item(old.need, old.number + number, nodes, (*old.members, (at, number)), old.shape)
    return found, homeless


class Where:
    """Finds the nodes that may take a shape, remembering what was asked."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.machines = machines
        self._labels: dict[object, tuple[int, ...]] = {}
        self._found: dict[object, tuple[int, ...]] = {}

    def may_take(self, shape: Shape) -> tuple[int, ...]:
        wanted = (shape.node_labels, shape.node_terms, shape.node_name, shape.tolerations)
        key = (wanted, shape.extended, shape.request)
        if key not in self._found:
            self._found[key] = self._with_room(shape, self._welcoming(wanted)) if not shape.extended else ()
        return self._found[key]

    def _welcoming(self, wanted: tuple[Any, Any, str, Any]) -> tuple[int, ...]:
        if wanted not in self._labels:
            empty = Shape(Amounts(), "", (), *wanted)
            near = ((at, self.machines[at]) for at in self.candidates(empty))
            self._labels[wanted] = tuple(at for at, machine in near if not refusal(empty, machine))
        return self._labels[wanted]

    def candidates(self, shape: Shape) -> Sequence[int]:
        """The nodes with a label that a shape's node selector asks for; all where it asks for none."""
        for term in shape.node_labels:
            if term.operator == "In" and not term.is_field and len(term.values) == 1:
                return self._labelled.get((term.key, term.values[0]), ())
        return range(len(self.machines))

    @cached_property
    def _labelled(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for at, machine in enumerate(self.machines):
            for label in machine.labels.items():
                found.setdefault(label, []).append(at)
        return found

    def _with_room(self, shape: Shape, nodes: tuple[int, ...]) -> tuple[int, ...]:
        # Nodes of a pool have the same room: it is compared once.
        large = {room: shape.request.within(room) for room in {self.machines[at].room for at in nodes}}
        return nodes if all(large.values()) else tuple(at for at in nodes if large[self.machines[at].room])


def _domains(key: str, machines: Sequence[Machine]) -> tuple[int, ...]:
    known: dict[str, int] = {}
    return tuple(
        known.setdefault(machine.labels[key], len(known)) if key in machine.labels else -1 for machine in machines
    )


def _counted_domains(shape: Shape, spread: Spread, where: Where, domains: Sequence[int]) -> tuple[int, ...]:
    """The domains over which a spread looks for the emptiest."""
    near = where.candidates(shape) if spread.honors_affinity else range(len(where.machines))
    found = {
        domains[at]
        for at in near
        if domains[at] >= 0
        and (not spread.honors_affinity or selects(shape, where.machines[at]))
        and (not spread.honors_taints or tolerates(shape, where.machines[at]))
    }
    return tuple(sorted(found))


def _apart(item: Item, apart: dict[int, set[tuple[int, str]]], position: dict[int, int]) -> tuple[tuple[int, str], ...]:
    pairs = apart.get(item.members[0][0], set())
    return tuple(sorted((position[other], key) for other, key in pairs if other in position))


def components(found: Problem) -> list[tuple[list[int], list[int]]]:
    """(nodes, items) that have nothing to do with the others: no item may stand in two of them."""
    parent = list(range(len(found.machines)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for nodes in _together(found):
        for node in nodes[1:]:
            parent[root(node)] = root(nodes[0])
    grouped: dict[int, tuple[list[int], list[int]]] = {}
    for node in range(len(found.machines)):
        grouped.setdefault(root(node), ([], []))[0].append(node)
    for index, item in enumerate(found.items):
        grouped[root(item.nodes[0])][1].append(index)
    return [grouped[key] for key in sorted(grouped)]


def narrowed(found: Problem, nodes: list[int], items: list[int]) -> Problem:
    """One component as a problem of its own."""
    if len(nodes) == len(found.machines):
        return found
    node_at = {node: at for at, node in enumerate(nodes)}
    item_at = {item: at for at, item in enumerate(items)}
    rules = [at for at in range(len(found.rules)) if any(at in found.ruled[item] for item in items)]
    rule_at = {rule: at for at, rule in enumerate(rules)}
    return Problem(
        machines=tuple(found.machines[node] for node in nodes),
        items=tuple(
            replace(found.items[item], nodes=tuple(node_at[node] for node in found.items[item].nodes)) for item in items
        ),
        domains={key: tuple(domains[node] for node in nodes) for key, domains in found.domains.items()},
        apart=tuple(
            tuple((item_at[other], key) for other, key in found.apart[item] if other in item_at) for item in items
        ),
        rules=tuple(
            found.rules[at]._replace(counted=frozenset(item_at[each] for each in found.rules[at].counted & set(items)))
            for at in rules
        ),
        ruled=tuple(tuple(rule_at[at] for at in found.ruled[item]) for item in items),
        counted=tuple(tuple(rule_at[at] for at in found.counted[item] if at in rule_at) for item in items),
    )


def _together(found: Problem) -> Iterable[Sequence[int]]:
    """Sets of nodes that belong together: one pool, one item's nodes, one domain that something is kept apart in."""
    pools: dict[str, list[int]] = {}
    for at, machine in enumerate(found.machines):
        pools.setdefault(machine.pool, []).append(at)
    yield from pools.values()
    yield from {item.nodes for item in found.items}
    for key, domains in found.domains.items():
        shared: dict[int, list[int]] = {}
        for node, domain in enumerate(domains):
            if domain >= 0 and key != HOSTNAME:
                shared.setdefault(domain, []).append(node)
        yield from shared.values()
