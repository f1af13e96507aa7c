"""``D``: decisions against the manifests: what was chosen is there, and what was rejected is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.catalog.technologies import mentions, technologies
from solutio_topology.checks.check import BothCheck
from solutio_topology.checks.decision_rules import is_held, place_in_topology, told
from solutio_topology.checks.decisions import Found, Held, Member, Part, decided
from solutio_topology.checks.decisions.found import Owner, of_part, realizing
from solutio_topology.checks.decisions.model import TITLE
from solutio_topology.findings import Finding, Location, Related, Rule, Severity
from solutio_topology.identity import SERVICE, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.spec.base import Placement

NOT_THERE = Rule(
    code="D003",
    name="choice-not-in-manifests",
    severity=Severity.ERROR,
    summary="A choice that the manifests do not show, though whoever uses it cannot hide it.",
    rationale="The topology says what was decided, and something else will run.",
    example="PostgreSQL 16 + TimescaleDB was chosen, and no cluster preloads timescaledb",
    remedy="render again, or correct what was written by hand; if it runs under another name, add that to `recognise`",
)
BACK = Rule(
    code="D004",
    name="rejected-in-manifests",
    severity=Severity.ERROR,
    summary="An object of the manifests that is what a decision rejected.",
    rationale="It was rejected for a reason, which the decision holds; manifests are where it comes back unseen.",
    example="image: mongo:7 while MongoDB is rejected",
    remedy="remove it, or change the decision first; what one service may do all the same stands under `allowed`",
)
VERSION = Rule(
    code="D005",
    name="choice-in-another-version",
    severity=Severity.ERROR,
    summary="A choice that runs in another version than the decision says.",
    rationale="A version is decided for what it brings and for what it costs to leave; neither holds for another one.",
    example="chosen: PostgreSQL 16, and the Cluster is of major version 17",
    remedy="correct the version, or change the decision first",
)
ELSEWHERE = Rule(
    code="D006",
    name="choice-in-another-place",
    severity=Severity.ERROR,
    summary="A choice that runs elsewhere than the decision says.",
    rationale="Whether something is run or bought decides who keeps it alive, what it costs and where the data lie.",
    example="placement: external, and a workload of the image qdrant/qdrant",
    remedy="move it, or change the `placement` of the decision first",
)
NO_EFFECT = Rule(
    code="D008",
    name="decides-nothing",
    severity=Severity.WARNING,
    summary="A decision, or an exception to one, that decides nothing any more.",
    rationale="It reads like a rule and is none; an exception that nobody needs lets the next one in.",
    example="Astro: {allowed: {atlas: …}} while nothing of atlas is Astro",
    remedy="remove the exception, or set `status: deprecated`",
)


def not_there(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Parts of choices that are realized in the topology and not in the manifests."""
    here, there = decided(intent).in_topology(intent), decided(intent).in_manifests(evidence)
    for each in decided(intent).in_force:
        for number, part in enumerate(each.parts):
            found = of_part(there, each.key, number)
            nodes = realizing(intent, part, of_part(here, each.key, number))
            yield from _not_preloaded(intent, evidence, each, part, found)
            if not part.sure or not (nodes or of_part(here, each.key, number)):
                continue
            if not found and not _under_its_own_name(nodes, evidence):
                message = f"{each.decision.title}: nothing in the manifests shows {part.name}"
                where = intent.locate(f"{each.pointer}.chosen")
                yield NOT_THERE.finding(message, where, subject=f"decision {each.key}")
            elif found:
                yield from _replaced(intent, evidence, each, part, nodes, found)


def _under_its_own_name(nodes: Iterable[Node], evidence: Evidence) -> bool:
    """Whether what stands outside is reached by the name that its service gives."""
    from solutio_topology.checks.decisions.uses import object_traces

    names = {host for node in nodes if not node.in_cluster for host in node.service.hosts}
    if not names:
        return False
    said = (trace for source in evidence.facts.objects for trace in object_traces(source))
    return any(trace.kind == "host" and trace.value in names for trace in said)


