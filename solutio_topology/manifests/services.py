"""Services and the EndpointSlices of those without a selector."""

from __future__ import annotations

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import EndpointSlice, Object, Service, ServicePort
from solutio_topology.manifests.policies import address_range
from solutio_topology.manifests.ports import LAST_PORT, PROTOCOLS, is_port, is_port_name

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")


def read_service(source: Object, at: Cursor, into: Collector) -> None:
    """A Service, with the API server's defaults filled in."""
    spec = at.get("spec")
    kind = spec.text("type", "ClusterIP")
    if kind not in _TYPES:
        spec.get("type").note(f"{kind!r} is no type of a Service: the API server refuses it", f"use {_TYPES[0]}")
    for text in spec.texts("loadBalancerSourceRanges"):
        address_range(spec.get("loadBalancerSourceRanges"), text.strip())
    selected = spec.labels("selector")
    into.services.append(
        Service(
            key=source.key,
            labels={**into.identity, **source.labels},
            annotations=source.annotations,
            type=kind,
            headless=spec.get("clusterIP").value == "None",
            external_name=spec.text("externalName"),
            selector=selected or None,
            ports=tuple(_port(port) for port in spec.items("ports")),
            source_ranges=spec.texts("loadBalancerSourceRanges"),
            traffic_policy=spec.text("externalTrafficPolicy", "Cluster"),
            place=source.place,
            assumed=into.assumption,
            maker=into.maker,
        )
    )


def _port(at: Cursor) -> ServicePort:
    number = at.number("port")
    target = at.number_or_name("targetPort")
    _check(at, number, target)
    return ServicePort(
        number=number,
        protocol=at.text("protocol", "TCP"),
        name=at.text("name"),
        target=number if target is None else target,
        node_port=at.number("nodePort"),
        app_protocol=at.text("appProtocol"),
        place=at.place,
    )


def _check(at: Cursor, number: int, target: int | str | None) -> None:
    """Say what no Service can have: the API server refuses it, and nothing is served."""
    protocol = at.text("protocol", "TCP")
    if protocol not in PROTOCOLS:
        at.get("protocol").note(f"{protocol!r} is no protocol of a Service", "use TCP, UDP or SCTP")
    if not is_port(number) or (isinstance(target, int) and not is_port(target)):
        at.note(f"ports are 1 to {LAST_PORT}: the API server refuses this one", "correct port and targetPort")
    if isinstance(target, str) and not is_port_name(target):
        at.get("targetPort").note(f"{target!r} cannot name a port", "write the name of the container's port")


def read_endpoint_slice(source: Object, at: Cursor, into: Collector) -> None:
    """An EndpointSlice; ``kubernetes.io/service-name`` names its Service. What is not ready gets no packet."""
    ready = [each for each in at.items("endpoints") if each.get("conditions").flag("ready", True)]
    addresses = [address for endpoint in ready for address in endpoint.texts("addresses")]
    ports = [(port.text("name"), port.number("port"), port.text("protocol", "TCP")) for port in at.items("ports")]
    service = source.labels.get("kubernetes.io/service-name", "")
    into.endpoint_slices.append(EndpointSlice(source.key, service, tuple(addresses), tuple(ports), source.place))


def read_endpoints(source: Object, at: Cursor, into: Collector) -> None:
    """An Endpoints object, the older form: it has the name of its Service."""
    for subset in at.items("subsets"):
        addresses = tuple(address.text("ip") for address in subset.items("addresses"))
        ports = tuple(
            (port.text("name"), port.number("port"), port.text("protocol", "TCP")) for port in subset.items("ports")
        )
        into.endpoint_slices.append(EndpointSlice(source.key, source.key.name, addresses, ports, source.place))
