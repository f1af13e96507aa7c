"""From a demand to replicas, volumes, nodes, tariffs and usage, by the rules of the topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.scale.demand import Numbers, demands, steps, together
from solutio_topology.cost.scale.model import Ask, Crowd, Limit, Sizing, Target, Tariff
from solutio_topology.cost.scale.pools import PoolKinds, pool_kinds
from solutio_topology.cost.shares import Shares
from solutio_topology.cost.storage import gib
from solutio_topology.spec.workload import Replicas

if TYPE_CHECKING:
    from solutio_topology.cost.model import Pointer
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.graph.model import Node
    from solutio_topology.spec.scale import AmountGrowth, Growth


class _Counted(Struct, frozen=True):
    """Pods of a process that follow a driver."""

    target: Target
    rule: Growth
    pointer: Pointer
    scope: tuple[str, ...]
    """The tenant pods that it serves."""
    fewest: int
    most: int | None
    """What the topology's autoscaler goes up to."""


class _Stored(Struct, frozen=True):
    """A volume that follows a driver."""

    place: tuple[str, str]
    rule: AmountGrowth
    pointer: Pointer
    scope: tuple[str, ...]
    least: Decimal


class Sizer:
    """Sizes an environment for any demand."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._scale = ground.topology.scale
        self._shares = Shares(ground.graph)
        self._counted = tuple(self._counts())
        self._stored = tuple(self._volumes())

    @cached_property
    def pools(self) -> dict[str, PoolKinds]:
        """Every pool whose nodes' room is known."""
        return pool_kinds(self._ground)

    def size(self, ask: Ask) -> Sizing:
        """What a demand makes of the environment. Raises LookupError for one that no tariff of an item serves."""
        parts = demands(self._ground, ask)
        copied = self._ground.people.copied
        whole = together(parts, parts, {copied: ask.enterprise})

        def of(scope: tuple[str, ...]) -> Numbers:
            # What a copy has for itself serves that one copy; what several use serves all copies.
            return parts[copied] if scope == (copied,) else together(parts, scope, {copied: ask.enterprise})

        limits: list[Limit] = []
        replicas = {
            each.target: _count(each, of(each.scope), limits)
            for each in self._counted
            if ask.enterprise or each.target.pod != copied
        }
        return Sizing(
            demand=whole,
            replicas=replicas,
            storage={
                each.place: _volume(each, of(each.scope), limits)
                for each in self._stored
                if ask.enterprise or each.place[0] != copied
            },
            pools=dict(self._crowds(replicas, ask.enterprise, limits)),
            tariffs={key: self._tariff(key, whole) for key in self._scale.plans},
            usage=dict(self._usage(whole, limits)),
            limits=tuple(limits),
        )

    def _nodes(self) -> Iterator[tuple[str, str, Node, tuple[str, ...]]]:
        """Every service that grows, in each tenant pod that has its own, with the tenant pods that it serves."""
        for pod in self._ground.graph.pods:
            for key in self._scale.services:
                if node := pod.nodes.get(key):
                    yield pod.pod, key, node, self._shares.users(node)

    def _counts(self) -> Iterator[_Counted]:
        for pod, key, node, scope in self._nodes():
            growth, at = self._scale.services[key], ("scale", "services", key)
            if growth.replicas:
                low, high = _declared(node.replicas)
                yield _Counted(Target(pod, key), growth.replicas, (*at, "replicas"), scope, low, high)
            for name, rule in growth.processes.items():
                low, high = _declared(node.processes[name].replicas)
                yield _Counted(Target(pod, key, name), rule, (*at, "processes", name), scope, low, high)

    def _volumes(self) -> Iterator[_Stored]:
        for pod, key, node, scope in self._nodes():
            rule = self._scale.services[key].storage
            if rule and node.storage:
                yield _Stored((pod, key), rule, ("scale", "services", key, "storage"), scope, gib(node.storage.size))

    def _crowds(self, replicas: Mapping[Target, int], copies: int, limits: list[Limit]) -> Iterator[tuple[str, Crowd]]:
        for name, pool in self._ground.graph.platform.pools.items():
            if name == self._ground.people.copied and not copies:
                continue
            known = self.pools.get(name)
            needed = known.crowd(replicas, copies) if known else Crowd(pool.nodes, "declared")
            rule = self._scale.pools.get(name)
            nodes = needed.nodes + (rule.spare if rule else 0)
            if rule and rule.max is not None and nodes > rule.max:
                pointer = ("scale", "pools", name, "max")
                limits.append(Limit(f"nodes of pool {name}", f"{nodes:,}", f"{rule.max:,}", pointer))
                nodes = rule.max
            yield name, Crowd(nodes, needed.why) if nodes > pool.nodes else Crowd(pool.nodes, "declared")

    def _tariff(self, key: str, demand: Numbers) -> Tariff:
        plan = self._scale.plans[key]
        number = demand[plan.per]
        for at, step in enumerate(plan.steps):
            if step.up_to is None or number <= step.up_to:
                upto = "any number of" if step.up_to is None else f"up to {step.up_to:,}"
                return Tariff(at, step.title or f"{upto} {plan.per}", step.monthly)
        raise BeyondTariffsError(key, plan.per, number, plan.steps[-1].up_to or 0)

    def _usage(self, demand: Numbers, limits: list[Limit]) -> Iterator[tuple[tuple[str, ...], int]]:
        usage = self._ground.topology.costs.usage.get(self._ground.environment)
        rules: dict[tuple[str, ...], AmountGrowth] = {
            ("stored", key): rule for key, rule in self._scale.usage.stored.items()
        }
        rules |= {(key,): rule for key in ("registry", "egress") if (rule := getattr(self._scale.usage, key))}
        for place, rule in rules.items():
            known = usage and (usage.stored.get(place[1]) if len(place) > 1 else getattr(usage, place[0]))
            each = _Stored((" ".join(place), ""), rule, ("scale", "usage", *place), (), gib(known or "0"))
            yield place, _volume(each, demand, limits)


