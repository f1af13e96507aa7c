"""Does it still fit: the answers for each node pool, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from solutio_topology.cost.capacity.fit import fit
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.diff.model import Room

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.manifests.facts import Facts
    from solutio_topology.spec.platform import Platform

_LOST = "with a node lost"


Answers = Mapping[tuple[str, str], str]
"""Pool and when → whether the pods fit."""


def capacity(before: Answers | None, after: Answers | None) -> tuple[Room, ...] | None:
    """The pools whose answer changes; None where a side has no topology, and so no pools."""
    if before is None or after is None:
        return None
    return tuple(
        Room(pool, when, before.get((pool, when), ""), after.get((pool, when), ""))
        for pool, when in dict.fromkeys((*before, *after))
        if before.get((pool, when)) != after.get((pool, when))
    )


def answers(graph: EnvironmentGraph, facts: Facts, stands_for: Mapping[str, tuple[str, ...]]) -> Answers:
    """Whether the pods of the manifests fit into the pools.

    `stands_for`: tenant pods with a pool of their own → their equals, of which the manifests hold nothing.
    """
    head_of = {pool: head for head, others in stands_for.items() for pool in others}
    pools = graph.platform.pools
    looked_at = {name: pool for name, pool in pools.items() if name not in head_of}
    found = _answers(graph.platform.model_copy(update={"pools": looked_at}), facts)
    return _of_all(found, {name: head_of.get(name, name) for name in pools}) if head_of else found


def _of_all(found: Answers, head_of: Mapping[str, str]) -> Answers:
    """The answer for one that was looked at goes for its equals: those of one time in the order of the pools."""
    return {
        (pool, when): found[head, when]
        for when in dict.fromkeys(when for _, when in found)
        for pool, head in head_of.items()
        if (head, when) in found
    }


def _answers(platform: Platform, facts: Facts) -> Answers:
    found = fit(platform, facts)
    told = {
        (pool, f"at {level} replicas"): part.verdict.value
        for level, answer in found.levels.items()
        for part in answer.parts
        for pool in part.pools
    }
    for lost in found.lost:
        told[lost.pool, _LOST] = (Verdict.SHORT if lost.stranded else Verdict.FITS).value
    return told
