"""Whom workloads are told to talk to: addresses in their environment, arguments and configuration; and public hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.reach.fqdn import covers
from solutio_topology.reach.routing import resolve_host

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key, KeyedObject, Place, Workload
    from solutio_topology.reach.model import WorkloadNode

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@\s\"']*@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+)")
_PAIR = re.compile(r"(?<![A-Za-z0-9_./@-])([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*):[0-9]{2,5}(?![0-9.:])")
_SERVICE = re.compile(r"(?<![A-Za-z0-9_.-])([a-z0-9-]+(?:\.[a-z0-9-]+)*\.svc(?:\.cluster\.local)?)(?![A-Za-z0-9_-])")
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


class Naming(Struct, frozen=True):
    """A host that a workload is told, and where. `surely`: with a scheme or a port, so that nothing else is meant."""

    pod: str
    workload: Workload
    by: str
    host: str
    place: Place
    surely: bool


def namings(tenants: Tenants) -> tuple[Naming, ...]:
    """Every host that tenant pods' workloads are told, in the order of the manifests."""
    return tenants.once("namings", lambda: tuple(_namings(tenants)))


def _namings(tenants: Tenants) -> Iterator[Naming]:
    yield from _sources(tenants)
    for workload in tenants.evidence.written:
        owner = tenants.of_workload(workload)
        for by, text, place in _said(tenants, workload):
            sure = _hosts(text)
            for host in sure:
                yield Naming(owner, workload, by, host, place, True)
            if not sure and _HOST.fullmatch(text) and not text.isdecimal():
                yield Naming(owner, workload, by, text, place, False)


def _sources(tenants: Tenants) -> Iterator[Naming]:
    """The servers that database clusters copy from or follow."""
    for cluster in tenants.evidence.of_kind("Cluster", "postgresql.cnpg.io"):
        pods = [each for each in tenants.workloads.get(tenants.of(cluster), ()) if each.key == cluster.key]
        for index, item in maps(part(cluster.body, "spec", "externalClusters")):
            host = part(item, "connectionParameters", "host")
            if isinstance(host, str) and pods:
                place = cluster.place.at("spec", "externalClusters", index, "connectionParameters", "host")
                yield Naming(tenants.of(cluster), pods[0], f"externalClusters[{index}]", host, place, True)


def _said(tenants: Tenants, workload: Workload) -> Iterator[tuple[str, str, Place]]:
    for container in workload.containers:
        for variable in container.env:
            if variable.value:
                yield variable.name, variable.value, variable.place
        for field in ("command", "args"):
            for text in texts(container.body.get(field)):
                yield field, text, container.place.at(field)
    mentioned = {each.name for each in workload.references if each.kind == "ConfigMap"}
    known = tenants.once("configuration", lambda: _configuration(tenants))
    for config in known.get(workload.key.namespace, ()):
        if config.key.name in mentioned:
            for key, text in config.data.items():
                yield f"{key} of {config.key}", text, config.place.at("data", key)


def _configuration(tenants: Tenants) -> dict[str, list[KeyedObject]]:
    """The ConfigMaps by their namespace."""
    found: dict[str, list[KeyedObject]] = {}
    for config in tenants.evidence.facts.keyed:
        if config.key.kind == "ConfigMap":
            found.setdefault(config.key.namespace, []).append(config)
    return found


def _hosts(text: str) -> list[str]:
    """The hosts in a text that are surely meant as such, each once."""
    return list(dict.fromkeys(match.strip("[]") for shape in (_URL, _PAIR, _SERVICE) for match in shape.findall(text)))


def foreign_addresses(tenants: Tenants) -> Iterator[Breach]:
    """Workloads that are told a Service of another tenant pod, unless it is one that the tier shares."""
    for each in namings(tenants):
        for node in _behind(tenants, each):
            other = tenants.of_workload(tenants.evidence.workload(node))
            for pod in tenants.apart((each.pod, other)):
                if other in tenants.dedicated or other != tenants.host or not _is_shared(tenants, pod, node):
                    yield _foreign(tenants, pod, each, node, other)


def _behind(tenants: Tenants, naming: Naming) -> tuple[WorkloadNode, ...]:
    services = tenants.evidence.services
    found = resolve_host(services, naming.workload.key.namespace, naming.host, naming.workload)
    return tuple(services.selected(found.service)) if found.service else found.workloads


