"""Packets between two ends: what both directions of policy say, and which rule comes nearest where they do not pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.paths.model import Fact, Gathering
from solutio_topology.checks.places import Where
from solutio_topology.findings import Location
from solutio_topology.reach.model import Verdict as Passing
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Place, Service, Workload
    from solutio_topology.reach.model import Explanation, Node, Side
    from solutio_topology.reach.wiring import Problem
    from solutio_topology.spec.workload import Port


def port_set(ports: Iterable[Port]) -> PortSet:
    """The numbers behind declared ports."""
    return PortSet.union_of(PortSet.of(port.protocol, port.port, port.end_port) for port in ports)


def check_packets(
    evidence: Evidence, src: Node, dst: Node, ports: PortSet, into: Gathering, led: Fact | None = None
) -> None:
    """Whether every one of `ports` passes from `src` to `dst`; `led` is what sends the packets there."""
    for end in (src, dst):
        if isinstance(end, WorkloadNode):
            into.assume(evidence.workload(end).assumed)
            _runs(evidence, evidence.workload(end), into)
    if not ports:
        subject = next((end for end in (dst, src) if isinstance(end, WorkloadNode)), None)
        where = evidence.where(evidence.workload(subject).place) if subject else Where(None, known=Location(""))
        into.refute(f"no port leads from {src} to {dst}", where, "declare the port that the server listens on")
        return
    closed = ports - evidence.connections.ports(src, dst)
    if closed:
        protocol, number = _first(closed)
        _explain_closed(evidence, evidence.connections.explain(src, dst, protocol, number), into, led)
        return
    protocol, number = _first(ports)
    _say_open(evidence, evidence.connections.explain(src, dst, protocol, number), ports, into)


def _runs(evidence: Evidence, workload: Workload, into: Gathering) -> None:
    if workload.replicas == 0:
        where = evidence.where(workload.place.at("spec", "replicas"))
        into.refute(f"{workload.key} runs no pods: it has 0 replicas", where, "run at least one")


def what_it_has(evidence: Evidence, service: Service, node: WorkloadNode) -> Fact:
    """What pods have of the labels that a Service selects by."""
    workload = evidence.workload(node)
    own = [f"{key}={workload.labels[key]}" for key in sorted(service.selector or {}) if key in workload.labels]
    return Fact(f"{workload.key} has {', '.join(own) or 'none of these labels'}", evidence.where(workload.place))


def other_sides(
    evidence: Evidence, problem: Problem, service: Service | None, servers: Iterable[WorkloadNode]
) -> Iterator[Fact]:
    """The objects that the one at fault disagrees with, each once: `servers` are the pods that it should lead to."""
    if problem.kind == "selects-nothing" and service is not None:
        yield from (what_it_has(evidence, service, node) for node in list(servers)[:1])
    told = {problem.place.document}
    for place in problem.related:
        found = evidence.object_at(place)
        if found is not None and place.document not in told:
            told.add(place.document)
            yield Fact(f"the other side is {found.key}", evidence.where(place))


def _first(ports: PortSet) -> tuple[str, int]:
    for protocol in ("TCP", "UDP", "SCTP"):
        for interval in ports.intervals(protocol):
            return protocol, interval[0]
    raise ValueError("no ports")


def _say_open(evidence: Evidence, found: Explanation, ports: PortSet, into: Gathering) -> None:
    for assumption in found.assumptions:
        into.assume(assumption)
    for side in (found.egress, found.ingress):
        for grant in side.allowed_by[:1]:
            into.say(f"{grant.policy} lets {ports} {_way(side)}", evidence.where(grant.port or grant.rule))
        if not side.isolated_by and isinstance(_subject(found, side), WorkloadNode):
            into.say(
                f"no policy closes {side.direction} of {_subject(found, side)}",
                evidence.where(_place(evidence, found, side)),
            )


def _way(side: Side) -> str:
    return "out" if side.direction == "egress" else "in"


def _subject(found: Explanation, side: Side) -> Node:
    return found.src if side.direction == "egress" else found.dst


def _place(evidence: Evidence, found: Explanation, side: Side) -> Place:
    subject = _subject(found, side)
    assert isinstance(subject, WorkloadNode)
    return evidence.workload(subject).place


def _explain_closed(evidence: Evidence, found: Explanation, into: Gathering, led: Fact | None) -> None:
    packet = f"{found.protocol} {found.port} from {found.src} to {found.dst}"
    for side in (found.egress, found.ingress):
        if side.verdict is Passing.UNDECIDED:
            place = side.isolated_by[0].place if side.isolated_by else _place(evidence, found, side)
            reason = "; ".join(side.undecided) or "the manifests do not say"
            into.doubt(f"{packet}: {reason}", evidence.where(place), "say it in the manifests")
        if side.verdict is Passing.DENIED:
            _refute(evidence, found, side, packet, into, led)
            return


def _refute(evidence: Evidence, found: Explanation, side: Side, packet: str, into: Gathering, led: Fact | None) -> None:
    closing = (Fact(f"{each.policy} closes it", evidence.where(each.place)) for each in side.isolated_by[:3])
    related = (*((led,) if led else ()), *closing)
    for grant in side.denied_by[:1]:
        into.refute(
            f"{packet}: {grant.policy} denies it",
            evidence.where(grant.rule),
            "remove or narrow the deny rule",
            *related,
        )
        return
    if side.misses:
        miss = side.misses[0]
        into.refute(
            f"{packet} is closed: {miss.statement}",
            evidence.where(miss.place),
            "let the policy speak of this port and these pods",
            *related,
        )
        return
    place = side.isolated_by[0].place if side.isolated_by else _place(evidence, found, side)
    direction = side.direction
    into.refute(
        f"{packet} is closed: no policy lets {direction} through",
        evidence.where(place),
        f"add an {direction} rule for it",
        *related,
    )
