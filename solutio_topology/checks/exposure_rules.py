"""``N``, ``X``, ``R``: what comes in from outside past what is declared: by address, by name, by request."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.declared import CLUSTER_ENTITIES, Declared, numbers
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.reach.model import EntityNode, RangeNode
from solutio_topology.reach.ports import NO_PORTS, PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Object, Peer, Policy, PolicyRule
    from solutio_topology.reach.model import WorkloadNode
    from solutio_topology.spec.component import Ingress

OPEN_TO_ADDRESSES = Rule(
    code="N011",
    name="open-to-addresses",
    severity=Severity.ERROR,
    summary="A policy lets addresses outside of the cluster in to pods, and no edge says so.",
    rationale="The network of the nodes, its neighbours and every load balancer made later can then reach the pods.",
    example="from: [{ipBlock: {cidr: 198.51.100.0/22}}] where the client's ranges are 198.51.100.0/24",
    remedy="narrow the policy to the declared client's addresses and ports, or declare the edge",
)
ANY_NAMESPACE = Rule(
    code="N019",
    name="open-to-every-namespace",
    severity=Severity.WARNING,
    summary="A policy lets pods in from every namespace there is and will be, and no component asks for that.",
    rationale="Whoever may create pods anywhere gives them the labels and is let in: another tenant, too.",
    example="from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}], or fromEntities: [cluster]",
    remedy="name the namespace: namespaceSelector with kubernetes.io/metadata.name",
)
OTHER_RECORD = Rule(
    code="N012",
    name="record-for-another-host",
    severity=Severity.ERROR,
    summary="A DNS record is asked for a name that the object does not serve.",
    rationale="The name leads to the ingress, where nothing answers for it; the name that is served gets no record.",
    example="external-dns.alpha.kubernetes.io/hostname: apii.example.org on the Ingress of api.example.org",
    remedy="name the host of the rules, or leave the annotation out",
)
OPEN_WHOLESALE = Rule(
    code="N013",
    name="namespace-opened-wholesale",
    severity=Severity.ERROR,
    summary="A policy for all pods of a namespace that admits everything in one direction.",
    rationale="It takes back the default deny, for every pod there is and every one that will come.",
    example="podSelector: {} with ingress: [{}]",
    remedy="remove the rule; open single ports for single pods",
)
ALTERED = Rule(
    code="N014",
    name="requests-altered",
    severity=Severity.WARNING,
    summary="A route that redirects, rewrites, filters or copies requests.",
    rationale="The declared path is then not the path that requests take, or not that of all of them.",
    example="nginx.ingress.kubernetes.io/permanent-redirect, or a RequestRedirect filter of an HTTPRoute",
    remedy="remove it, or acknowledge it with the reason",
)
OPEN_LISTENER = Rule(
    code="X012",
    name="listener-open-to-all-namespaces",
    severity=Severity.WARNING,
    summary="A Gateway's listener that takes routes from every namespace.",
    rationale="Any tenant can publish under the shared hosts, and take requests that are meant for another.",
    example="allowedRoutes: {namespaces: {from: All}}",
    remedy="select the namespaces by label",
)
CERTIFICATE = Rule(
    code="R035",
    name="certificate-for-another-host",
    severity=Severity.ERROR,
    summary="A host is served with a certificate that does not name it.",
    rationale="Browsers refuse the connection.",
    example="dnsNames: [apii.example.org] in the Certificate for api.example.org",
    remedy="add the host to dnsNames",
)

_NGINX = "nginx.ingress.kubernetes.io/"
_ALTERING = frozenset({
    *("app-root", "canary", "configuration-snippet", "default-backend", "denylist-source-range", "mirror-target"),
    *("permanent-redirect", "rewrite-target", "server-alias", "server-snippet", "ssl-passthrough"),
    *("temporal-redirect", "upstream-vhost", "whitelist-source-range", "backend-protocol"),
})  # fmt: skip
_SWITCHED_OFF = frozenset({"ssl-redirect"})
"""Annotations that weaken what holds without them when they are false."""
_HARMLESS = {"backend-protocol": "HTTP", "canary": "false", "ssl-passthrough": "false"}
_HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
_GATEWAY = "gateway.networking.k8s.io"


def _open_to_addresses(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        told = NO_PORTS
        for found in evidence.connections.from_external(node) if not evidence.workload(node).host_network else ():
            assert isinstance(found.src, RangeNode)
            surplus = found.ports - _admitted(declared, node, found.src) - told
            if surplus and (finding := _admission(evidence, found.src, node, surplus)):
                told |= surplus
                yield finding
        yield from _open_to_entities(declared, node)


def _open_to_entities(declared: Declared, node: WorkloadNode) -> Iterator[Finding]:
    """The same for the identities of nodes, of the API server and of the Gateway's proxies."""
    evidence = declared.evidence
    if evidence.workload(node).host_network or declared.component(evidence.owner(node)) is None:
        return
    for found in evidence.connections.from_entities(node):
        assert isinstance(found.src, EntityNode)
        surplus = found.ports - declared.from_entities(node) - PortSet.union_of(_behind_entries(evidence, node))
        if found.src.name == "ingress":
            surplus -= PortSet.union_of(_behind_routes(evidence, node))
        if found.src.name in {*CLUSTER_ENTITIES, "ingress"} and surplus:
            finding = _admission(evidence, found.src, node, surplus)
            yield from [finding] if finding else []


