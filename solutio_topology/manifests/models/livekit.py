"""The chart livekit-server 1.9.0: the pods on the nodes' network, their Service, and what else lets traffic in.

Source: livekit-server/templates/{deployment,service,ingress,turnloadbalancer}.yaml of the chart's repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.models.objects import deployment, service
from solutio_topology.manifests.models.release import Bodies, Release, fullname, labels, short_name
from solutio_topology.manifests.models.scheduling import scheduled

CHART = "livekit-server"
_NODE_PORT = frozenset({"alb", "gke", "gke-managed-cert", "do", "gclb"})
_PLAIN = frozenset({"disable", "gclb"})
"""Types of load balancer with which the Service carries media ports as well."""
_INGRESS_CLASSES = {"do": "nginx", "alb": "alb", "gke": "gce", "gke-managed-cert": "gce", "gclb": "gce"}


def livekit_server(release: Release) -> Bodies:
    """What a release of the chart makes."""
    name, selected = fullname(release, CHART), labels(short_name(release, CHART), release)
    balancer, turn = release.values.get("loadBalancer"), release.values.get("turnLoadbalancer")
    found = [
        _server(name, release, selected),
        _front(name, release, selected, balancer),
        *_ingress(name, release, balancer),
    ]
    if turn.flag("enable"):
        number = release.values.get("livekit", "turn").number("tls_port", 5349)
        ports = [("turn-tls", 443, number, "TCP")]
        found.append(service(f"{name}-turn", release.namespace, selected, ports, kind="LoadBalancer"))
    return found


def _server(name: str, release: Release, selected: dict[str, str]) -> dict[str, Any]:
    values, image = release.values, release.values.get("image")
    reference = f"{image.text('repository', 'livekit/livekit-server')}:{image.text('tag') or 'pinned-by-chart'}"
    host = values.flag("podHostNetwork", True)
    replicas = values.number("replicaCount", 1)
    body = deployment(name, release.namespace, selected, {}, reference, replicas, host_network=host)
    ports = [{"name": "http", "containerPort": values.get("livekit").number("port", 7880)}]
    ports += [
        {"name": port, "containerPort": number, "hostPort": number, "protocol": protocol}
        for port, number, protocol in _media(values.get("livekit"))
    ]
    body["spec"]["template"]["spec"]["containers"][0]["ports"] = ports
    return scheduled(body, values)


def _media(at: Cursor) -> Iterator[tuple[str, int, str]]:
    """The ports that the chart declares on the node; a range of UDP ports it does not declare."""
    rtc, turn = at.get("rtc"), at.get("turn")
    found = [("rtc-udp", rtc, "udp_port", "UDP"), ("rtc-tcp", rtc, "tcp_port", "TCP")]
    found.append(("metrics", at, "prometheus_port", "TCP"))
    if turn.flag("enabled"):
        found += [("turn-tls", turn, "tls_port", "TCP"), ("turn-udp", turn, "udp_port", "UDP")]
    for port, where, key, protocol in found:
        if number := where.number(key, 7881 if port == "rtc-tcp" else 0):
            yield port, number, protocol


def _front(name: str, release: Release, selected: dict[str, str], balancer: Cursor) -> dict[str, Any]:
    kind = balancer.text("type", "disable")
    ports: list[tuple[str, int, str, str]] = [("http", balancer.number("servicePort", 80), "http", "TCP")]
    carried = {"metrics", *(("rtc-tcp", "rtc-udp") if kind in _PLAIN else ())}
    ports += [
        (port, number, port, protocol)
        for port, number, protocol in _media(release.values.get("livekit"))
        if port in carried
    ]
    service_type = "NodePort" if kind in _NODE_PORT else "LoadBalancer" if kind == "aws" else "ClusterIP"
    return service(name, release.namespace, selected, ports, kind=service_type)


def _ingress(name: str, release: Release, balancer: Cursor) -> Iterator[dict[str, Any]]:
    ingress_class = _INGRESS_CLASSES.get(balancer.text("type", "disable"))
    if ingress_class is None:
        return
    blocks = [
        {"hosts": list(block.texts("hosts")), "secretName": block.text("secretName")} for block in balancer.items("tls")
    ]
    backend = {"service": {"name": name, "port": {"number": balancer.number("servicePort", 80)}}}
    paths = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
    hosts = [host for block in blocks for host in block["hosts"]]
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": release.namespace},
        "spec": {
            "ingressClassName": ingress_class,
            "tls": blocks,
            "rules": [{"host": host, "http": paths} for host in hosts] or [{"http": paths}],
        },
    }
