"""``G``: rings that hold nothing back, and versions that went past them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.inputs import Intent
from solutio_topology.findings import Finding, Location, Related, Rule, Severity
from solutio_topology.graph.rings import ring_of, ring_services, rings

if TYPE_CHECKING:
    from solutio_topology.graph.model import Link
    from solutio_topology.spec.service import ServiceOverride
    from solutio_topology.spec.workload import Image, ImageSettings

EMPTY_RING = Rule(
    code="G018",
    name="ring-without-pods",
    severity=Severity.WARNING,
    summary="A ring in which no tenant pod is.",
    rationale="Who reads the rings believes that somebody tries each release first, and nobody does.",
    example="rings: [canary, all] and no tenant pod with ring: canary",
    remedy="put a tenant pod into it (`ring:`), or remove the ring",
)
SHARED_FIRST = Rule(
    code="G019",
    name="shared-pod-in-first-ring",
    severity=Severity.WARNING,
    summary="The shared tenant pod is in the first of several rings.",
    rationale="All customers of the shared tier get each release before anybody has tried it.",
    example="rings: [canary, all] and pods: {default: {tier: default, ring: canary}}",
    remedy="put it into a later ring, and one dedicated tenant pod into the first",
)
NEEDED_BEFORE = Rule(
    code="G020",
    name="needed-before-its-ring",
    severity=Severity.WARNING,
    summary="A service that a tenant pod of an earlier ring must wait for.",
    rationale="What an earlier ring needs cannot wait for that ring: its changes go out without having been tried.",
    example="the dedicated api in ring canary keeps its sessions in the shared redis, which is in ring all",
    remedy="dedicate the service, put both into one ring, or set `order: false` on the edge if the client can wait",
)
PINNED = Rule(
    code="G021",
    name="leftover-version",
    severity=Severity.INFO,
    summary="An override that names the version that would run anyway.",
    rationale="The next change of the version does not reach it: it keeps the old one, and nobody said so.",
    example="rings: {canary: {services: {api: {image: {tag: 2026.11.2}}}}} when api is 2026.11.2 for all",
    remedy="remove it: solutio set --unset services.api.image.tag --ring canary",
)
OVERTAKEN = Rule(
    code="G022",
    name="ring-overtaken",
    severity=Severity.WARNING,
    summary="A ring that runs an older version than a ring after it.",
    rationale="A release that skips the first ring was tried by nobody when it reaches the others.",
    example="api is 2026.11.1 in ring canary and 2026.11.2 in ring all",
    remedy="give the earlier ring the newer version, too",
)
_NUMBERS = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(.*)")


def empty_rings(intent: Intent) -> Iterator[Finding]:
    """Rings of nobody, in any environment."""
    topology = intent.graph.topology
    used = {ring_of(topology, tenant) for tenant in topology.pods.values()}
    for ring in rings(topology):
        if ring not in used:
            yield EMPTY_RING.finding(f"no tenant pod is in ring {ring}", _place(intent, ring), subject=f"ring {ring}")


def _place(intent: Intent, ring: str | None) -> Location:
    named = isinstance(intent.graph.topology.rings, dict)
    return intent.locate(f"rings.{ring}" if named else "rings")


def shared_first(intent: Intent) -> Iterator[Finding]:
    """The tenant pod of everyone as the one that tries."""
    known = rings(intent.graph.topology)
    shared = intent.graph.pods[0]
    if len(known) > 1 and shared.ring == known[0] and not shared.dedicated:
        message = f"{shared.pod} serves everyone of tier {shared.tier_name}, and gets each release first"
        where = intent.locate(f"{shared.pointer}.ring")
        yield SHARED_FIRST.finding(message, where, subject=f"tenant pod {shared.pod}")


def needed_before(intent: Intent) -> Iterator[Finding]:
    """Services that cannot be held back, once each."""
    known = rings(intent.graph.topology)
    ranks = {pod.pod: known.index(pod.ring) for pod in intent.graph.pods if pod.ring is not None}
    told: set[str] = set()
    for link in intent.graph.links if known else ():
        client, server = link.client.pod, link.server.pod
        if ranks[client] < ranks[server] and _must_wait(intent, link) and str(link.server) not in told:
            told.add(str(link.server))
            message = (
                f"{link.server.service} of {server} is in ring {known[ranks[server]]}, and {link.client.service} of "
                f"{client}, in ring {known[ranks[client]]}, waits for it"
            )
            related = (Related(intent.locate(f"pods.{client}"), f"tenant pod {client}"),)
            subject = f"service {link.server.service} of {server}"
            yield NEEDED_BEFORE.finding(message, intent.locate(link.pointer), subject=subject, related=related)


def _must_wait(intent: Intent, link: Link) -> bool:
    """Whether the client starts only when the server is up."""
    client, server = intent.graph.node(link.client), intent.graph.node(link.server)
    waits = server.component.stateful if link.edge.order is None else link.edge.order
    rendered = {"workload", "objects"}
    return waits and link.direct and server.in_cluster and {client.component.kind, server.component.kind} <= rendered


def pinned(intent: Intent) -> Iterator[Finding]:
    """Versions that are named where they need not be. Environments may differ: those with a version of their own."""
    topology = intent.graph.topology
    own = {key for environment in topology.environments.values() for key in _versions(environment.services)}
    declared = {key: _tag(service.image) for key, service in topology.services.items()}
    for ring in rings(topology):
        for key, tag in _versions(ring_services(topology, ring)).items():
            if tag == declared[key] and key not in own:
                yield _pinned(intent, f"rings.{ring}", f"ring {ring}", key, tag)
    for pod, tenant in topology.pods.items():
        before = declared | _versions(ring_services(topology, ring_of(topology, tenant)))
        for key, tag in _versions(tenant.services).items():
            if tag == before[key] and key not in own:
                yield _pinned(intent, f"pods.{pod}", f"tenant pod {pod}", key, tag)


def _versions(overrides: Mapping[str, ServiceOverride]) -> dict[str, str]:
    return {key: tag for key, override in overrides.items() if (tag := _tag(override.image))}


def _tag(image: Image | ImageSettings | None) -> str:
    return (image.tag if image else None) or ""


def _pinned(intent: Intent, owner: str, title: str, key: str, tag: str) -> Finding:
    where = intent.locate(f"{owner}.services.{key}.image.tag")
    option = f"--{owner.partition('s.')[0]} {owner.partition('.')[2]}"
    remedy = f"remove it: solutio set --unset services.{key}.image.tag {option}"
    message = f"{title} names {key} {tag}, which it would run anyway"
    return PINNED.finding(message, where, subject=f"service {key} of {title}", remedy=remedy)


def overtaken(intent: Intent) -> Iterator[Finding]:
    """Rings behind those that come after them, by the newest version of each service in each."""
    known = rings(intent.graph.topology)
    newest: dict[str, dict[str, str]] = {}
    for pod in intent.graph.pods if len(known) > 1 else ():
        for key, node in pod.nodes.items():
            tag = _tag(node.service.image)
            mine = newest.setdefault(key, {})
            if pod.ring is not None and tag and (pod.ring not in mine or is_older(mine[pod.ring], tag)):
                mine[pod.ring] = tag
    for key, tags in newest.items():
        order = [ring for ring in known if ring in tags]
        for earlier, later in pairwise(order):
            if is_older(tags[earlier], tags[later]):
                message = f"ring {earlier} runs {key} {tags[earlier]}, and ring {later} already {tags[later]}"
                subject = f"service {key} of ring {earlier}"
                yield OVERTAKEN.finding(message, _place(intent, earlier), subject=subject)


def is_older(tag: str, other: str) -> bool:
    """Whether a version comes before another; no, where they are not counted in one way."""
    one, two = _NUMBERS.fullmatch(tag), _NUMBERS.fullmatch(other)
    if one is None or two is None or one[2] != two[2]:
        return False
    return [int(part) for part in one[1].split(".")] < [int(part) for part in two[1].split(".")]


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(EMPTY_RING, empty_rings),
    GraphCheck(SHARED_FIRST, shared_first),
    GraphCheck(NEEDED_BEFORE, needed_before),
    GraphCheck(PINNED, pinned),
    GraphCheck(OVERTAKEN, overtaken),
)
