"""The chart ingress-nginx 4.15.1: controller, Services, IngressClass.

Source: charts/ingress-nginx/templates/controller-{deployment,service,service-internal,ingressclass}.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.models.objects import deployment, service
from solutio_topology.manifests.models.release import BY_HELM, Bodies, Release, fullname, labels, short_name
from solutio_topology.manifests.models.scheduling import scheduled

CHART = "ingress-nginx"
_IMAGE = "registry.k8s.io/ingress-nginx/controller"
_REQUESTS = {"cpu": "100m", "memory": "90Mi"}
_SCHEMES = (("http", 80, "enableHttp"), ("https", 443, "enableHttps"))


def ingress_nginx(release: Release) -> Bodies:
    """What a release of the chart makes."""
    at = release.values.get("controller")
    selected = labels(short_name(release, CHART), release, "controller")
    name = f"{fullname(release, CHART)}-controller"
    return [
        _controller(name, release, at, selected),
        *_services(name, release, at, selected),
        *_ingress_class(at),
    ]


def _controller(name: str, release: Release, at: Cursor, selected: dict[str, str]) -> dict[str, Any]:
    numbers = at.get("containerPort")
    ports = {scheme: numbers.number(scheme, number) for scheme, number, _ in _SCHEMES}
    if at.get("admissionWebhooks").flag("enabled", True):
        ports["webhook"] = at.get("admissionWebhooks").number("port", 8443)
    if at.get("metrics").flag("enabled"):
        ports["metrics"] = at.get("metrics").number("port", 10254)
    streams = _streams(release)
    body = deployment(
        name,
        release.namespace,
        {
            **selected,
            **BY_HELM,
            "app.kubernetes.io/part-of": short_name(release, CHART),
            **at.labels("labels"),
            **at.labels("podLabels"),
        },
        ports,
        f"{at.get('image').text('repository', _IMAGE)}:{at.get('image').text('tag', 'v1.15.1')}",
        at.number("replicaCount", 1),
        args=[f"--controller-class={_class(at)}"],
        kind=at.text("kind", "Deployment"),
        host_network=at.flag("hostNetwork"),
    )
    declared = body["spec"]["template"]["spec"]["containers"][0]["ports"]
    declared += [{"name": port, "containerPort": number, "protocol": kind} for port, number, kind in streams]
    if at.get("hostPort").flag("enabled"):
        chosen = at.get("hostPort", "ports")
        for port, (scheme, number, _) in zip(declared, _SCHEMES, strict=False):
            port["hostPort"] = chosen.number(scheme, number)
    return scheduled(body, at, _REQUESTS)


def _streams(release: Release) -> list[tuple[str, int, str]]:
    """The raw ports of ``tcp`` and ``udp``: (name, number, protocol)."""
    found = []
    for kind in ("tcp", "udp"):
        for port in sorted(release.values.labels(kind)):
            if port.isdecimal():
                found.append((f"{port}-{kind}", int(port), kind.upper()))
            else:
                release.values.get(kind).note(f"{port!r} is no port", "use the port's number as key")
    return found


def _class(at: Cursor) -> str:
    return at.get("ingressClassResource").text("controllerValue", "k8s.io/ingress-nginx")


def _services(name: str, release: Release, at: Cursor, selected: dict[str, str]) -> Iterator[dict[str, Any]]:
    spec = at.get("service")
    if spec.flag("enabled", True):
        if spec.get("external").flag("enabled", True):
            yield _balanced(name, release, spec, spec, selected)
        if spec.get("internal").flag("enabled"):
            yield _balanced(f"{name}-internal", release, spec.get("internal"), spec, selected)
    if at.get("admissionWebhooks").flag("enabled", True):
        yield service(f"{name}-admission", release.namespace, selected, [("https-webhook", 443, "webhook", "TCP")])
    if at.get("metrics").flag("enabled"):
        number = at.get("metrics", "service").number("servicePort", 10254)
        yield service(f"{name}-metrics", release.namespace, selected, [("metrics", number, "metrics", "TCP")])


def _balanced(name: str, release: Release, own: Cursor, shared: Cursor, selected: dict[str, str]) -> dict[str, Any]:
    targets = own.get("targetPorts")
    ports: list[tuple[str, int, int | str, str]] = [
        (scheme, own.get("ports").number(scheme, number), targets.number_or_name(scheme) or scheme, "TCP")
        for scheme, number, switch in _SCHEMES
        if shared.flag(switch, True)
    ]
    ports += [(port, number, port, protocol) for port, number, protocol in _streams(release)]
    body = service(
        name, release.namespace, selected, ports, kind=own.text("type") or shared.text("type", "LoadBalancer")
    )
    body["metadata"]["annotations"] = own.labels("annotations")
    body["spec"]["loadBalancerSourceRanges"] = list(own.texts("loadBalancerSourceRanges"))
    body["spec"]["externalTrafficPolicy"] = own.text("externalTrafficPolicy") or "Cluster"
    return body


def _ingress_class(at: Cursor) -> Iterator[dict[str, Any]]:
    resource = at.get("ingressClassResource")
    if not resource.flag("enabled", True):
        return
    default = {"ingressclass.kubernetes.io/is-default-class": "true"} if resource.flag("default") else {}
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": resource.text("name", "nginx"), "annotations": default},
        "spec": {"controller": _class(at)},
    }
