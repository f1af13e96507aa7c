"""What rules and packing say of the two sides of a comparison, both at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.checks.run import check_all
from solutio_topology.checks.suppress import suppress
from solutio_topology.diff.capacity import Answers, answers
from solutio_topology.diff.compare import findings_of_all, said
from solutio_topology.workflows.spread import beside

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.diff.members import Members
    from solutio_topology.diff.model import Side
    from solutio_topology.findings import Finding
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.workflows.project import Project

Findings = tuple["Finding", ...]


class Claims(Struct, frozen=True):
    """What a side declares."""

    project: Project
    intent: Intent
    """Of every tenant pod."""
    graph: EnvironmentGraph
    """Of those that are looked at."""


def judged_sides(claims: tuple[Claims, Claims], sides: tuple[Side, Side], members: Members) -> tuple[Side, Side]:
    """The sides with what is found in them and whether they fit.

    What both have and acknowledge in the same way is left out: it says nothing of their difference.
    """
    # The sides are independent until they are compared.
    waiting = beside(lambda: _judge(claims[0], sides[0].evidence, members))
    new, new_room = _judge(claims[1], sides[1].evidence, members)
    old, old_room = waiting()
    if claims[0].project.topology.ignore == claims[1].project.topology.ignore:
        old, new = _only_in(old, new), _only_in(new, old)
    return (
        replace(sides[0], findings=_left(claims[0], old, members), room=old_room),
        replace(sides[1], findings=_left(claims[1], new, members), room=new_room),
    )


def _judge(claims: Claims, evidence: Evidence, members: Members) -> tuple[Findings, Answers]:
    """Everything that is found in what is looked at."""
    intent = replace(claims.intent, graph=claims.graph)
    found = check_all(intent, evidence, precise=False, whole=claims.intent).findings
    return found, answers(claims.intent.graph, evidence.facts, members.stands_for)


def _only_in(one: Findings, other: Findings) -> Findings:
    known = said(other)
    return tuple(each for words, each in said(one).items() if words not in known)


def _left(claims: Claims, found: Findings, members: Members) -> Findings:
    """What is left to report, of those that were not looked at, too."""
    topology, intent = claims.project.topology, claims.intent
    assert intent.today is not None
    everything = frozenset(range(len(topology.ignore)))
    told = findings_of_all(found, members)
    locate = claims.project.source.locate
    return suppress(told, topology.ignore, locate, intent.today, used_elsewhere=everything).findings
