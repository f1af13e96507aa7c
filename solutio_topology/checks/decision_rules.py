"""``D``: decisions against the topology, and against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.decisions import Alternative, Decided, Found, Held, decided
from solutio_topology.checks.decisions.found import Owner, of_part, realizing, strongest
from solutio_topology.checks.decisions.model import PROVIDER, SURE, any_marks
from solutio_topology.findings import Finding, Related, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Intent
    from solutio_topology.findings import Location

    Locate = Callable[[Found[Owner]], Location]

UNREALIZED = Rule(
    code="D001",
    name="decision-not-realized",
    severity=Severity.ERROR,
    summary="A decision for what no service of the topology is.",
    rationale="What was decided is not what runs.",
    example="decisions: {db: {title: Database, chosen: PostgreSQL}} without a service of such a component",
    remedy="correct the decision or the services; where the question is gone, set `status: deprecated`",
)
REJECTED = Rule(
    code="D002",
    name="rejected-in-topology",
    severity=Severity.ERROR,
    summary="A service, edge or component of the topology that is what a decision rejected.",
    rationale="It was rejected for a reason, which the decision holds.",
    example="extensions: [vector] while pgvector is rejected",
    remedy="remove it, or change the decision first; what one service may do all the same stands under `allowed`",
)
UNDECIDED = Rule(
    code="D007",
    name="component-without-decision",
    severity=Severity.INFO,
    summary="A component in use that no decision covers.",
    rationale="Nobody wrote down why it was taken, so nobody can say whether the reason still holds.",
    example="a service of component redis while no decision names Redis",
    remedy="write the decision down, or acknowledge that there was none to make",
)
UNRECOGNISABLE = Rule(
    code="D009",
    name="unrecognisable",
    severity=Severity.INFO,
    summary="A choice or an alternative that nothing is known to give away.",
    rationale="It is not held: it may come back, and nobody will be told.",
    example="rejected: {Our old framework: too slow}",
    remedy="say how it is recognised (`recognise`), or why nothing can show it (`unseen`)",
)
CONTRADICTION = Rule(
    code="D010",
    name="decisions-contradict",
    severity=Severity.ERROR,
    summary="A decision for what another one, or the same one, rejects.",
    rationale="Whatever is done, one of the two is broken.",
    example="search: {chosen: pgvector, …} while another decision rejects pgvector",
    remedy="change one of the two; what only one service may use stands under `allowed`",
)
CYCLE = Rule(
    code="D011",
    name="supersedes-in-a-circle",
    severity=Severity.ERROR,
    summary="Decisions that supersede each other in a circle.",
    rationale="None of them can be the one that holds.",
    example="a: {supersedes: [b], …} and b: {supersedes: [a], …}",
    remedy="remove one of the `supersedes`: the newest decision supersedes the older ones",
)
STILL_IN_FORCE = Rule(
    code="D012",
    name="superseded-in-force",
    severity=Severity.ERROR,
    summary="A decision that another one supersedes and that still holds.",
    rationale="Both are held against the topology, and they do not say the same.",
    example="new: {supersedes: [old], …} while old has no `status: superseded`",
    remedy="give the older one `status: superseded`",
)
BY_NOTHING = Rule(
    code="D013",
    name="superseded-by-nothing",
    severity=Severity.WARNING,
    summary="A decision that is superseded, and none that holds supersedes it.",
    rationale="Nobody can find out what was decided instead.",
    example="old: {status: superseded, …} while no decision names it",
    remedy="name it under `supersedes` of what replaced it, or set `status: deprecated`",
)


def unrealized(intent: Intent) -> Iterator[Finding]:
    """Components that a decision names and no service is an instance of; parts of choices that no service realizes."""
    found = decided(intent).in_topology(intent)
    in_use = {service.component for service in intent.graph.topology.services.values()}
    for each in decided(intent).in_force:
        named = each.decision.components
        if named and not in_use & set(named):
            message = f"{each.decision.title}: no service is an instance of {' or '.join(named)}"
            yield UNREALIZED.finding(message, intent.locate(each.pointer), subject=f"decision {each.key}")
            continue
        for number, part in enumerate(each.parts):
            mine = of_part(found, each.key, number)
            used = any(one.trace.kind in {PROVIDER, *SURE} for one in mine)
            if used or realizing(intent, part, mine):
                continue
            known = " or ".join(sorted(part.components))
            message = f"{each.decision.title}: no service is {part.name}" + (
                f" (component {known})" if known and known != part.name else ""
            )
            yield UNREALIZED.finding(message, intent.locate(each.pointer), subject=f"decision {each.key}")


def rejected(intent: Intent) -> Iterator[Finding]:
    """Rejected alternatives in the topology, unless they are allowed there."""
    all_of_them = decided(intent)
    held_here = [each for each in all_of_them.in_topology(intent) if is_held(all_of_them, each)]
    yield from told(
        REJECTED,
        intent,
        all_of_them,
        (one for one in held_here if not one.services & all_of_them.alternative(one.owner).rejected.allowed.keys()),
        lambda one: place_in_topology(intent, one),
    )


def place_in_topology(intent: Intent, found: Found[Owner]) -> Location:
    """Where something was found in the topology."""
    return intent.locate(".".join(map(str, found.trace.pointer)))


def is_held(all_of_them: Decided, found: Found[Owner]) -> bool:
    """Whether it is an alternative that a decision in force rejects."""
    return found.owner.alternative is not None and all_of_them.by_key[found.owner.decision].in_force


def told(
    rule: Rule, intent: Intent, all_of_them: Decided, found: Iterable[Found[Owner]], locate: Locate
) -> Iterator[Finding]:
    """A finding per subject and piece; what several decisions rejected is told once, with all their reasons."""
    by_piece: dict[tuple[str, str, str], list[tuple[Alternative, list[Found[Owner]]]]] = {}
    for (subject, owner), pieces in strongest(found).items():
        first = pieces[0].trace
        by_piece.setdefault((subject, first.kind, first.value), []).append((all_of_them.alternative(owner), pieces))
    for (subject, _, _), group in by_piece.items():
        alternatives, pieces = [each for each, _ in group], group[0][1]
        also = [Related(locate(one), f"its {one.said}") for one in pieces[1:4]]
        also += [Related(intent.locate(each.pointer), "rejected here") for each in alternatives]
        why = "; ".join(each.why for each in alternatives)
        technology = alternatives[0].technology
        name = technology.title if technology else alternatives[0].name
        message = f"{subject} brings {name} back ({pieces[0].said}): {why}"
        yield rule.finding(message, locate(pieces[0]), subject=subject, related=tuple(also))


def undecided(intent: Intent) -> Iterator[Finding]:
    """Components that no decision in force speaks of, once there are decisions. What people hold runs nowhere."""
    held = decided(intent).in_force
    if not held:
        return
    covered = frozenset().union(*(each.covers for each in held))
    allowed = (each.rejected.allowed for one in held for each in one.alternatives)
    said = {key for keys in (*_realized(intent), *allowed) for key in keys}
    found: dict[str, list[str]] = {}
    for pod in intent.graph.pods:
        for key, node in pod.nodes.items():
            if node.component.kind != "client" and node.component_name not in covered and key not in said:
                found.setdefault(node.component_name, []).append(key)
    for component, services in sorted(found.items()):
        names = list(dict.fromkeys(services))
        where = intent.locate(f"services.{names[0]}.component")
        message = f"no decision covers {component} ({', '.join(names)})"
        yield UNDECIDED.finding(message, where, subject=f"component {component}")


def _realized(intent: Intent) -> Iterator[list[str]]:
    """The services that realize something that was chosen."""
    found = decided(intent).in_topology(intent)
    for each in decided(intent).in_force:
        for number, part in enumerate(each.parts):
            mine = of_part(found, each.key, number)
            yield [node.ref.service for node in realizing(intent, part, mine)]


def unrecognisable(intent: Intent) -> Iterator[Finding]:
    """What is not held because nothing gives it away, and no reason says why."""
    for each in decided(intent).in_force:
        if (
            not any(any_marks(member.marks) for part in each.parts for member in part.members)
            and not each.decision.unseen
        ):
            message = f"{each.decision.title}: nothing is known that gives the choice {each.decision.chosen!r} away"
            yield UNRECOGNISABLE.finding(
                message, intent.locate(f"{each.pointer}.chosen"), subject=f"decision {each.key}"
            )
        for alternative in each.alternatives:
            if not alternative.marks and not alternative.unseen:
                message = f"{each.decision.title}: nothing is known that gives {alternative.name!r} away"
                subject = f"{alternative.name} of decision {each.key}"
                yield UNRECOGNISABLE.finding(message, intent.locate(alternative.pointer), subject=subject)


def contradictions(intent: Intent) -> Iterator[Finding]:
    """Choices that are rejected."""
    held = decided(intent).in_force
    for each in held:
        for other in held:
            for alternative in other.alternatives:
                if not alternative.rejected.allowed and _is_choice(each, alternative):
                    message = f"decision {each.key} is for {each.decision.chosen}, and {alternative.why}"
                    also = (Related(intent.locate(alternative.pointer), "rejected here"),)
                    where = intent.locate(f"{each.pointer}.chosen")
                    yield CONTRADICTION.finding(message, where, subject=f"decision {each.key}", related=also)


def _is_choice(held: Held, alternative: Alternative) -> bool:
    if held.decision.chosen.lower() == alternative.name.lower():
        return True
    chosen = [member.technology for part in held.parts for member in part.members if member.technology]
    return any(alternative.technology is each for each in chosen)


def circles(intent: Intent) -> Iterator[Finding]:
    """Decisions that supersede themselves, one way or another: each circle once."""
    following = {each.key: each.decision.supersedes for each in decided(intent).held}
    told_of: set[str] = set()
    for key in following:
        circle = _circle(key, following)
        if circle and not told_of & set(circle):
            told_of.update(circle)
            message = f"decisions supersede each other in a circle: {' -> '.join([*circle, key])}"
            yield CYCLE.finding(message, intent.locate(f"decisions.{key}.supersedes"), subject=f"decision {key}")


def _circle(start: str, following: dict[str, list[str]]) -> list[str]:
    """The way from a decision back to itself, or nothing."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for name in following.get(way[-1], []):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def still_in_force(intent: Intent) -> Iterator[Finding]:
    """Decisions that hold although one that holds supersedes them."""
    by_key = decided(intent).by_key
    for each in decided(intent).in_force:
        for name in each.decision.supersedes:
            if name in by_key and by_key[name].in_force:
                message = f"decision {each.key} supersedes decision {name}, which still holds"
                also = (Related(intent.locate(f"{each.pointer}.supersedes"), f"superseded by {each.key}"),)
                where = intent.locate(f"decisions.{name}")
                yield STILL_IN_FORCE.finding(message, where, subject=f"decision {name}", related=also)


def by_nothing(intent: Intent) -> Iterator[Finding]:
    """Decisions that are superseded, by none that was ever made."""
    made = [each for each in decided(intent).held if each.decision.status not in {"proposed", "rejected"}]
    replaced = {name for each in made for name in each.decision.supersedes}
    for each in decided(intent).held:
        if each.decision.status == "superseded" and each.key not in replaced:
            message = f"decision {each.key} is superseded, and no decision says that it supersedes it"
            where = intent.locate(f"{each.pointer}.status")
            yield BY_NOTHING.finding(message, where, subject=f"decision {each.key}")


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(UNREALIZED, unrealized),
    GraphCheck(REJECTED, rejected),
    GraphCheck(UNDECIDED, undecided),
    GraphCheck(UNRECOGNISABLE, unrecognisable),
    GraphCheck(CONTRADICTION, contradictions),
    GraphCheck(CYCLE, circles),
    GraphCheck(STILL_IN_FORCE, still_in_force),
    GraphCheck(BY_NOTHING, by_nothing),
)
