"""How many nodes the pods of a pool need.

Counted, not placed, so that more demand never needs fewer nodes: what is requested in sum against what nodes offer,
less the headroom, pods that leave no room for a second, and pods that stand alone on a node. Each of these is a lower
bound of `capacity`; the headroom is for what pods leave between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct, field

from solutio_topology.cost.capacity.fit import Level
from solutio_topology.cost.capacity.model import RESOURCES, Amounts
from solutio_topology.cost.capacity.problem import problem
from solutio_topology.cost.scale.model import Crowd, Target
from solutio_topology.spec.values import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solutio_topology.cost.capacity.fit import Fit
    from solutio_topology.cost.capacity.model import Group
    from solutio_topology.cost.scale.ground import Ground


class Kind(Struct, frozen=True):
    """Equal pods of a pool."""

    need: Amounts
    target: Target | None
    """What says how many there are; None: always `number`."""
    number: int
    """In one tenant pod."""
    copied: bool
    """Whether there are as many again in each copy of the dedicated tenant pod."""
    alone: bool
    """Whether a node takes one of them."""


class PoolKinds(Struct):
    """The pods of a pool and what its nodes offer."""

    room: Amounts
    """Of a node, the headroom taken off."""
    kinds: list[Kind] = field(default_factory=list)
    open_to: int = 0
    """How many groups of pods may stand on it, those that are counted on another pool included."""

    def crowd(self, numbers: Mapping[Target, int], copies: int) -> Crowd:
        """The fewest nodes for so many pods."""
        needed, large, most = Amounts(), 0, (0, "")
        for kind in self.kinds:
            number = numbers.get(kind.target, kind.number) if kind.target else kind.number
            number *= copies if kind.copied else 1
            needed = needed.plus(kind.need.times(number))
            large += number if self._is_large(kind) else 0
            most = max(most, (number, "one to a node")) if kind.alone else most
        reasons = [
            (-(-asked // has), name) for asked, has, name in zip(needed, self.room, RESOURCES, strict=True) if has > 0
        ]
        return Crowd(*max([*reasons, (large, "large pods"), most], key=lambda each: each[0]))

    def _is_large(self, kind: Kind) -> bool:
        """Whether two of them do not fit onto a node."""
        return any(2 * asked > has for asked, has in zip(kind.need[:2], self.room[:2], strict=True))


def pool_kinds(ground: Ground) -> dict[str, PoolKinds]:
    """Every pool whose nodes' room is known, with the pods that stand on it. DaemonSets are taken off the room."""
    free = Decimal(1) - amount(ground.topology.scale.headroom[:-1]) / 100
    first = {machine.pool: machine for machine in reversed(ground.fit.machines)}
    found = {pool: PoolKinds(_room(machine.room, free)) for pool, machine in first.items()}
    alone = _alone(ground.fit)
    numbers = ground.fit.numbers(Level.USUAL)
    for at, group in enumerate(ground.fit.groups):
        pools = ground.fit.pools_of(at)
        for pool in pools if not group.everywhere else ():
            found[pool].open_to += 1
        if pools and not group.everywhere and not group.passing:
            found[pools[0]].kinds.append(_kind(ground, group, numbers[at], pools[0], is_alone=at in alone))
    return found


def _room(room: Amounts, free: Decimal) -> Amounts:
    cpu, memory = (max(1, int(each * free)) for each in room[:2])
    return Amounts(cpu, memory, *room[2:])


def _alone(fit: Fit) -> frozenset[int]:
    numbers = [max(group.low, group.usual, group.high) for group in fit.groups]
    whole = problem(fit.groups, numbers, fit.machines)
    singles = (item for index, item in enumerate(whole.items) if whole.is_single(index))
    return frozenset(group for item in singles for group, _ in item.members)


def _kind(ground: Ground, group: Group, number: int, pool: str, *, is_alone: bool) -> Kind:
    pod = group.owner[0]
    copied = pod == ground.people.copied and pool != pod
    return Kind(group.shape.request, target_of(ground, group), number, bool(pod) and copied, is_alone)


def target_of(ground: Ground, group: Group) -> Target | None:
    """The process that pods are of, where they are of a service that grows."""
    pod, service = group.owner
    growth = ground.topology.scale.services.get(service)
    if growth is None or all(pod != each.pod for each in ground.graph.pods):
        return None
    name = group.name.rpartition("/")[2].partition(" ")[0]
    for process in ground.pod(pod).nodes[service].processes:
        if name.endswith(f"-{process}"):
            return Target(pod, service, process)
    return Target(pod, service)


def homeless(ground: Ground) -> Iterator[Group]:
    """Pods that no pool of known room takes, however many nodes it has."""
    for at, group in enumerate(ground.fit.groups):
        runs = group.usual or group.low or group.high
        if runs and not group.everywhere and not ground.fit.pools_of(at) and at not in ground.fit.unjudged:
            yield group
