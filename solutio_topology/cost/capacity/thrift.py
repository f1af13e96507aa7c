"""Pools that are mostly empty, and what smaller would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.capacity import nodes
from solutio_topology.cost.capacity.fit import Fit, Level
from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.supply import supply

if TYPE_CHECKING:
    from solutio_topology.cost.prices import Machine
    from solutio_topology.spec.platform import Platform, Pool

MOSTLY_EMPTY = 0.5
"""Share of CPU and of memory below which a pool counts as mostly empty, at the maximum number of pods."""


class Spare(Struct, frozen=True):
    """A pool of which less would do: with another size, or with fewer nodes."""

    pool: str
    cpu: float
    """Share of its CPU that is requested at the maximum."""
    memory: float
    size: str
    nodes: int


def spare(fit: Fit, platform: Platform) -> Iterator[Spare]:
    """Every pool that is mostly empty, with the smallest that is as good: at the maximum and with a node lost."""
    shares = shares_of(fit)
    for name, (cpu, memory) in shares.items():
        if max(cpu, memory) < MOSTLY_EMPTY:
            around = _Around(fit, platform, name)
            smaller = next((each for each in _smaller(platform.pools[name]) if around.is_as_good(each)), None)
            if smaller is not None:
                yield Spare(name, cpu, memory, smaller.size, smaller.nodes)


def shares_of(fit: Fit) -> dict[str, tuple[float, float]]:
    """The shares of each pool's CPU and memory that are requested at the maximum, the provider's own pods left out."""
    room: dict[str, Amounts] = {}
    used: dict[str, Amounts] = {}
    for machine in fit.machines:
        room[machine.pool] = room.get(machine.pool, Amounts()).plus(machine.room)
    for node, group, number in fit.levels[Level.MAXIMUM].standing:
        pool, asked = fit.machines[node].pool, fit.groups[group].shape.request.times(number)
        used[pool] = used.get(pool, Amounts()).plus(asked)
    return {pool: _share(used.get(pool, Amounts()), has) for pool, has in room.items()}


def _share(used: Amounts, has: Amounts) -> tuple[float, float]:
    return used.cpu / max(1, has.cpu), used.memory / max(1, has.memory)


def _smaller(pool: Pool) -> Iterator[Pool]:
    """Smaller sizes of the same family, the smallest first; then fewer nodes of the same size."""
    own = nodes.sizes().get(pool.size)
    if own is not None and pool.allocatable is None:
        for size in sorted(nodes.sizes().values(), key=lambda each: (each.memory_gib, each.vcpu, each.size)):
            kin = nodes.family(size.size) == nodes.family(own.size) and _is_less(size, own)
            if kin and nodes.allocatable(size.size) is not None:
                yield pool.model_copy(update={"size": size.size})
    for number in range(2, pool.nodes):
        yield pool.model_copy(update={"nodes": number})


def _is_less(size: Machine, own: Machine) -> bool:
    less = size.memory_gib <= own.memory_gib and size.vcpu <= own.vcpu
    return less and (size.memory_gib, size.vcpu) != (own.memory_gib, own.vcpu)


class _Around:
    """A pool with all that its pods may stand on as well: what is asked of a smaller one concerns nothing else."""

    def __init__(self, fit: Fit, platform: Platform, name: str) -> None:
        self._name, self._platform = name, platform
        pools, groups = next(part for part in fit.parts if name in part[0])
        self._pools = {pool: platform.pools[pool] for pool in pools}
        daemons = [group for group in fit.groups if group.everywhere]
        self._groups = (*(fit.groups[at] for at in groups), *daemons)
        self._now = self._with(platform.pools[name])

    def _with(self, pool: Pool) -> tuple[int, int]:
        """How badly it fits, and how many pods a lost node strands."""
        pools = {**self._pools, self._name: pool}
        tried = Fit(self._groups, supply(self._platform.model_copy(update={"pools": pools}), self._groups), ())
        rank = tried.levels[Level.MAXIMUM].verdict.rank
        return rank, sum(number for _, number in tried.lose(self._name).stranded)

    def is_as_good(self, pool: Pool) -> bool:
        """Whether another pool in its place is no worse in either."""
        return all(new <= now for new, now in zip(self._with(pool), self._now, strict=True))