def _is_shared(tenants: Tenants, pod: str, node: WorkloadNode) -> bool:
    owner = tenants.evidence.owner(node)
    return owner is not None and tenants.shares(pod, owner[1])


def _foreign(tenants: Tenants, pod: str, naming: Naming, node: WorkloadNode, other: str) -> Breach:
    return Breach(
        pod,
        f"{naming.by} of {naming.workload.key} of {naming.pod} names {naming.host}, which leads to {node} of {other}",
        tenants.evidence.where(naming.place),
        str(naming.workload.key),
        (tenants.fact(f"{node} of {other}", tenants.evidence.workload(node).place),),
    )


def outside_names(tenants: Tenants) -> dict[str, list[Naming]]:
    """The hosts outside of the cluster that workloads are told, each with who is."""
    found: dict[str, list[Naming]] = {}
    for each in namings(tenants):
        if "." not in each.host or not (each.surely or _may_open(tenants, each)):
            continue
        answer = resolve_host(tenants.evidence.services, each.workload.key.namespace, each.host)
        if name := answer.fqdn or answer.address:
            found.setdefault(name, []).append(each)
    return found


def _may_open(tenants: Tenants, naming: Naming) -> bool:
    """Whether a policy lets the workload out to what may be a host's name."""
    nodes = tenants.evidence.connections.find(naming.workload.key)
    return any(covers(each.pattern, naming.host) for node in nodes for each in tenants.evidence.connections.fqdn(node))


def shared_outside(tenants: Tenants) -> Iterator[Breach]:
    """Hosts outside that two tenant pods are told, unless they are those of a service that the tier shares."""
    for host, found in outside_names(tenants).items():
        for pod in tenants.apart(each.pod for each in found):
            if _is_declared(tenants, pod, host):
                continue
            own = next(each for each in found if each.pod == pod)
            other = next(each for each in found if pod in tenants.apart((pod, each.pod)))
            yield Breach(
                pod,
                f"{own.by} of {own.workload.key} of {pod} and {other.by} of {other.workload.key} of {other.pod} name "
                f"one host outside: {host}",
                tenants.evidence.where(own.place),
                str(own.workload.key),
                (tenants.fact(f"{other.by} of {other.workload.key}", other.place),),
            )


def _is_declared(tenants: Tenants, pod: str, host: str) -> bool:
    """Whether a host belongs to what the tenant pod's tier shares: a third party's, or a public one of a service."""
    for node in tenants.shared_nodes(pod):
        names = [*node.service.hosts, *node.component.hosts]
        names += [link.host for link in tenants.intent.graph.incoming.get(node.ref, ()) if link.host]
        if any(covers(name, host) or name == host for name in names) or _in_ranges(host, node.service.ranges):
            return True
    return False


def _in_ranges(host: str, ranges: list[str]) -> bool:
    import ipaddress

    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(each, strict=False) for each in ranges)


def shared_hosts(tenants: Tenants) -> Iterator[Breach]:
    """Public hosts that objects of two tenant pods serve, and those that lead into another tenant pod."""
    owners: dict[str, list[tuple[str, Key, Place]]] = {}
    for route in tenants.evidence.routes:
        source = tenants.evidence.objects.get(route.source)
        owner = tenants.of(source) if source else ""
        owners.setdefault(route.host, []).append((owner, route.source, route.place))
        for target in route.targets:
            other = tenants.of_workload(tenants.evidence.workload(target.workload))
            for pod in tenants.apart((owner, other)):
                message = f"{route.source} of {owner} sends {route.host} to {target.workload} of {other}"
                yield Breach(pod, message, tenants.evidence.where(route.place), str(route.source))
    for host, found in owners.items():
        for pod in tenants.apart(each[0] for each in found):
            own = next(each for each in found if each[0] == pod)
            whose, second, place = next(each for each in found if pod in tenants.apart((pod, each[0])))
            yield Breach(
                pod,
                f"{own[1]} of {pod} and {second} of {whose} both serve {host or 'every host'}",
                tenants.evidence.where(place),
                f"host {host or '*'}",
                (tenants.fact(own[1], own[2]),),
            )