class BeyondTariffsError(LookupError):
    """A demand for which the topology states no tariff."""

    def __init__(self, key: str, driver: str, number: int, most: int) -> None:
        super().__init__(f"the tariffs of {key} end at {most:,} {driver}, and {number:,} are asked for")
        self.pointer: Pointer = ("scale", "plans", key, "steps")


def _declared(replicas: int | Replicas | None) -> tuple[int, int | None]:
    if isinstance(replicas, Replicas):
        return replicas.min, replicas.max
    return (1 if replicas is None else replicas), None


def _count(each: _Counted, demand: Numbers, limits: list[Limit]) -> int:
    rule = each.rule
    needed = rule.base + rule.add * steps(demand[rule.per], rule.each)
    needed = max(needed, each.fewest if rule.min is None else rule.min)
    if rule.max is not None and needed > rule.max:
        limits.append(Limit(f"pods of {each.target}", f"{needed:,}", f"{rule.max:,}", (*each.pointer, "max")))
        return max(rule.max, each.fewest)
    if each.most is not None and needed > each.most:
        most = f"{each.most:,} (replicas.max)"
        limits.append(Limit(f"pods of {each.target}", f"{needed:,}", most, each.pointer, held=False))
    return needed


def _volume(each: _Stored, demand: Numbers, limits: list[Limit]) -> int:
    """Whole GiB, never less than is declared."""
    rule = each.rule
    needed = max(gib(rule.base) + gib(rule.add) * steps(demand[rule.per], rule.each), each.least)
    if rule.max is not None and needed > gib(rule.max):
        pod, service = each.place
        subject = f"volume of {service} of {pod}" if service else f"usage {pod}"
        limits.append(Limit(subject, f"{needed:,.0f} GiB", rule.max, (*each.pointer, "max")))
        needed = max(gib(rule.max), each.least)
    return int(needed.to_integral_value(ROUND_CEILING))