def _replaced(
    intent: Intent, evidence: Evidence, held: Held, part: Part, nodes: Iterable[Node], found: list[Found[Owner]]
) -> Iterator[Finding]:
    """Services in the cluster whose own objects show nothing of what they are instances of."""
    showing = {_owner(evidence, each) for each in found}
    written = {_identity(source.labels) for source in evidence.facts.objects}
    for node in nodes:
        ref = (node.ref.pod, node.ref.service)
        own = node.component.kind in {"workload", "objects"} and node.in_cluster
        if own and node.component_name in part.components and ref in written and ref not in showing:
            message = f"{held.decision.title}: no object of {node.ref.service} of {node.ref.pod} shows {part.name}"
            where = intent.locate(f"{held.pointer}.chosen")
            also = (Related(intent.locate(node.pointer), f"service {node.ref.service}"),)
            yield NOT_THERE.finding(
                message, where, subject=f"service {node.ref.service} of {node.ref.pod}", related=also
            )


def _owner(evidence: Evidence, found: Found[Owner]) -> tuple[str | None, str | None]:
    assert found.source is not None
    mapped = evidence.mapping.get(found.source.key)
    return mapped or _identity(found.source.labels)


def _identity(labels: dict[str, str]) -> tuple[str | None, str | None]:
    return labels.get(TENANT_POD), labels.get(SERVICE)


def _not_preloaded(
    intent: Intent, evidence: Evidence, held: Held, part: Part, found: list[Found[Owner]]
) -> Iterator[Finding]:
    """Namespaces in which something of a member is and its library is loaded nowhere."""
    for index, member in enumerate(part.members):
        mine = [each for each in found if each.owner.member == index and member.marks.preload and each.source]
        loaded = {each.source.key.namespace for each in mine if each.source and each.trace.kind == "preload"}
        first: dict[str, Found[Owner]] = {}
        for each in sorted(mine, key=lambda each: each.rank):
            assert each.source is not None
            if each.source.key.namespace not in loaded and each.trace.kind in {"image", "extension"}:
                first.setdefault(each.source.key.namespace, each)
        for namespace, each in first.items():
            lacking = f"nothing in {namespace} preloads {' and '.join(member.marks.preload)}"
            message = f"{held.decision.title}: {each.subject} is of {member.name}, and {lacking}"
            also = (Related(intent.locate(held.pointer), "decided here"),)
            yield NOT_THERE.finding(message, place(intent, evidence, each), subject=each.subject, related=also)


def place(intent: Intent, evidence: Evidence, found: Found[Owner]) -> Location:
    """Where something was found, in the manifests or in the topology."""
    if found.source is None:
        return place_in_topology(intent, found)
    return evidence.locate(found.source.place.at(*found.trace.pointer))


