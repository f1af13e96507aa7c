"""Hops that a pod opens: to other pods through a Service, or to a third party by name or address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.checks.paths.clients import (
    Address,
    address_names,
    addresses,
    credential_keys,
    declared_names,
    main_container,
    variables,
)
from solutio_topology.checks.paths.model import Fact, Gathering
from solutio_topology.checks.paths.traffic import check_packets, other_sides, port_set, what_it_has
from solutio_topology.checks.walk import used_names
from solutio_topology.identity import HOOK
from solutio_topology.reach.model import RangeNode, WorkloadNode
from solutio_topology.reach.ports import PortSet
from solutio_topology.reach.routing import resolve_host, service_targets

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link, Node
    from solutio_topology.graph.ref import Ref
    from solutio_topology.manifests.facts import EnvVar, Service, Workload
    from solutio_topology.reach.wiring import Resolution, Target


def prove_from_pods(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """A hop whose client is pods of the cluster."""
    into = Gathering()
    server = intent.graph.node(link.server)
    clients = [
        node
        for node in evidence.pods_of(link.client)
        if (evidence.process(node) in link.processes if link.processes else evidence.process(node) != HOOK)
    ]
    if not clients:
        _no_pods(intent, evidence, link.client, link, into)
        return into
    # A process that is switched off opens nothing; where all are, that is what breaks the hop.
    for client in [node for node in clients if evidence.workload(node).replicas] or clients:
        if server.in_cluster:
            _to_pods(intent, evidence, link, client, into)
        else:
            _to_outside(evidence, link, client, server, into)
    return into


def _no_pods(intent: Intent, evidence: Evidence, ref: Ref, link: Link, into: Gathering) -> None:
    unread = [Fact(f"not read: {each.message}", evidence.where(each.place)) for each in evidence.facts.unreadable[:2]]
    missing = f"no pods of {ref.service} in tenant pod {ref.pod}"
    for index, each in enumerate(intent.graph.topology.mapping):
        if (each.service, each.pod) == (ref.service, ref.pod):
            said = f"{missing}: mapping names {each.kind} {each.namespace}/{each.name}, which is not in the manifests"
            fix = "correct the mapping, or add the workload"
            into.refute(said, intent.where(f"mapping.{index}.name"), fix, *unread)
    into.refute(
        f"{missing}: no workload carries its labels",
        intent.where(link.pointer),
        "render it, label it, or map it in `mapping`",
        *unread,
    )


def _to_pods(intent: Intent, evidence: Evidence, link: Link, client: WorkloadNode, into: Gathering) -> None:
    servers = evidence.pods_of(link.server)
    if not servers:
        _no_pods(intent, evidence, link.server, link, into)
        return
    wanted = port_set(link.ports.values())
    reached = _through_service(evidence, link, client, servers, into)
    led = into.facts[-1] if reached and into.facts else None  # The Service that maps the address to these pods.
    for server, ports in reached.items():
        check_packets(evidence, client, server, ports, into, led)
    if reached:
        # What no Service carries (media ranges) goes straight to the pods that the Service leads to.
        rest = wanted - PortSet.union_of(reached.values())
        for server in reached if rest else ():
            check_packets(evidence, client, server, rest, into)
    elif into.cause is None:
        main = [node for node in servers if evidence.process(node) == "main"] or list(servers)
        for server in main:
            check_packets(evidence, client, server, wanted, into)


def _through_service(
    evidence: Evidence, link: Link, client: WorkloadNode, servers: tuple[WorkloadNode, ...], into: Gathering
) -> dict[WorkloadNode, PortSet]:
    """The server's pods that the client's variables lead to, with the ports on them. Empty: no variable is declared."""
    names = declared_names(link)
    if not names:
        return {}
    bound = _bound(evidence, link, client, into)
    found: dict[WorkloadNode, PortSet] = {}
    tried: list[Fact] = []
    leading: set[str] = set()
    for address in addresses(bound):
        led = _lead(evidence, link, client, address, servers, into, tried)
        leading.update([address.variable.name] if led else [])
        for node, ports in led.items():
            found[node] = found.get(node, PortSet()) | ports
    astray = [each for each in bound if each.name in address_names(link) and each.name not in leading]
    if (astray or not found) and into.cause is None:
        _nowhere(evidence, link, client, astray or bound, tried, into)
    return found


def _bound(evidence: Evidence, link: Link, client: WorkloadNode, into: Gathering) -> list[EnvVar]:
    workload = evidence.workload(client)
    known = variables(workload, evidence.configs)
    missing = [name for name in declared_names(link) if name not in known]
    if missing and not workload.assumed:
        name, place = main_container(workload)
        into.refute(
            f"container {name} of {workload.key} has no variable {missing[0]}, where edge {link.key} says "
            f"that it finds {link.server.service}",
            evidence.where(place),
            f"set {missing[0]}, or correct the edge's env",
        )
    _credentials(evidence, link, client, known, into)
    return [known[name] for name in declared_names(link) if name in known]


def _credentials(
    evidence: Evidence, link: Link, client: WorkloadNode, known: dict[str, EnvVar], into: Gathering
) -> None:
    """Credentials come from the Secret that the edge names (any, where it names none), by their key."""
    _composed_credentials(evidence, link, client, known, into)
    for name, key in credential_keys(link).items():
        variable = known.get(name)
        if variable is None:
            continue
        from_there = link.edge.secret in (None, variable.source_name)
        if variable.source_kind != "Secret" or variable.source_key != key or not from_there or variable.optional:
            wanted = f"key {key} of Secret {link.edge.secret or 'of the client'}"
            into.refute(
                f"{name} of {evidence.workload(client).key} does not come from {wanted}, as edge {link.key} says",
                evidence.where(variable.place),
                f"refer to {wanted} by secretKeyRef",
            )


def _composed_credentials(
    evidence: Evidence, link: Link, client: WorkloadNode, known: dict[str, EnvVar], into: Gathering
) -> None:
    """What an address is composed of: Secrets that must be there, and of the edge's own where it names one."""
    for name in declared_names(link):
        value = known[name].value if name in known else None
        for part in used_names(value or ""):
            variable = known.get(part)
            if variable is None or variable.source_kind != "Secret":
                continue
            fault = f"comes from Secret {variable.source_name}, not {link.edge.secret}, as edge {link.key} says"
            if link.edge.secret in (None, variable.source_name):
                fault = "may be missing: it is optional" if variable.optional else ""
            if fault:
                into.refute(
                    f"{part} of {evidence.workload(client).key}, which {name} is composed of, {fault}",
                    evidence.where(variable.place),
                    "refer to the credentials of this edge by secretKeyRef",
                )


