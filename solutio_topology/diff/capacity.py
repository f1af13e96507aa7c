"""Does it still fit: the answers for each node pool, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.cost.capacity.fit import fit
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.diff.model import Room

if TYPE_CHECKING:
    from solutio_topology.diff.model import Side
    from solutio_topology.graph.model import EnvironmentGraph

_LOST = "with a node lost"


def capacity(before: Side, after: Side) -> tuple[Room, ...] | None:
    """The pools whose answer changes; None where a side has no topology, and so no pools."""
    if before.graph is None or after.graph is None:
        return None
    old, new = _answers(before, before.graph), _answers(after, after.graph)
    return tuple(
        Room(pool, when, old.get((pool, when), ""), new.get((pool, when), ""))
        for pool, when in dict.fromkeys((*old, *new))
        if old.get((pool, when)) != new.get((pool, when))
    )


def _answers(side: Side, graph: EnvironmentGraph) -> dict[tuple[str, str], str]:
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
