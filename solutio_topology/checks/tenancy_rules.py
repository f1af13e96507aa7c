"""``T``: tenant pods that share too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.inputs import Intent
from solutio_topology.findings import Finding, Related, Rule, Severity
from solutio_topology.graph.expand import is_router

if TYPE_CHECKING:
    from solutio_topology.graph.model import PodGraph
    from solutio_topology.spec.edge import Edge

CROSSING = Rule(
    code="T001",
    name="shared-service-crosses-in",
    severity=Severity.ERROR,
    summary="A shared service with an edge into a dedicated one.",
    rationale="A process that serves everyone would hold one customer's credentials: the isolation is gone.",
    example="a tier dedicates api and pg, and the shared listener connects to pg",
    remedy="dedicate the client as well, or let it go through a service that routes per customer",
)
SHARED_DATA = Rule(
    code="T002",
    name="shared-data",
    severity=Severity.ERROR,
    summary="A dedicated service that keeps data in a store that tenants share.",
    rationale="Sessions, jobs or vectors of one customer lie beside those of others.",
    example="a dedicated api on the shared redis",
    remedy="dedicate the store, or list it in `shares` and acknowledge it with a reason",
)
DEDICATES_NOTHING = Rule(
    code="T003",
    name="tier-dedicates-nothing",
    severity=Severity.ERROR,
    summary="A dedicated tier without dedicated services.",
    rationale="The customer pays for isolation and gets none.",
    example="enterprise: {tenancy: dedicated}",
    remedy="name services in `dedicates`",
)
CLAIMED_TWICE = Rule(
    code="T004",
    name="claimed-twice",
    severity=Severity.ERROR,
    summary="Two tenant pods claim one organization or one host.",
    rationale="Requests and data of that organization would go to whichever was applied last.",
    example="org-a in the pods default and org-e",
    remedy="leave it to one of them",
)
UNSAID = Rule(
    code="T005",
    name="neither-dedicated-nor-shared",
    severity=Severity.ERROR,
    summary="A service that a tier neither dedicates nor says that it shares.",
    rationale="Whether a customer's data may pass through it was decided by nobody.",
    example="a new service, with `shares` given and not naming it",
    remedy="add it to `dedicates` or to `shares`",
)


def crossings(intent: Intent) -> Iterator[Finding]:
    """Edges of shared workloads into what a tier dedicates; explained, with the two ways out."""
    for pod in _dedicated(intent):
        for key, edge in intent.graph.topology.edges.items():
            source = intent.graph.pods[0].nodes.get(edge.source)
            if source is None or edge.to not in pod.nodes or edge.source in pod.nodes or edge.realized_by:
                continue
            if is_router(source) or edge.via == "browser":
                continue
            where = intent.locate(f"tiers.{pod.tier_name}.dedicates")
            message = _crossing(intent, pod, key, edge)
            related = (Related(intent.locate(f"edges.{key}"), f"edge {key}"),)
            remedy = _ways_out(intent, pod, key, edge)
            yield CROSSING.finding(message, where, subject=f"edge {key} of {pod.pod}", remedy=remedy, related=related)


def _crossing(intent: Intent, pod: PodGraph, key: str, edge: Edge) -> str:
    """What is wrong, and what happens as it stands: the shared client stays with the shared server."""
    client, server, shared = edge.source, edge.to, intent.graph.pods[0].pod
    return (
        f"tier {pod.tier_name} dedicates {server} but not {client}, and edge {key} leads from {client} to {server}: "
        f"one {client} serves every customer, so to use {pod.pod}'s {server} it would have to hold that customer's "
        f"credentials and reach into its tenant pod. No such connection is rendered: as it stands, what {client} "
        f"handles for {pod.pod} goes to {server} of {shared}, beside everyone else's"
    )


def _ways_out(intent: Intent, pod: PodGraph, key: str, edge: Edge) -> str:
    own = ", ".join([*pod.tier.dedicates, edge.source])
    shared = intent.graph.pods[0].nodes.values()
    routers = [node.ref.service for node in shared if node.component.browser_facing and node.in_cluster]
    through = f"through {routers[0]}" if routers else "through an ingress"
    return (
        f"either give each customer a {edge.source}: tiers.{pod.tier_name}.dedicates: [{own}]; or keep {edge.source} "
        f"shared, remove edge {key}, and let {edge.source} call a service of the tenant pod by its public host, "
        f"{through}, which routes each host to one tenant pod"
    )


def _dedicated(intent: Intent) -> Iterator[PodGraph]:
    return (pod for pod in intent.graph.pods if pod.dedicated)


def shared_data(intent: Intent) -> Iterator[Finding]:
    """Stores outside of the tenant pod that its own services write to."""
    for pod in _dedicated(intent):
        for link in pod.links:
            server = intent.graph.node(link.server)
            if link.client.pod == pod.pod and link.server.pod != pod.pod and server.component.stateful and link.direct:
                where = intent.locate(f"tiers.{pod.tier_name}")
                message = f"{link.client.service} of {pod.pod} keeps data in {link.server.service}, which tenants share"
                related = (Related(intent.locate(link.pointer), f"edge {link.key}"),)
                subject = f"service {link.server.service} of {pod.pod}"
                yield SHARED_DATA.finding(message, where, subject=subject, related=related)


def empty_tiers(intent: Intent) -> Iterator[Finding]:
    """Dedicated tiers that dedicate nothing."""
    for name, tier in intent.graph.topology.tiers.items():
        if tier.tenancy == "dedicated" and not tier.dedicates:
            where = intent.locate(f"tiers.{name}")
            yield DEDICATES_NOTHING.finding(f"tier {name} dedicates nothing", where, subject=f"tier {name}")


def claimed_twice(intent: Intent) -> Iterator[Finding]:
    """Organizations and hosts with two owners."""
    owners: dict[str, str] = {}
    for pod in intent.graph.pods:
        for org in pod.tenant.orgs:
            if owners.setdefault(org, pod.pod) != pod.pod:
                where = intent.locate(f"pods.{pod.pod}.orgs")
                message = f"organization {org} is claimed by {owners[org]} and by {pod.pod}"
                yield CLAIMED_TWICE.finding(message, where, subject=f"organization {org}")
    hosts: dict[tuple[str, str], str] = {}
    for link in intent.graph.links:
        if link.host:
            place = (link.host, link.edge.path)
            if hosts.setdefault(place, str(link.server)) != str(link.server):
                where = intent.locate(f"{link.pointer}.host")
                message = f"{link.host} leads to {hosts[place]} and to {link.server}"
                yield CLAIMED_TWICE.finding(message, where, subject=f"host {link.host}")


def unsaid(intent: Intent) -> Iterator[Finding]:
    """Services that a tier with an explicit list forgot."""
    for name, tier in intent.graph.topology.tiers.items():
        if tier.shares is None:
            continue
        for key in intent.graph.topology.services:
            if key not in tier.shares and key not in tier.dedicates:
                where = intent.locate(f"tiers.{name}.shares")
                yield UNSAID.finding(
                    f"tier {name} does not speak of {key}", where, subject=f"service {key} of tier {name}"
                )


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(CROSSING, crossings),
    GraphCheck(SHARED_DATA, shared_data),
    GraphCheck(DEDICATES_NOTHING, empty_tiers),
    GraphCheck(CLAIMED_TWICE, claimed_twice),
    GraphCheck(UNSAID, unsaid),
)