def _lead(
    evidence: Evidence,
    link: Link,
    client: WorkloadNode,
    address: Address,
    servers: tuple[WorkloadNode, ...],
    into: Gathering,
    tried: list[Fact],
) -> dict[WorkloadNode, PortSet]:
    """Where one address leads: to the server's pods, or a note in `tried` of where it goes instead."""
    where = evidence.where(address.variable.place)
    workload = evidence.workload(client)
    resolution = resolve_host(evidence.services, workload.key.namespace, address.host, workload)
    service = resolution.service
    if service is None:
        tried.append(
            Fact(f"{address.variable.name}: {_unresolved(evidence, workload, address, resolution, into)}", where)
        )
        return {}
    if address.port is None:
        tried.append(Fact(f"{address.variable.name} names {address.host} without a port", where))
        return {}
    said = Fact(f"{address.variable.name} names {address.host}:{address.port}", where)
    targets = service_targets(evidence.services, service, address.port)
    others = evidence.services.selected(service)
    if others and not set(others) & set(servers):
        _other_pods(evidence, link, service, others, servers, into, said)
        return {}
    fatal = next((problem for problem in targets.problems if problem.fatal), None)
    if fatal is not None:
        sides = other_sides(evidence, fatal, service, servers)
        into.refute(fatal.statement, evidence.where(fatal.place), "make the two agree", said, *sides)
        return {}
    found = _behind(evidence, link, service, targets.targets, servers, into, said)
    if found:
        into.assume(service.assumed)
        into.say(f"{workload.key}: {said.statement}", where)
        mapped = f"{service.key} maps {address.port} to the pods of {link.server.service}"
        into.say(mapped, evidence.where(service.place))
    return found


