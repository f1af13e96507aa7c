"""Hops from outside: through the edge and the ingress, or past it, through a load balancer or a node's port."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from solutio_topology.catalog import cloudflare_ranges
from solutio_topology.checks.paths.clients import addresses, declared_names, variables
from solutio_topology.checks.paths.model import Fact, Gathering
from solutio_topology.checks.paths.traffic import check_packets, other_sides, port_set
from solutio_topology.manifests.facts import Assumption
from solutio_topology.reach.model import EntityNode, RangeNode
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link
    from solutio_topology.reach.wiring import Entry, HttpRoute

CLOUDFLARE = Assumption(
    "cloudflare",
    "Cloudflare answers for the proxied names, filters requests and calls the origin from its published addresses",
    "developers.cloudflare.com, proxied DNS records; cloudflare.com/ips",
)
FIREWALL = Assumption(
    "node-firewall",
    "the provider's firewall lets these ports in to the nodes",
    "outside.md of the environment",
)
LOAD_BALANCER = Assumption(
    "load-balancer",
    "the provider makes a load balancer for the Service, with the declared source ranges",
    "Kubernetes documentation, Service type LoadBalancer; the cloud controller manager of the provider",
)
NOT_OURS = Assumption(
    "not-in-the-cluster",
    "neither end runs in the cluster: the manifests have no part in it",
    "outside.md of the environment",
)
PROXIED = "/cloudflare-proxied"


def prove_between_others(link: Link) -> Gathering:
    """A hop with both ends outside of the cluster."""
    del link
    into = Gathering()
    into.assume(NOT_OURS)
    return into


def prove_from_edge(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop from Cloudflare (or its CDN) to the ingress: only the edge comes in, and names lead to it."""
    into = Gathering()
    ranges = [ipaddress.ip_network(text) for text in cloudflare_ranges()]
    entries = _public_entries(intent, evidence, link, into)
    for entry in entries:
        _only_from(evidence, entry, ranges, into)
        _lets_requests_in(evidence, entry, into)
    if entries and intent.graph.node(link.client).component_name == "cloudflare":
        _proxied_names(intent, evidence, link, into)
    into.assume(CLOUDFLARE)
    return into


def _lets_requests_in(evidence: Evidence, entry: Entry, into: Gathering) -> None:
    """The controller's pods accept what the load balancer sends: from outside, or from the node that forwards it."""
    for target in entry.targets:
        ports = PortSet.of(target.protocol, target.port)
        if not evidence.connections.ports(EntityNode("remote-node"), target.workload).covers(ports):
            ranges = [text for text in entry.source_ranges if _network(text) is not None]
            source = RangeNode.of_cidr(ranges[0] if ranges else "0.0.0.0/0")
            check_packets(evidence, source, target.workload, ports, into)


def _public_entries(intent: Intent, evidence: Evidence, link: Link, into: Gathering) -> list[Entry]:
    """The entries of the ingress controller for the edge's ports."""
    pods = set(evidence.pods_of(link.server))
    numbers = {port.port for port in link.ports.values()}
    found = [
        entry
        for entry in evidence.entries
        if entry.kind in {"LoadBalancer", "Gateway"}
        and not entry.internal
        and entry.port in numbers
        and (entry.kind == "Gateway" or any(target.workload in pods for target in entry.targets))
    ]
    if not found:
        into.refute(
            f"{link.server.service} has no entry from outside on {port_set(link.ports.values())}",
            intent.where(link.pointer),
            "give the controller a Service of type LoadBalancer (or a Gateway)",
        )
    return found


def _only_from(
    evidence: Evidence, entry: Entry, ranges: list[ipaddress.IPv4Network | ipaddress.IPv6Network], into: Gathering
) -> None:
    where = evidence.where(entry.place)
    if not entry.source_ranges:
        into.refute(
            f"{entry.name} lets everyone in on port {entry.port}: requests can pass by the edge and its WAF",
            where,
            "set loadBalancerSourceRanges to the edge's address ranges",
        )
        return
    for text in entry.source_ranges:
        network = _network(text)
        if network is None or not any(_is_within(network, known) for known in ranges):
            into.refute(
                f"{entry.name} lets {text} in on port {entry.port}, which is not the edge's",
                where,
                "remove the range, or bring the list of the edge's ranges up to date",
            )
            return
    known = [network for text in entry.source_ranges if (network := _network(text)) is not None]
    versions = {network.version for network in known}
    for own in ranges:
        if own.version in versions and not any(_is_within(own, network) for network in known):
            into.refute(
                f"{entry.name} does not let {own} in on port {entry.port}: requests from there never arrive",
                where,
                "add the range, or bring the list of the edge's ranges up to date",
            )
            return
    if entry.service is not None:
        into.assume(entry.service.assumed)
    into.say(f"{entry.name} lets only the edge's {len(entry.source_ranges)} ranges in on port {entry.port}", where)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The range that a text names; None for one that names none."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _is_within(
    inner: ipaddress.IPv4Network | ipaddress.IPv6Network, outer: ipaddress.IPv4Network | ipaddress.IPv6Network
) -> bool:
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    return (
        isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network) and inner.subnet_of(outer)
    )