def _behind_routes(evidence: Evidence, node: WorkloadNode) -> Iterator[PortSet]:
    """The ports of a workload that routes lead to: whether those are declared, other rules say."""
    for route in evidence.routes_to(node):
        yield from (PortSet.of(each.protocol, each.port) for each in route.targets if each.workload == node)


def _admission(evidence: Evidence, src: RangeNode | EntityNode, node: WorkloadNode, ports: PortSet) -> Finding | None:
    """The finding, where a policy says so: pods that none closes are told by N001."""
    from solutio_topology.checks.network_rules import first_of

    side = evidence.connections.explain(src, node, *first_of(ports)).ingress
    if not side.isolated_by or not side.allowed_by:
        return None
    message = f"{src} can open {ports} of {node}, and no edge says so"
    return OPEN_TO_ADDRESSES.finding(message, evidence.locate(side.allowed_by[0].rule), subject=f"{src} -> {node}")


def _admitted(declared: Declared, node: WorkloadNode, src: RangeNode) -> PortSet:
    """The ports that may be open from a range of addresses to a workload."""
    evidence, intent = declared.evidence, declared.intent
    owner = evidence.owner(node)
    component, found = declared.component(owner), []
    plain = intent.graph.platform.network.policies == "kubernetes"
    on_nodes = _inside(src, [intent.graph.platform.network.node_range])
    for rule in declared.accepts(node):
        if rule.source == "world" or (rule.source in {"kube-apiserver", "host"} and (plain or on_nodes)):
            found.append(numbers(rule.ports))
    links = declared.from_outside(owner) if owner else []
    for link in links:
        client = intent.graph.node(link.client)
        ranges = [*client.service.ranges, *client.component.ranges]
        faces = component is not None and component.browser_facing
        if faces or on_nodes or not ranges or _inside(src, ranges):
            found += [numbers(link.ports.values()), *_behind_entries(evidence, node)]
    return PortSet.union_of(found)


def _behind_entries(evidence: Evidence, node: WorkloadNode) -> Iterator[PortSet]:
    """The ports of a workload that the outside is led to: their numbers may differ from the entries'."""
    for entry in evidence.entries_of(node):
        yield from (PortSet.of(each.protocol, each.port) for each in entry.targets if each.workload == node)


def _inside(src: RangeNode, ranges: list[str]) -> bool:
    networks = [ipaddress.ip_network(text, strict=False) for text in ranges]
    return any(
        each.version == src.version
        and int(each.network_address) <= src.first
        and src.last <= int(each.broadcast_address)
        for each in networks
    )


def _other_records(evidence: Evidence) -> Iterator[Finding]:
    hosts_of = {each.key: {rule.host for rule in each.rules} for each in evidence.facts.ingresses}
    hosts_of |= {each.key: set(each.hostnames) for each in evidence.facts.routes}
    asked = {each.key: each.annotations for each in evidence.facts.ingresses}
    asked |= {each.key: each.annotations for each in evidence.facts.routes}
    for key, hosts in hosts_of.items():
        for name in filter(None, (each.strip() for each in asked[key].get(_HOSTNAME, "").split(","))):
            source = evidence.objects.get(key)
            if name not in hosts and source is not None:
                where = evidence.locate(source.place.at("metadata", "annotations", _HOSTNAME))
                message = f"{key} asks for a record of {name}; it serves {', '.join(sorted(hosts)) or 'every host'}"
                yield OTHER_RECORD.finding(message, where, subject=str(key))


def _open_wholesale(evidence: Evidence) -> Iterator[Finding]:
    for policy in evidence.facts.policies:
        if policy.pods.requirements or policy.nodes is not None:
            continue
        for direction, rule in _open_rules(policy):
            yield OPEN_WHOLESALE.finding(
                f"{policy.key} opens {direction} of all its pods to everything",
                evidence.locate(rule.place),
                subject=str(policy.key),
            )


def _open_rules(policy: Policy) -> Iterator[tuple[str, PolicyRule]]:
    for direction, rules in (("ingress", policy.ingress), ("egress", policy.egress)):
        for rule in rules:
            if rule.action == "Allow" and rule.peers is None and rule.ports is None:
                yield direction, rule