def _unresolved(
    evidence: Evidence, workload: Workload, address: Address, resolution: Resolution, into: Gathering
) -> str:
    """Why a host is no Service of the cluster. A client that does not ask the cluster's DNS is the cause itself."""
    if resolution.place is not None and resolution.fqdn:
        return f"{address.host} stands for {resolution.fqdn}, a name outside of the cluster"
    reason = resolution.reason or f"{address.host} is no Service of the cluster"
    if resolution.place == workload.pod_place:
        asks = Fact(f"{address.variable.name} names {address.host}", evidence.where(address.variable.place))
        into.refute(reason, evidence.where(workload.pod_place), "set dnsPolicy: ClusterFirstWithHostNet", asks)
    return reason


def _other_pods(
    evidence: Evidence,
    link: Link,
    service: Service,
    others: list[WorkloadNode],
    servers: tuple[WorkloadNode, ...],
    into: Gathering,
    said: Fact,
) -> None:
    """The Service selects pods, and none of the server's."""
    selector = ", ".join(f"{key}={value}" for key, value in sorted((service.selector or {}).items()))
    into.refute(
        f"{said.statement}, and {service.key} selects {selector}: {others[0]}, not {link.server.service}",
        evidence.where(service.place.at("spec", "selector")),
        f"let the Service select the pods of {link.server.service}",
        said,
        what_it_has(evidence, service, servers[0]),
    )


def _behind(
    evidence: Evidence,
    link: Link,
    service: Service,
    targets: tuple[Target, ...],
    servers: tuple[WorkloadNode, ...],
    into: Gathering,
    said: Fact,
) -> dict[WorkloadNode, PortSet]:
    """The server's pods among those behind a Service; any other pod, or another port, breaks the hop."""
    wanted = port_set(link.ports.values())
    found: dict[WorkloadNode, PortSet] = {}
    for target in targets:
        ports = PortSet.of(target.protocol, target.port)
        if target.workload in servers and wanted.covers(ports):
            found[target.workload] = found.get(target.workload, PortSet()) | ports
            into.assume(target.assumed)
            continue
        where = f"port {target.port}, which edge {link.key} does not name"
        mapped = next((port.place for port in service.ports if port.target == target.port), service.place)
        into.refute(
            f"{said.statement}, which leads through {service.key} to "
            f"{where if target.workload in servers else target.workload}",
            evidence.where(mapped),
            f"let the Service select the pods of {link.server.service} and their declared port",
            said,
        )
    return found


def _nowhere(
    evidence: Evidence, link: Link, client: WorkloadNode, bound: list[EnvVar], tried: list[Fact], into: Gathering
) -> None:
    workload = evidence.workload(client)
    if workload.assumed:
        into.assume(workload.assumed)
        return
    place = bound[0].place if bound else main_container(workload)[1]
    hidden = next((variable for variable in bound if variable.source_kind == "Secret"), None)
    if hidden is not None and not tried:
        into.doubt(
            f"{hidden.name} of {workload.key} comes from Secret {hidden.source_name}, whose values are not read: "
            f"whether it names {link.server.service} is not known",
            evidence.where(hidden.place),
            "compose the address from plain parts, and keep only the credentials in the Secret",
        )
        return
    names = " and ".join(variable.name for variable in bound) or "no variable"
    why = f": {tried[0].statement}" if tried else ""
    into.refute(
        f"{names} of {workload.key} does not name {link.server.service}{why}",
        evidence.where(place),
        f"let it name a Service of {link.server.service} and its port",
        *tried[1:3],
    )


