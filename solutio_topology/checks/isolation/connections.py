"""Who can open connections between tenant pods, as the policies are: whatever the edges say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.network_rules import first_of
from solutio_topology.graph.expand import is_router
from solutio_topology.reach.model import Connection, WorkloadNode

if TYPE_CHECKING:
    from solutio_topology.checks.paths.model import Fact
    from solutio_topology.manifests.facts import Place

Ends = tuple[str, WorkloadNode, str, WorkloadNode]
"""Owner and workload of the source, owner and workload of the destination."""


Meeting = tuple[Connection, Ends]


def meetings(tenants: Tenants) -> dict[str, list[Meeting]]:
    """The connections of each dedicated tenant pod with other owners' pods: open, or perhaps open."""
    return tenants.once("meetings", lambda: _meetings(tenants))


def _meetings(tenants: Tenants) -> dict[str, list[Meeting]]:
    found: dict[str, list[Meeting]] = {}
    owners = [tenants.of_workload(each) for each in tenants.evidence.facts.workloads]
    for pair in tenants.evidence.connections.pairs():
        assert isinstance(pair.src, WorkloadNode)
        assert isinstance(pair.dst, WorkloadNode)
        one, other = owners[pair.src.index], owners[pair.dst.index]
        for pod in sorted({one, other} & tenants.dedicated.keys()) if one != other else ():
            found.setdefault(pod, []).append((pair, (one, pair.src, other, pair.dst)))
    return found


def crossings(tenants: Tenants) -> Iterator[Breach]:
    """Connections between two tenant pods, other than to what the dedicated one's tier shares."""
    for pod, found in meetings(tenants).items():
        for pair, ends in found:
            one, src, other, dst = ends
            if pair.ports and tenants.apart((one, other)) and not is_declared(tenants, pod, ends):
                place, related = _grants(tenants, pair, src, dst)
                message = f"{src} of {one} can open {pair.ports} of {dst} of {other}"
                where, remedy = tenants.evidence.where(place), _remedy(tenants, ends)
                yield Breach(pod, message, where, f"{src} -> {dst}", related, remedy)


def is_declared(tenants: Tenants, pod: str, ends: Ends) -> bool:
    """Whether a connection of a dedicated tenant pod is one with a service of the shared one that its tier shares.

    What comes in from there must be a router: the ingress, which serves each tenant pod by its host.
    """
    one, src, other, dst = ends
    shared, incoming = (src, True) if other == pod else (dst, False)
    if (one if incoming else other) != tenants.host or tenants.host in tenants.dedicated:
        return False
    owner = tenants.evidence.owner(shared)
    if owner is None or not tenants.shares(pod, owner[1]):
        return False
    node = tenants.node(*owner)
    return not incoming or (node is not None and is_router(node))


def _grants(tenants: Tenants, pair: Connection, src: WorkloadNode, dst: WorkloadNode) -> tuple[Place, tuple[Fact, ...]]:
    """The rule that lets the connection in, or where nothing closes it the destination; then what lets it out."""
    protocol, number = first_of(pair.ports)
    found = tenants.evidence.connections.explain(src, dst, protocol, number)
    grants = [grant for side in (found.ingress, found.egress) for grant in side.allowed_by[:1]]
    place = grants[0].rule if grants else tenants.evidence.workload(dst).place
    return place, tuple(tenants.fact(grant.statement, grant.rule) for grant in grants[1:])


def _remedy(tenants: Tenants, ends: Ends) -> str:
    _, src, _, dst = ends
    if tenants.evidence.workload(src).host_network or tenants.evidence.workload(dst).host_network:
        return (
            "pods on the node's network have the node's identity, which no policy tells apart: let them do without "
            "hostNetwork, or share the service and say so in `shares`"
        )
    return ""
