"""Placing pods: against a real scheduler's answers, against every way there is, and against laws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from solutio_topology.cost.capacity.model import Amounts, Group, Machine, Shape
from solutio_topology.cost.capacity.place import Answer, Short, Verdict, place
from tests.cost.capacity import brute, strategies, worlds

WORLDS = [worlds.world(each) for each in worlds.load()]
FIT = {Verdict.FITS, Verdict.PACKED}


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_it_agrees_with_a_real_scheduler(world: worlds.World) -> None:
    answer = world.answer()
    left = sum(number for _, number in (*answer.pending, *answer.homeless))
    if answer.verdict is Verdict.PACKED:
        # There is a way, and the scheduler does not find it.
        assert (left, world.pending) == (0, 1)
    else:
        assert left == world.pending
        assert (answer.verdict is Verdict.FITS) == (world.pending == 0)


def _usual(groups: Sequence[Group]) -> list[int]:
    return [group.usual for group in groups]


def _where(answer: Answer) -> brute.Where:
    return {(node, group): number for node, group, number in answer.standing}


@settings(max_examples=400, deadline=None)
@given(strategies.groups(), strategies.machines())
def test_it_is_right_about_small_worlds(groups: tuple[Group, ...], machines: tuple[Machine, ...]) -> None:
    answer = place(groups, _usual(groups), machines)
    assert (answer.verdict in FIT) == brute.fits(groups, machines)
    assert answer.verdict is not Verdict.UNDECIDED


@settings(max_examples=300, deadline=None)
@given(strategies.groups(), strategies.machines(most=4))
def test_a_placement_never_exceeds_a_node(groups: tuple[Group, ...], machines: tuple[Machine, ...]) -> None:
    answer = place(groups, _usual(groups), machines)
    placed = Counter(dict.fromkeys(range(len(groups)), 0))
    for _, group, number in answer.standing:
        placed[group] += number
    left = Counter(dict.fromkeys(range(len(groups)), 0))
    for group, number in (*answer.pending, *answer.homeless):
        left[group] += number
    assert [placed[at] + left[at] for at in range(len(groups))] == _usual(groups)
    if answer.verdict in FIT:
        assert brute.broken(groups, machines, _where(answer)) == ""
        assert not answer.pending
    else:
        # What is placed although not all is holds the nodes' room, too.
        assert (
            brute.broken([replace(each, shape=_loose(each.shape)) for each in groups], machines, _where(answer)) == ""
        )


def _loose(shape: Shape) -> Shape:
    """Without spreads: they hold only for the whole."""
    return replace(shape, spread=())


@settings(max_examples=200, deadline=None)
@given(strategies.groups(spread=False), strategies.machines(), strategies.machine("more"))
def test_another_node_never_makes_a_fit_worse(
    groups: tuple[Group, ...], machines: tuple[Machine, ...], more: Machine
) -> None:
    # A spread counts the new node as an empty one, so that the law does not hold with one.
    if place(groups, _usual(groups), machines).verdict in FIT:
        assert place(groups, _usual(groups), (*machines, more)).verdict in FIT


@settings(max_examples=200, deadline=None)
@given(strategies.groups(spread=False), strategies.machines(), st.data())
def test_fewer_replicas_never_make_a_fit_worse(
    groups: tuple[Group, ...], machines: tuple[Machine, ...], data: st.DataObject
) -> None:
    fewer = [data.draw(st.integers(0, group.usual)) for group in groups]
    if place(groups, _usual(groups), machines).verdict in FIT:
        assert place(groups, fewer, machines).verdict in FIT


@given(strategies.groups(), strategies.machines())
def test_the_same_question_has_the_same_answer(groups: tuple[Group, ...], machines: tuple[Machine, ...]) -> None:
    assert place(groups, _usual(groups), machines) == place(groups, _usual(groups), machines)


def _node(name: str, pool: str, *room: int) -> Machine:
    amounts = Amounts(*room)
    return Machine(name, pool, {"kubernetes.io/hostname": name}, (), amounts, amounts)


def _pods(number: int, *request: int) -> Group:
    return Group("Deployment inn/web", Shape(Amounts(*request)), number, number, number)


def test_what_is_lacking_is_told_with_its_numbers() -> None:
    answer = place([_pods(3, 500, 100, 1)], [3], [_node("a-1", "a", 700, 900, 9), _node("a-2", "a", 700, 900, 9)])
    assert [part.short for part in answer.parts] == [Short("cpu", 1500, 1400, (0,), ("a",), 2)]
    assert answer.pending == ((0, 1),)


def test_pools_that_share_no_pods_are_answered_apart() -> None:
    web, db = _pods(1, 10, 10, 1), _pods(2, 10, 10, 1)
    shapes = [replace(each, shape=replace(each.shape, node_name=name)) for each, name in ((web, "a-1"), (db, "b-1"))]
    answer = place(shapes, [1, 2], [_node("a-1", "a", 10, 10, 1), _node("b-1", "b", 10, 10, 1)])
    assert [(part.pools, part.verdict) for part in answer.parts] == [(("a",), Verdict.FITS), (("b",), Verdict.SHORT)]


def test_equal_pods_of_many_owners_stand_each_on_several_nodes() -> None:
    answer = place(
        [_pods(2, 10, 10, 1), _pods(2, 10, 10, 1)], [2, 2], [_node(f"a-{at}", "a", 20, 20, 9) for at in (1, 2)]
    )
    assert answer.standing == ((0, 0, 1), (0, 1, 1), (1, 0, 1), (1, 1, 1))
