"""Does it still fit: the answers for each node pool, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.cost.capacity.fit import fit
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.diff.model import Room

if TYPE_CHECKING:
    from collections.abc import Mapping

    from solutio_topology.diff.model import Side
    from solutio_topology.graph.model import EnvironmentGraph

_LOST = "with a node lost"


Answers = dict[tuple[str, str], str]
"""Pool and when → whether the pods fit."""


def capacity(before: Side, after: Side, stands_for: Mapping[str, tuple[str, ...]]) -> tuple[Room, ...] | None:
    """The pools whose answer changes; None where a side has no topology, and so no pools.

    `stands_for`: tenant pods with pools of their own that were looked at → their equals that were not.
    """
    if before.graph is None or after.graph is None:
        return None
    old, new = (
        _of_all(_answers(side, graph), stands_for) for side, graph in ((before, before.graph), (after, after.graph))
    )
    return tuple(
        Room(pool, when, old.get((pool, when), ""), new.get((pool, when), ""))
        for pool, when in dict.fromkeys((*old, *new))
        if old.get((pool, when)) != new.get((pool, when))
    )


def _of_all(found: Answers, stands_for: Mapping[str, tuple[str, ...]]) -> Answers:
    """The answer for one that was looked at goes for its equals."""
    head_of = {pool: head for head, others in stands_for.items() for pool in others}
    return {(pool, when): found.get((head_of.get(pool, pool), when), told) for (pool, when), told in found.items()}


def _answers(side: Side, graph: EnvironmentGraph) -> Answers:
    found = fit(graph.platform, side.evidence.facts)
    answers = {
        (pool, f"at {level} replicas"): part.verdict.value
        for level, answer in found.levels.items()
        for part in answer.parts
        for pool in part.pools
    }
    for lost in found.lost:
        answers[lost.pool, _LOST] = (Verdict.SHORT if lost.stranded else Verdict.FITS).value
    return answers