def _to_outside(evidence: Evidence, link: Link, client: WorkloadNode, server: Node, into: Gathering) -> None:
    ports = port_set(link.ports.values())
    hosts = [*server.service.hosts, *server.component.hosts]
    ranges = [*server.service.ranges, *server.component.ranges]
    _names_it(evidence, link, client, hosts, ranges, into)
    into.assume(evidence.workload(client).assumed)
    for text in ranges:
        check_packets(evidence, client, RangeNode.of_cidr(text), ports, into)
    if not ranges:
        for host in hosts:
            _to_name(evidence, client, host, ports, into)
    if not hosts and not ranges:
        into.doubt(
            f"{link.server.service} has neither hosts nor ranges: where it is, nobody says",
            evidence.where(evidence.workload(client).place),
            "give the service hosts or ranges",
        )


def _names_it(
    evidence: Evidence, link: Link, client: WorkloadNode, hosts: list[str], ranges: list[str], into: Gathering
) -> None:
    """The client's variables name one of the third party's hosts or addresses, and the right port."""
    if not declared_names(link):
        return
    bound = _bound(evidence, link, client, into)
    numbers = {port.port for port in link.ports.values()}
    for address in addresses(bound):
        if _is_one_of(address.host, hosts, ranges):
            where = evidence.where(address.variable.place)
            if address.port is not None and address.port not in numbers:
                into.refute(
                    f"{address.variable.name} names port {address.port} of {address.host}; edge {link.key} means "
                    f"{', '.join(map(str, sorted(numbers)))}",
                    where,
                    "make the two agree",
                )
            into.say(f"{evidence.workload(client).key}: {address.variable.name} names {address.host}", where)
            return
    if into.cause is None:
        _nowhere(evidence, link, client, bound, [], into)


def _is_one_of(host: str, hosts: list[str], ranges: list[str]) -> bool:
    import ipaddress

    if any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(text, strict=False) for text in ranges)


def _to_name(evidence: Evidence, client: WorkloadNode, host: str, ports: PortSet, into: Gathering) -> None:
    """Packets to a name: an FQDN rule that is live, or an address rule wide enough for any address."""
    workload = evidence.workload(client)
    for access in evidence.connections.fqdn(client):
        if _matches(access.pattern, host) and access.ports.covers(ports):
            place = evidence.where(access.places[0])
            if access.live:
                into.say(f"{access.policies[0]} lets {ports} out to {access.pattern}", place)
                return
            into.refute(
                f"{access.policies[0]} admits {host}, but lets no name resolve: Cilium never learns its addresses",
                place,
                "add an egress rule to kube-dns with rules.dns",
            )
            return
    anywhere = RangeNode.of_cidr("0.0.0.0/0")
    if evidence.connections.ports(client, anywhere).covers(ports):
        into.say(f"nothing keeps {workload.key} from {ports} of any address", evidence.where(workload.place))
        return
    if _open_to_most(evidence, client, ports):
        into.say(f"{workload.key} may open {ports} of public addresses", evidence.where(workload.place))
        return
    found = evidence.connections.explain(client, RangeNode.of_cidr("1.1.1.1/32"), *next(iter(ports.singles())))
    closing = found.egress.isolated_by
    closed_by = closing[0].place if closing else workload.place
    into.refute(
        f"{workload.key} may not open {ports} to {host}: no egress rule names it",
        evidence.where(closed_by),
        f"admit {host} (toFQDNs) or its addresses",
    )


def _open_to_most(evidence: Evidence, client: WorkloadNode, ports: PortSet) -> bool:
    """Whether all of the public internet is open: a name may stand for any of its addresses."""
    public = ("1.0.0.0/8", "8.0.0.0/8", "104.0.0.0/8", "203.0.112.0/24")
    return all(evidence.connections.ports(client, RangeNode.of_cidr(text)).covers(ports) for text in public)


def _matches(pattern: str, host: str) -> bool:
    if "*" not in pattern:
        return pattern == host
    import re

    text = re.escape(pattern).replace(r"\*", "[-a-zA-Z0-9_]*" if pattern != "*" else ".*")
    return re.fullmatch(text, host) is not None
