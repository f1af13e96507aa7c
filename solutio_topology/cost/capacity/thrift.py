"""Pools that are mostly empty, and what smaller would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solutio_topology.cost.capacity import nodes
from solutio_topology.cost.capacity.fit import Fit, Level
from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.supply import supply

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.nodes import Size
    from solutio_topology.spec.platform import Platform, Pool

MOSTLY_EMPTY = 0.5
"""Share of CPU and of memory below which a pool counts as mostly empty, at the maximum number of pods."""


@dataclass(frozen=True, slots=True)
class Spare:
    """A pool of which less would do: with another size, or with fewer nodes."""

    pool: str
    cpu: float
    """Share of its CPU that is requested at the maximum."""
    memory: float
    size: str
    nodes: int


def spare(fit: Fit, platform: Platform) -> Iterator[Spare]:
    """Every pool that is mostly empty, with the smallest that is as good: at the maximum and with a node lost."""
    for name, pool in platform.pools.items():
        if not pool.nodes or name not in fit.supply.system:
            continue
        cpu, memory = share_of(fit, name)
        if max(cpu, memory) >= MOSTLY_EMPTY:
            continue
        smaller = next((each for each in _smaller(pool) if _is_as_good(fit, platform, name, each)), None)
        if smaller is not None:
            yield Spare(name, cpu, memory, smaller.size, smaller.nodes)


def share_of(fit: Fit, pool: str) -> tuple[float, float]:
    """The shares of a pool's CPU and memory that are requested at the maximum, the provider's own pods left out."""
    room, used = Amounts(), Amounts()
    for machine in fit.machines:
        room = room.plus(machine.room) if machine.pool == pool else room
    for node, group, number in fit.levels[Level.MAXIMUM].standing:
        if fit.machines[node].pool == pool:
            used = used.plus(fit.groups[group].shape.request.times(number))
    return used.cpu / max(1, room.cpu), used.memory / max(1, room.memory)


def _smaller(pool: Pool) -> Iterator[Pool]:
    """Smaller sizes of the same family, the smallest first; then fewer nodes of the same size."""
    own = nodes.sizes().get(pool.size)
    if own is not None and pool.allocatable is None:
        for size in sorted(nodes.sizes().values(), key=lambda each: (each.memory, each.cpu, each.name)):
            if size.family == own.family and _is_less(size, own):
                yield pool.model_copy(update={"size": size.name})
    for number in range(2, pool.nodes):
        yield pool.model_copy(update={"nodes": number})


def _is_less(size: Size, own: Size) -> bool:
    return size.memory <= own.memory and size.cpu <= own.cpu and (size.memory, size.cpu) != (own.memory, own.cpu)


def _is_as_good(fit: Fit, platform: Platform, name: str, pool: Pool) -> bool:
    other = platform.model_copy(update={"pools": {**platform.pools, name: pool}})
    tried = replace(fit, supply=supply(other, fit.groups))
    if tried.levels[Level.MAXIMUM].verdict.rank > fit.levels[Level.MAXIMUM].verdict.rank:
        return False
    return _stranded(tried, name) <= _stranded(fit, name)


def _stranded(fit: Fit, pool: str) -> int:
    return sum(number for lost in fit.lost if lost.pool == pool for _, number in lost.stranded)