def _altered(evidence: Evidence) -> Iterator[Finding]:
    for ingress in evidence.facts.ingresses:
        source = evidence.objects.get(ingress.key)
        for key, value in ingress.annotations.items() if source else ():
            if source is not None and _alters(key, value):
                where = evidence.locate(source.place.at("metadata", "annotations", key))
                yield ALTERED.finding(f"{ingress.key} sets {key}", where, subject=str(ingress.key))
    for kind in ("HTTPRoute", "GRPCRoute"):
        for route in evidence.of_kind(kind, _GATEWAY):
            yield from _altering_rules(evidence, route)


def _alters(key: str, value: str) -> bool:
    name = key.removeprefix(_NGINX)
    if name == key:
        return False
    if name in _SWITCHED_OFF:
        return value == "false"
    return (name in _ALTERING and value != _HARMLESS.get(name)) or name.startswith("canary-")


def _altering_rules(evidence: Evidence, route: Object) -> Iterator[Finding]:
    for index, rule in maps(part(route.body, "spec", "rules")):
        filtering = [rule, *(ref for _, ref in maps(rule.get("backendRefs")))]
        kinds = [str(each.get("type")) for place in filtering for _, each in maps(place.get("filters"))]
        found = [kind for kind in kinds if kind not in {"RequestHeaderModifier", "ResponseHeaderModifier"}]
        found += [f"matches {key}" for _, match in maps(rule.get("matches")) for key in _conditions(route, match)]
        if found:
            where = evidence.locate(route.place.at("spec", "rules", index))
            yield ALTERED.finding(f"{route.key}: rule {index + 1} {_said(found)}", where, subject=str(route.key))


def _conditions(route: Object, match: dict[str, Any]) -> list[str]:
    keys = ("headers", "queryParams", "method") if route.key.kind == "HTTPRoute" else ("headers",)
    return [key for key in keys if match.get(key)]


def _said(found: list[str]) -> str:
    return " and ".join(each if each.startswith("matches") else f"has the filter {each}" for each in found)


def _open_listeners(evidence: Evidence) -> Iterator[Finding]:
    for gateway in evidence.facts.gateways:
        for listener in gateway.listeners:
            if listener.allowed_from == "All":
                message = f"{gateway.key}: listener {listener.name} takes routes from every namespace"
                yield OPEN_LISTENER.finding(message, evidence.locate(listener.place), subject=str(gateway.key))


def _certificates(evidence: Evidence) -> Iterator[Finding]:
    names: dict[str, tuple[Object, list[str]]] = {}
    for each in evidence.of_kind("Certificate", "cert-manager.io"):
        secret = f"{each.key.namespace}/{part(each.body, 'spec', 'secretName')}"
        names[secret] = (each, texts(part(each.body, "spec", "dnsNames")))
    told = set()
    for route in evidence.routes:
        source, known = names.get(route.tls_secret, (None, []))
        if source is None or not route.host or any(_covers(name, route.host) for name in known):
            continue
        if (source.key, route.host) not in told:
            told.add((source.key, route.host))
            where = evidence.locate(source.place.at("spec", "dnsNames"))
            meant = ", ".join(known) or "nobody"
            message = f"{route.source} serves {route.host} with {source.key}, which is for {meant}"
            yield CERTIFICATE.finding(message, where, subject=str(source.key))


def _covers(name: str, host: str) -> bool:
    """Whether a certificate's name covers a host; its star stands for one label."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _any_namespaces(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    nodes = [node for pod in intent.graph.pods for node in pod.nodes.values()]
    components = [*intent.graph.controllers.values(), *(node.component for node in nodes)]
    anywhere = [rule.selector for each in components for rule in each.ingress if _is_anywhere(rule)]
    for policy in evidence.facts.policies:
        for rule in policy.ingress if policy.nodes is None else ():
            for peer in rule.peers or () if rule.action == "Allow" else ():
                meant = peer.pods.requirements if peer.pods else ()
                said = {(each.key, each.values[0]) for each in meant if each.values}
                if _is_every(peer) and not any(wanted.items() <= said for wanted in anywhere):
                    where = evidence.locate(rule.place)
                    message = f"{policy.key} lets pods of every namespace in"
                    yield ANY_NAMESPACE.finding(message, where, subject=str(policy.key))


def _is_every(peer: Peer) -> bool:
    """Whether a peer stands in any namespace: an empty selector, or Cilium's words for all pods of the cluster."""
    everywhere = peer.namespaces is not None and not peer.namespaces.requirements
    return everywhere or peer.any_namespace or peer.entity in ("all", "cluster")


def _is_anywhere(rule: Ingress) -> bool:
    return rule.source == "selector" and rule.namespace is None


CHECKS: tuple[Check, ...] = (
    BothCheck(ANY_NAMESPACE, _any_namespaces),
    BothCheck(OPEN_TO_ADDRESSES, _open_to_addresses),
    ManifestCheck(OTHER_RECORD, _other_records),
    ManifestCheck(OPEN_WHOLESALE, _open_wholesale),
    ManifestCheck(ALTERED, _altered),
    ManifestCheck(OPEN_LISTENER, _open_listeners),
    ManifestCheck(CERTIFICATE, _certificates),
)