def _proxied_names(intent: Intent, evidence: Evidence, link: Link, into: Gathering) -> None:
    """Every public name that this ingress serves goes through Cloudflare's proxy."""
    annotations = {each.key: each.annotations for each in evidence.facts.ingresses}
    annotations |= {each.key: each.annotations for each in evidence.facts.routes}
    declared = {each.host for each in intent.graph.links if each.client == link.server and each.host}
    for route in evidence.routes:
        if route.host not in declared:
            continue
        where = evidence.where(route.place)
        own: dict[str, str] = annotations.get(route.source, {})
        if not any(key.endswith(PROXIED) and value == "true" for key, value in own.items()):
            into.refute(
                f"{route.source} does not ask for a proxied DNS record for {route.host}: requests pass by Cloudflare",
                where,
                'set the annotation external-dns.alpha.kubernetes.io/cloudflare-proxied: "true"',
            )
            return
        into.say(f"{route.source} asks for a proxied record for {route.host}", where)


def prove_from_ingress(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop from the ingress controller: host, TLS, class, backend, Service, pods, and both policy directions."""
    into = Gathering()
    host, path = link.host or link.public, link.edge.path
    meant = [route for route in evidence.routes if route.host == host and route.path == path]
    found = [route for route in meant if not route.copies]
    if not found:
        into.refute(
            f"no Ingress or route serves {link.host}{link.edge.path if link.edge.path != '/' else ''}",
            intent.where(link.pointer),
            "render it, or correct the host of the edge",
            *_other_doors(evidence, link),
        )
    for route in found:
        _check_route(evidence, link, route, into)
    for route in meant:
        if route.copies and route.served:
            said = f"{route.source} sends copies of the requests for {host} to {route.backend}, which no edge declares"
            into.refute(said, evidence.where(route.place), "remove the mirror, or declare what it is for")
    return into


def _other_doors(evidence: Evidence, link: Link) -> Iterator[Fact]:
    """The hosts and paths that do lead to the server's pods."""
    servers = set(evidence.pods_of(link.server))
    for route in evidence.routes:
        if any(target.workload in servers for target in route.targets):
            yield Fact(
                f"{route.source} serves {route.host}{route.path} with {link.server.service}",
                evidence.where(route.place),
            )


def _certificates(evidence: Evidence, route: HttpRoute) -> Iterator[Fact]:
    """What an Ingress has certificates for."""
    for ingress in evidence.facts.ingresses:
        if ingress.key == route.source:
            for block in ingress.tls:
                yield Fact(f"its tls block is for {', '.join(block.hosts) or 'no host'}", evidence.where(block.place))


def _check_route(evidence: Evidence, link: Link, route: HttpRoute, into: Gathering) -> None:
    where = evidence.where(route.place)
    fatal = next((problem for problem in route.problems if problem.fatal), None)
    if fatal is not None:
        sides = other_sides(evidence, fatal, route.service, evidence.pods_of(link.server))
        into.refute(f"{route.source}: {fatal.statement}", evidence.where(fatal.place), "make the two agree", *sides)
        return
    if not route.tls_secret:
        said, blocks = f"{route.source} serves {route.host} without TLS", _certificates(evidence, route)
        into.refute(said, where, "give it a tls block for this host", *blocks)
        return
    if route.path_type == "Exact" and route.protocol == "HTTP":
        said = f"{route.source} serves only the path {route.path} itself of {route.host}, and nothing below it"
        into.refute(said, where, "match the path as a prefix")
        return
    if not _is_controller(evidence, link, route):
        known = route.controller
        by = known.name or f"nobody known ({known.reason})"
        place = [Fact(f"the class belongs to {known.name}", evidence.where(known.place))] if known.place else []
        said = f"{route.source} is served by {by}, not by {link.client.service}"
        into.refute(said, where, "correct its class", *place)
        return
    into.say(f"{route.source} serves https://{route.host}{route.path} with {_secret(route)}", where)
    into.assume(route.controller.assumed)
    servers = set(evidence.pods_of(link.server))
    wanted = port_set(link.ports.values())
    for target in route.targets:
        ports = PortSet.of(target.protocol, target.port)
        if target.workload not in servers or not wanted.covers(ports):
            into.refute(
                f"{route.source} sends {route.host} to {target.workload} port {target.port}, not to "
                f"{link.server.service} port {wanted}",
                where,
                "correct the backend, or the Service's selector and targetPort",
            )
            return
        if route.service is not None:
            service_place = evidence.where(route.service.place)
            into.say(f"{route.service.key} maps {route.service_port} to port {target.port} of its pods", service_place)
        for controller in route.controller.nodes:
            check_packets(evidence, controller, target.workload, ports, into)
    if not route.targets:
        into.refute(f"{route.source}: no pods stand behind {route.backend}", where, "correct the Service's selector")


def _is_controller(evidence: Evidence, link: Link, route: HttpRoute) -> bool:
    """Whether the pods (or the identity) that serve the route are the declared ingress's."""
    if route.controller.entity is not None:
        return True
    return bool(set(route.controller.workloads) & set(evidence.pods_of(link.client)))


def _secret(route: HttpRoute) -> str:
    return f"the certificate {route.tls_secret}"


def prove_from_browser(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop that the visitor's browser makes: a public name that leads to the server, and the node's media ports."""
    into = Gathering()
    served = {name: port for name, port in link.ports.items() if not port.on_node}
    if served:
        _public_name(intent, evidence, link, into)
    _page_knows(evidence, link, into)
    _node_ports(intent, evidence, link, into)
    return into


def _public_name(intent: Intent, evidence: Evidence, link: Link, into: Gathering) -> None:
    """The server's public host is a declared edge from an ingress: that edge's evidence is this one's."""
    doors = [
        each for each in intent.graph.links if each.server == link.server and each.host and each.host == link.public
    ]
    if not doors:
        into.refute(
            f"no edge carries requests from outside to {link.server.service}: a browser cannot reach it",
            intent.where(link.pointer),
            f"declare an edge from the ingress to {link.server.service} with a host",
        )
        return
    inner = prove_from_ingress(intent, evidence, doors[0])
    for fact in inner.facts:
        into.say(fact.statement, fact.where)
    for assumption in inner.assumptions.values():
        into.assume(assumption)
    into.cause = into.cause or inner.cause
    into.undecided = into.undecided or inner.undecided


def _page_knows(evidence: Evidence, link: Link, into: Gathering) -> None:
    """The page gets the public address at run time: from a variable of the pods that serve it."""
    if not declared_names(link) or not link.public:
        return
    for node in evidence.pods_of(link.drawn[0]):
        workload = evidence.workload(node)
        known = variables(workload, evidence.configs)
        bound = [known[name] for name in declared_names(link) if name in known]
        named = [address for address in addresses(bound) if address.host == link.public]
        if not named:
            place = bound[0].place if bound else workload.pod_place
            names = " and ".join(declared_names(link))
            into.refute(
                f"{names} of {workload.key} does not name {link.public}",
                evidence.where(place),
                "give the page the server's public address",
            )
            return
        into.say(
            f"{workload.key}: {named[0].variable.name} names {link.public}", evidence.where(named[0].variable.place)
        )


def prove_to_node(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop from outside straight to the node's own ports."""
    into = Gathering()
    _node_ports(intent, evidence, link, into, always=True)
    return into


def _node_ports(intent: Intent, evidence: Evidence, link: Link, into: Gathering, *, always: bool = False) -> None:
    wanted = {name: port for name, port in link.ports.items() if always or port.on_node}
    if not wanted:
        return
    pods = evidence.pods_of(link.server)
    if not pods:
        into.refute(
            f"no pods of {link.server.service} in tenant pod {link.server.pod}",
            intent.where(link.pointer),
            "render it",
        )
    for node in pods:
        workload = evidence.workload(node)
        opened = {port.host_port for container in workload.containers for port in container.ports if port.host_port}
        missing = [name for name, port in wanted.items() if not workload.host_network and port.port not in opened]
        if missing:
            into.refute(
                f"{workload.key} does not open {missing[0]} on the node: it has neither hostNetwork nor a hostPort",
                evidence.where(workload.pod_place),
                "set hostNetwork, or a hostPort",
            )
            return
        into.say(f"{workload.key} has {port_set(wanted.values())} on its node", evidence.where(workload.pod_place))
    into.assume(FIREWALL)


def prove_from_clients(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop from devices or third parties through a load balancer of the service's own."""
    into = Gathering()
    numbers = {port.port for port in link.ports.values()}
    behind = evidence.entries_of(*evidence.pods_of(link.server))
    found = [entry for entry in behind if entry.kind == "LoadBalancer" and entry.port in numbers]
    if {entry.port for entry in found} < numbers:
        into.refute(
            f"no load balancer leads {port_set(link.ports.values())} to {link.server.service} of {link.server.pod}",
            intent.where(link.pointer),
            "give it a Service of type LoadBalancer",
        )
    ranges = list(intent.graph.node(link.client).service.ranges) or ["0.0.0.0/0"]
    for entry in found:
        _lets_in(evidence, entry, ranges, link.client.service, into)
        for target in entry.targets:
            for text in ranges:
                ports = PortSet.of(target.protocol, target.port)
                check_packets(evidence, RangeNode.of_cidr(text), target.workload, ports, into)
    into.assume(LOAD_BALANCER)
    return into


def _lets_in(evidence: Evidence, entry: Entry, ranges: list[str], client: str, into: Gathering) -> None:
    where = evidence.where(entry.place)
    known = [network for text in entry.source_ranges if (network := _network(text)) is not None]
    for text in ranges:
        if entry.source_ranges and not any(
            _is_within(ipaddress.ip_network(text, strict=False), each) for each in known
        ):
            into.refute(f"{entry.name} does not let {text} of {client} in", where, "add it to loadBalancerSourceRanges")
            return
    into.say(f"{entry.name} lets {client} in on port {entry.port}", where)
