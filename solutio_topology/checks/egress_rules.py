"""``N004``: what workloads can open outside the cluster, to its nodes and to its API server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import CLUSTER_ENTITIES, Declared
from solutio_topology.checks.network_rules import first_of
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.reach.fqdn import covers
from solutio_topology.reach.model import EntityNode, RangeNode, WorkloadNode
from solutio_topology.reach.ports import NO_PORTS, PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent

UNDECLARED_EGRESS = Rule(
    code="N004",
    name="undeclared-egress",
    severity=Severity.ERROR,
    summary="Pods can reach addresses or names outside that no edge declares.",
    rationale="It is the way out for data, and for whatever an intruder loads.",
    example="egress to 0.0.0.0/0 on every port",
    remedy="close it, or declare the third party as an external service with an edge",
)


def _egress(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        workload = evidence.workload(node)
        if workload.host_network:
            continue
        open_ports = NO_PORTS
        for found in evidence.connections.external(node):
            assert isinstance(found.dst, RangeNode)
            surplus = found.ports - declared.outside(node, found.dst)
            if surplus - open_ports:
                open_ports |= surplus
                yield _open_outside(evidence, node, str(found.dst), surplus)
        yield from _open_entities(declared, node)
        names = declared.names(node)
        for access in evidence.connections.fqdn(node):
            allowed = PortSet.union_of(ports for name, ports in names.items() if covers(name, access.pattern))
            if access.live and (surplus := access.ports - allowed):
                yield UNDECLARED_EGRESS.finding(
                    f"{node} can open {surplus} of {access.pattern}, and no edge says so",
                    evidence.locate(access.places[0]),
                    subject=f"{node} -> {access.pattern}",
                )


def _open_entities(declared: Declared, node: WorkloadNode) -> Iterator[Finding]:
    """What is open to the API server and to nodes: by rules for their identities, not for addresses."""
    evidence = declared.evidence
    known = declared.component(evidence.owner(node)) is not None
    for found in evidence.connections.entities(node) if known else ():
        assert isinstance(found.dst, EntityNode)
        surplus = found.ports - declared.to_entities(node)
        if found.dst.name in CLUSTER_ENTITIES and surplus and _says_so(evidence, node, found.dst, surplus):
            yield UNDECLARED_EGRESS.finding(
                f"{node} can open {surplus} of {found.dst}, and no edge says so",
                evidence.locate(evidence.workload(node).place),
                subject=f"{node} -> {found.dst}",
            )


def _says_so(evidence: Evidence, node: WorkloadNode, entity: EntityNode, ports: PortSet) -> bool:
    """Whether a rule opens it: pods that no policy closes are told by N001."""
    return bool(evidence.connections.explain(node, entity, *first_of(ports)).egress.isolated_by)


def _open_outside(evidence: Evidence, node: WorkloadNode, range_: str, ports: PortSet) -> Finding:
    workload = evidence.workload(node)
    return UNDECLARED_EGRESS.finding(
        f"{node} can open {ports} of {range_}, and no edge says so",
        evidence.locate(workload.place),
        subject=f"{node} -> {range_}",
    )


CHECKS: tuple[Check, ...] = (BothCheck(UNDECLARED_EGRESS, _egress),)
