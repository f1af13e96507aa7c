"""``N``, ``M``: load balancers and what stands behind them: settings that must agree, and that the provider refuses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.catalog import cloudflare_ranges
from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Ingress, Route, Service

PROXY_PROTOCOL = Rule(
    code="N015",
    name="proxy-protocol-disagrees",
    severity=Severity.ERROR,
    summary="The load balancer and the controller behind it do not agree on the PROXY protocol.",
    rationale="The controller takes the first bytes for a broken request: every connection is reset.",
    example='enable-proxy-protocol: "true" on the Service, and no use-proxy-protocol in the controller\'s config',
    remedy="switch it on in both and set the load balancer's type to REGIONAL, or switch it off in both",
)
SUPERUSER = Rule(
    code="N016",
    name="superuser-reachable",
    severity=Severity.WARNING,
    summary="A database lets its superuser log in over the network.",
    rationale="Whoever gets one Secret may read and change every database of the cluster.",
    example="enableSuperuserAccess: true",
    remedy="leave it off, and log in by kubectl cnpg psql",
)
CUT_SHORT = Rule(
    code="N020",
    name="websocket-cut-off",
    severity=Severity.WARNING,
    summary="The ingress closes WebSockets that are silent for a minute.",
    rationale="People are thrown out of calls and chats again and again; each client connects anew.",
    example="an Ingress of an edge with scheme ws, without nginx.ingress.kubernetes.io/proxy-read-timeout",
    remedy="set proxy-read-timeout and proxy-send-timeout to an hour",
)
PROVIDER = Rule(
    code="M014",
    name="provider-refuses",
    severity=Severity.ERROR,
    summary="A setting of a load balancer that its provider does not know.",
    rationale="The provider makes no load balancer, and the Service waits for an address for ever.",
    example="service.beta.kubernetes.io/do-loadbalancer-type: REGIONEL",
    remedy="use one of the values that are named",
)

NO_RECORDS = Rule(
    code="N017",
    name="records-not-made",
    severity=Severity.ERROR,
    summary="external-dns is set up so that it makes no records, or not those of the declared hosts.",
    rationale="The names lead nowhere, or go on leading to where they led before.",
    example="sources: [service] while the hosts stand on Ingresses; domainFilters without the zone",
    remedy="name the kinds that carry the hosts in sources, the zone in domainFilters, the provider and its token",
)
CLIENT_ADDRESS = Rule(
    code="N018",
    name="client-address-unknown",
    severity=Severity.WARNING,
    summary="The ingress controller takes the edge's address for the visitor's, or believes anyone who claims one.",
    rationale="Rate limits, logs and bans hit everybody behind the edge; or a visitor chooses whom they hit.",
    example="no forwarded-for-header: CF-Connecting-IP behind Cloudflare",
    remedy="set use-forwarded-headers, CF-Connecting-IP as header, and proxy-real-ip-cidr to the edge's ranges",
)

_DO = "service.beta.kubernetes.io/do-loadbalancer-"
_VALUES = {
    f"{_DO}type": ("REGIONAL", "REGIONAL_NETWORK"),
    f"{_DO}network": ("EXTERNAL", "INTERNAL"),
    f"{_DO}network-stack": ("IPV4", "DUALSTACK"),
    f"{_DO}protocol": ("tcp", "http", "https", "http2", "http3"),
    f"{_DO}enable-proxy-protocol": ("true", "false"),
    f"{_DO}redirect-http-to-https": ("true", "false"),
}
"""Source: digitalocean-cloud-controller-manager, docs/controllers/services/annotations.md (v0.1.68)."""


def _proxy_protocol(evidence: Evidence) -> Iterator[Finding]:
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        values = part(release.body, "spec", "values", "controller")
        if part(release.body, "spec", "chart", "spec", "chart") != "ingress-nginx" or not isinstance(values, dict):
            continue
        notes = part(values, "service", "annotations") or {}
        sent = part(notes, f"{_DO}enable-proxy-protocol") == "true"
        expected = str(part(values, "config", "use-proxy-protocol")).lower() == "true"
        fault = ""
        if sent != expected:
            fault = "sends the PROXY protocol and the controller does not expect it"
            fault = fault if sent else "does not send the PROXY protocol, which the controller expects"
        elif sent and part(notes, f"{_DO}type") != "REGIONAL":
            fault = "is not of type REGIONAL: the provider ignores the PROXY protocol on any other"
        if fault:
            where = evidence.locate(release.place.at("spec", "values", "controller", "service"))
            yield PROXY_PROTOCOL.finding(f"{release.key}: the load balancer {fault}", where, subject=str(release.key))


_SOURCES = {"Ingress": "ingress", "HTTPRoute": "gateway-httproute", "GRPCRoute": "gateway-grpcroute"}
_POLICIES, _REGISTRIES = ("sync", "upsert-only", "create-only"), ("txt", "noop", "dynamodb", "aws-sd")
_TOKENS = frozenset({"CF_API_TOKEN", "CF_API_KEY"})


def _no_records(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    edges = {node.component_name for pod in intent.graph.pods for node in pod.nodes.values()}
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        values = part(release.body, "spec", "values")
        if part(release.body, "spec", "chart", "spec", "chart") == "external-dns" and isinstance(values, dict):
            faults = [*_source_faults(evidence, values), *_zone_faults(intent, values)]
            faults += _provider_faults(values) if "cloudflare" in edges else []
            for fault in faults:
                where = evidence.locate(release.place.at("spec", "values"))
                yield NO_RECORDS.finding(f"{release.key}: {fault}", where, subject=str(release.key))


def _source_faults(evidence: Evidence, values: dict[str, Any]) -> Iterator[str]:
    sources = texts(values["sources"]) if "sources" in values else ["service", "ingress"]
    prefix = str(values.get("annotationPrefix") or _PREFIX)
    serving: list[Ingress | Route] = [*evidence.facts.ingresses, *evidence.facts.routes]
    for each in serving:
        wanted = _SOURCES.get(each.key.kind)
        if wanted and wanted not in sources:
            yield f"sources are {', '.join(sources) or 'none'}; {each.key} needs {wanted}"
            return
        said = [key for key in each.annotations if key.startswith(_PREFIX.partition(".")[0])]
        if said and not any(key.startswith(prefix) for key in said):
            yield f"annotationPrefix is {prefix}; {each.key} is annotated with {said[0]}"
            return
    for key, known in (("policy", _POLICIES), ("registry", _REGISTRIES)):
        if values.get(key) is not None and values[key] not in known:
            yield f"{key} is {values[key]}, which is none of {', '.join(known)}"


_PREFIX = "external-dns.alpha.kubernetes.io/"


def _zone_faults(intent: Intent, values: dict[str, Any]) -> Iterator[str]:
    zones = texts(values.get("domainFilters"))
    if values.get("policy") == "sync" and not zones:
        yield "policy is sync, and without domainFilters it deletes records in every zone that its token opens"
    if values.get("policy") == "sync" and values.get("txtOwnerId") in (None, "", "default"):
        yield "policy is sync without a txtOwnerId: it takes another cluster's records for its own, and deletes them"
    for host in intent.graph.hosts if zones else ():
        if not any(host == zone or host.endswith(f".{zone}") for zone in zones):
            yield f"domainFilters are {', '.join(zones)}, which leaves {host} out"
            return


def _provider_faults(values: dict[str, Any]) -> Iterator[str]:
    provider = values.get("provider")
    name = part(provider, "name") if isinstance(provider, dict) else provider
    if name != "cloudflare":
        yield f"the provider is {name}, and the edge is Cloudflare"
    elif not any(str(item.get("name")) in _TOKENS and _has_value(item) for _, item in maps(values.get("env"))):
        yield f"it gets no {' or '.join(sorted(_TOKENS))}"


def _has_value(item: dict[str, Any]) -> bool:
    ref = part(item, "valueFrom", "secretKeyRef")
    return bool(item.get("value") or (part(ref, "name") and part(ref, "key")))


def _client_addresses(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    edges = {node.component_name for pod in intent.graph.pods for node in pod.nodes.values()}
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        chart = part(release.body, "spec", "chart", "spec", "chart")
        config = part(release.body, "spec", "values", "controller", "config")
        if chart != "ingress-nginx" or "cloudflare" not in edges or not isinstance(config, dict):
            continue
        for fault in _config_faults(config):
            where = evidence.locate(release.place.at("spec", "values", "controller", "config"))
            yield CLIENT_ADDRESS.finding(f"{release.key}: {fault}", where, subject=str(release.key))


def _config_faults(config: dict[str, Any]) -> Iterator[str]:
    if str(config.get("use-forwarded-headers")).lower() != "true":
        yield "use-forwarded-headers is not on"
    if config.get("forwarded-for-header") != "CF-Connecting-IP":
        yield f"forwarded-for-header is {config.get('forwarded-for-header')}, not CF-Connecting-IP"
    trusted = [each.strip() for each in str(config.get("proxy-real-ip-cidr") or "").split(",")]
    if missing := [text for text in cloudflare_ranges() if text not in trusted]:
        yield f"proxy-real-ip-cidr leaves out {missing[0]} of the edge"
    if strange := [text for text in trusted if not _is_range(text) or text.endswith("/0")]:
        yield f"proxy-real-ip-cidr trusts {strange[0] or 'everyone'}"


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _superusers(evidence: Evidence) -> Iterator[Finding]:
    for cluster in evidence.of_kind("Cluster", "postgresql.cnpg.io"):
        if part(cluster.body, "spec", "enableSuperuserAccess") is True:
            where = evidence.locate(cluster.place.at("spec", "enableSuperuserAccess"))
            message = f"{cluster.key} lets its superuser log in over the network"
            yield SUPERUSER.finding(message, where, subject=str(cluster.key))


def _provider(evidence: Evidence) -> Iterator[Finding]:
    for service in evidence.facts.services:
        if service.type == "LoadBalancer":
            yield from _refused(evidence, service)


def _refused(evidence: Evidence, service: Service) -> Iterator[Finding]:
    for key, value in service.annotations.items():
        known = _VALUES.get(key)
        if known and value not in known:
            message = f"{service.key}: {key} is {value}, which is none of {', '.join(known)}"
            where = evidence.locate(service.place.at("metadata", "annotations", key))
            yield PROVIDER.finding(message, where, subject=str(service.key))


def _cut_short(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    sockets = {
        (link.host, link.edge.path): link
        for link in intent.graph.links
        if link.host and any(port.scheme in {"ws", "wss"} for port in link.ports.values())
    }
    notes = {each.key: each.annotations for each in evidence.facts.ingresses}
    told = set()
    for route in evidence.routes:
        link, given = sockets.get((route.host, route.path)), notes.get(route.source)
        short = [key for key in _TIMEOUTS if given is not None and _seconds(given.get(key)) < _SILENT]
        nginx = route.controller.name == "k8s.io/ingress-nginx"
        if link and nginx and short and route.source not in told:
            told.add(route.source)
            message = f"{route.source} cuts the WebSockets of edge {link.key} off after a minute of silence: {short[0]}"
            yield CUT_SHORT.finding(message, evidence.locate(route.place), subject=str(route.source))


_TIMEOUTS = ("nginx.ingress.kubernetes.io/proxy-read-timeout", "nginx.ingress.kubernetes.io/proxy-send-timeout")
_SILENT = 300
"""Seconds for which a WebSocket may well be silent."""


def _seconds(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 60


CHECKS: tuple[Check, ...] = (
    BothCheck(CUT_SHORT, _cut_short),
    ManifestCheck(PROXY_PROTOCOL, _proxy_protocol),
    ManifestCheck(SUPERUSER, _superusers),
    BothCheck(NO_RECORDS, _no_records),
    BothCheck(CLIENT_ADDRESS, _client_addresses),
    ManifestCheck(PROVIDER, _provider),
)
