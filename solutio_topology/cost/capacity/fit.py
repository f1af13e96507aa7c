"""Whether an environment fits: at minimum, usual and maximum replicas, with a node lost, and while it is rolled out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.cost.capacity.demand import demand, uncounted
from solutio_topology.cost.capacity.eligible import refusal, welcomes
from solutio_topology.cost.capacity.place import Answer, Part, Verdict, place
from solutio_topology.cost.capacity.problem import Where, components, problem
from solutio_topology.cost.capacity.rollouts import Rollout, rollouts
from solutio_topology.cost.capacity.supply import Supply, supply, unseen

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.model import Group, Machine
    from solutio_topology.manifests.facts import Facts, Unreadable
    from solutio_topology.spec.platform import Platform


class Level(StrEnum):
    """How many pods run."""

    MINIMUM = "minimum"
    USUAL = "usual"
    MAXIMUM = "maximum"


class Lost(Struct, frozen=True):
    """What happens when a pool has one node less: to what always runs. What an autoscaler has added may wait."""

    pool: str
    answer: Answer
    """Over the nodes and groups of `machines` and of the fit."""
    machines: tuple[Machine, ...]
    stranded: tuple[tuple[int, int], ...]
    """(group, pods) that find no place."""


class Fit(Struct, frozen=True, dict=True):
    """The capacity of one environment."""

    groups: tuple[Group, ...]
    supply: Supply
    uncounted: tuple[Unreadable, ...]

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The nodes whose room is known."""
        return self.supply.machines

    def numbers(self, level: Level) -> list[int]:
        """Pods of each group. Those that only pools of unknown room take are left out."""
        return self._numbers[level]

    @cached_property
    def _numbers(self) -> dict[Level, list[int]]:
        judged = [None if at in self.unjudged else group for at, group in enumerate(self.groups)]
        return {level: [_number(group, level) if group else 0 for group in judged] for level in Level}

    @cached_property
    def unjudged(self) -> frozenset[int]:
        """Groups that no known pool takes and a pool of unknown room may."""
        return frozenset(at for at in self._maybe_blind if not self.pools_of(at))

    @cached_property
    def _maybe_blind(self) -> frozenset[int]:
        blind = self.supply.blind
        return frozenset(
            at for at, group in enumerate(self.groups) if any(welcomes(group.shape, each) for each in blind)
        )

    def pools_of(self, group: int) -> tuple[str, ...]:
        """The pools that take a group, however empty they have to be."""
        shape = self.groups[group].shape
        first = self._first.machines
        return tuple(first[at].pool for at in self._first.candidates(shape) if not refusal(shape, first[at]))

    @cached_property
    def _first(self) -> Where:
        """The first node of each pool."""
        return Where(tuple({machine.pool: machine for machine in reversed(self.machines)}.values()))

    @cached_property
    def levels(self) -> dict[Level, Answer]:
        """The answer for each number of replicas."""
        return {level: self.answer(dict(enumerate(self.numbers(level))), self.machines) for level in Level}

    def verdict(self, level: Level) -> Verdict:
        """Whether all fits: where pods of pools of unknown room are left out, that is undecided at best."""
        left_out = any(_number(self.groups[at], level) for at in self.unjudged)
        found = self.levels[level].verdict
        return Verdict.UNDECIDED if left_out and found is not Verdict.SHORT else found

    def answer(self, numbers: Mapping[int, int], machines: Sequence[Machine]) -> Answer:
        """Place so many pods of each group; where a pool of unknown room might take the rest, nothing is decided."""
        found = _placed(self.groups, numbers, machines)
        return replace(found, parts=tuple(self._doubted(part, found) for part in found.parts))

    def _doubted(self, part: Part, found: Answer) -> Part:
        open_ended = part.verdict is Verdict.SHORT and any(
            group in self._maybe_blind and set(self.pools_of(group)) & set(part.pools) for group, _ in found.pending
        )
        return replace(part, verdict=Verdict.UNDECIDED, short=None) if open_ended else part

    @cached_property
    def parts(self) -> tuple[tuple[tuple[str, ...], tuple[int, ...]], ...]:
        """(pools, groups) that have nothing to do with each other, at the usual number of pods."""
        whole = problem(self.groups, self.numbers(Level.MAXIMUM), self.machines)
        return tuple(
            (
                tuple(dict.fromkeys(self.machines[node].pool for node in nodes)),
                tuple(sorted(group for item in items for group, _ in whole.items[item].members)),
            )
            for nodes, items in components(whole)
        )

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """For each pool with a node: what happens when that node goes."""
        return tuple(self.lose(pool) for pools, _ in self.parts for pool in pools)

    def lose(self, pool: str) -> Lost:
        """What happens when the last node of a pool goes."""
        pools, groups = self._part_of[pool]
        own = self._machines_of(pools)
        gone = next(machine for machine in reversed(own) if machine.pool == pool)
        left = tuple(machine for machine in own if machine is not gone)
        always = self.numbers(Level.MINIMUM)
        numbers = {at: self._staying(at, always[at], left) for at in groups}
        found = self.answer(numbers, left)
        return Lost(pool, found, left, tuple(sorted((*found.pending, *found.homeless))))

    @cached_property
    def _part_of(self) -> dict[str, tuple[tuple[str, ...], tuple[int, ...]]]:
        return {pool: part for part in reversed(self.parts) for pool in part[0]}

    def _machines_of(self, pools: Iterable[str]) -> list[Machine]:
        """The nodes of some pools, in their order."""
        return [self.machines[at] for at in sorted(at for pool in pools for at in self._in_pool.get(pool, ()))]

    @cached_property
    def _in_pool(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for at, machine in enumerate(self.machines):
            found.setdefault(machine.pool, []).append(at)
        return found

    def _staying(self, at: int, number: int, left: Sequence[Machine]) -> int:
        """Pods that must find a place. What has a node for itself and stands elsewhere, too, is not moved."""
        if at not in self._single:
            return number
        places = sum(not refusal(self.groups[at].shape, machine) for machine in left)
        return min(number, places) if places else number

    @cached_property
    def _single(self) -> frozenset[int]:
        whole = problem(self.groups, self.numbers(Level.MAXIMUM), self.machines)
        return frozenset(item.members[0][0] for index, item in enumerate(whole.items) if whole.is_single(index))

    @cached_property
    def rollouts(self) -> tuple[Rollout, ...]:
        """Rollouts and Jobs that find no room beside what usually runs."""
        return tuple(self._rollouts())

    def _rollouts(self) -> Iterator[Rollout]:
        usual = self.numbers(Level.USUAL)
        for pools, groups in self.parts:
            own = self._machines_of(pools)
            base = {at: usual[at] for at in groups}
            if self.answer(base, own).verdict.rank < Verdict.UNDECIDED.rank:
                yield from rollouts(self, groups, base, own)


class Capacity(Struct, frozen=True):
    """An environment, its pools, and whether its pods fit."""

    environment: str
    platform: Platform
    fit: Fit
    notes: tuple[str, ...] = ()
    """What was judged instead of what was asked for."""


def _placed(groups: Sequence[Group], numbers: Mapping[int, int], machines: Sequence[Machine]) -> Answer:
    """As `place`, which is given only the groups that have pods: a fleet has thousands, on nodes of their own."""
    asked = [at for at in sorted(numbers) if numbers[at]]
    found = place([groups[at] for at in asked], [numbers[at] for at in asked], machines)
    return Answer(
        tuple(_with_groups(part, asked) for part in found.parts),
        tuple((node, asked[group], number) for node, group, number in found.standing),
        tuple((asked[group], number) for group, number in found.pending),
        tuple((asked[group], number) for group, number in found.homeless),
    )


def _with_groups(part: Part, asked: Sequence[int]) -> Part:
    if part.short is None:
        return part
    return replace(part, short=replace(part.short, groups=tuple(asked[group] for group in part.short.groups)))


def _number(group: Group, level: Level) -> int:
    return {Level.MINIMUM: group.low, Level.USUAL: group.usual, Level.MAXIMUM: group.high}[level]


def fit(platform: Platform, facts: Facts) -> Fit:
    """The capacity of an environment: its platform's pools, and the pods that its manifests make."""
    groups = demand(facts)
    groups = (*groups, *unseen(platform, groups))
    return Fit(groups, supply(platform, groups), uncounted(facts))