def back(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Rejected alternatives in the manifests, unless they are allowed there."""
    all_of_them = decided(intent)
    held = [each for each in all_of_them.in_manifests(evidence) if is_held(all_of_them, each)]
    yield from told(
        BACK,
        intent,
        all_of_them,
        (one for one in held if not one.services & all_of_them.alternative(one.owner).rejected.allowed.keys()),
        lambda one: place(intent, evidence, one),
    )


def version(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Versions that are not the one that was decided."""
    all_of_them = decided(intent)
    for each in (*all_of_them.in_topology(intent), *all_of_them.in_manifests(evidence)):
        held = all_of_them.by_key[each.owner.decision]
        if each.owner.alternative is not None or not held.in_force:
            continue
        member = all_of_them.member(each.owner)
        actual = _actual(member, each)
        if differs(member.version, actual):
            where = place(intent, evidence, each)
            yield _another(held, member, actual, where, f"{each.subject} is of", each.subject, intent)
    yield from _majors(intent)


def _actual(member: Member, found: Found[Owner]) -> str:
    """The version that a place tells, by the tag of an image or in the title of a service; empty for none."""
    if member.technology is None:
        return ""
    if found.trace.kind == TITLE:
        said = (each for each in mentions(found.trace.value) if technologies()[each.key] is member.technology)
        return next((each.version for each in said), "")
    return member.technology.version_in(found.trace.tag) if found.trace.kind == "image" else ""


def _another(
    held: Held, member: Member, actual: str, where: Location, says: str, subject: str, intent: Intent
) -> Finding:
    message = f"{held.decision.title}: {says} {member.name} {actual}, and {member.version} was decided"
    also = (Related(intent.locate(f"{held.pointer}.chosen"), "decided here"),)
    return VERSION.finding(message, where, subject=subject, related=also)


def differs(wanted: str, actual: str) -> bool:
    """Whether two versions differ as far as both go: 16.4 is of 16."""
    pairs = list(zip(wanted.split("."), actual.split("."), strict=False))
    return bool(wanted and actual) and any(a != b for a, b in pairs)


def _majors(intent: Intent) -> Iterator[Finding]:
    """The major versions that services of database components declare."""
    for held in decided(intent).in_force:
        for member in (member for part in held.parts for member in part.members if member.version):
            for key, service in intent.graph.topology.services.items():
                major = str(service.major) if service.major and service.component in member.components else ""
                if differs(member.version, major):
                    where = intent.locate(f"services.{key}.major")
                    yield _another(held, member, major, where, f"{key} is", f"service {key}", intent)


_BOUGHT: frozenset[Placement] = frozenset({"managed", "external", "edge"})


def elsewhere(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Choices that run where they were decided not to."""
    all_of_them = decided(intent)
    here, there = all_of_them.in_topology(intent), all_of_them.in_manifests(evidence)
    for held in all_of_them.in_force:
        if held.decision.placement is None:
            continue
        mine = [each for each in (*here, *there) if each.owner.alternative is None and each.owner.decision == held.key]
        for each in mine:
            if each.trace.kind in _wrong_signs(held.decision.placement):
                where = place(intent, evidence, each)
                yield _misplaced(intent, held, f"{each.subject} shows it elsewhere ({each.said})", where, each.subject)
        for number, part in enumerate(held.parts):
            yield from _misplaced_services(intent, held, realizing(intent, part, of_part(here, held.key, number)))


def _wrong_signs(placement: Placement) -> frozenset[str]:
    """What shows that something runs in the cluster, or is bought, although it should not."""
    return frozenset({"host"}) if placement == "cluster" else frozenset({"image", "chart"})


def _misplaced_services(intent: Intent, held: Held, nodes: Iterable[Node]) -> Iterator[Finding]:
    told_of: set[str] = set()
    for node in nodes:
        wanted, actual = held.decision.placement, node.placement
        same = wanted == actual or {wanted, actual} <= _BOUGHT
        if not same and node.component.kind != "client" and node.ref.service not in told_of:
            told_of.add(node.ref.service)
            says = f"the placement of {node.ref.service} is {actual}"
            yield _misplaced(intent, held, says, intent.locate(node.pointer), f"service {node.ref.service}")


def _misplaced(intent: Intent, held: Held, says: str, where: Location, subject: str) -> Finding:
    message = f"{held.decision.title}: {held.decision.chosen} was decided to be {held.decision.placement}, and {says}"
    also = (Related(intent.locate(f"{held.pointer}.placement"), "decided here"),)
    return ELSEWHERE.finding(message, where, subject=subject, related=also)


def no_effect(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Exceptions that nobody needs, and decisions that could not be broken."""
    all_of_them = decided(intent)
    found = [*all_of_them.in_topology(intent), *all_of_them.in_manifests(evidence)]
    shown = {(each.owner, service) for each in found for service in each.services}
    for held in all_of_them.in_force:
        for alternative in held.alternatives:
            for name in alternative.rejected.allowed:
                if (Owner(held.key, alternative.name), name) not in shown:
                    message = f"{held.decision.title}: {name} may use {alternative.name}, and nothing of it does"
                    where = intent.locate(f"{alternative.pointer}.allowed.{name}")
                    yield NO_EFFECT.finding(message, where, subject=f"decision {held.key}")
        if not held.parts and not any(each.marks for each in held.alternatives):
            message = f"{held.decision.title}: nothing gives away what was chosen or rejected, so nothing can break it"
            yield NO_EFFECT.finding(message, intent.locate(held.pointer), subject=f"decision {held.key}")


CHECKS: tuple[BothCheck, ...] = (
    BothCheck(NOT_THERE, not_there),
    BothCheck(BACK, back),
    BothCheck(VERSION, version),
    BothCheck(ELSEWHERE, elsewhere),
    BothCheck(NO_EFFECT, no_effect),
)
