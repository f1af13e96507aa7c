"""The pods, Services and IngressClasses of charts that are known, from the values of a HelmRelease.

Sources: the charts' templates and values.yaml at the versions named in CHARTS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Assumption, Object
from solutio_topology.manifests.models.objects import deployment, service

Values = dict[str, Any]
Bodies = list[dict[str, Any]]


def release_objects(source: Object, at: Cursor) -> tuple[Assumption, Bodies] | str:
    """What the release makes, or why that is not known."""
    spec = at.get("spec")
    chart = spec.get("chart", "spec").text("chart") or spec.get("chartRef").text("name")
    model = CHARTS.get(chart.rpartition("/")[2])
    if model is None:
        return f"what the chart {chart or '(none)'} makes is not known"
    namespace = spec.text("targetNamespace") or source.key.namespace
    release = spec.text("releaseName") or _default_release(spec, source)
    values = spec.get("values").value
    bodies = model(release, namespace, values if isinstance(values, dict) else {})
    rest = "; values from other objects are not seen" if spec.get("valuesFrom").value else ""
    return (
        Assumption(
            f"chart-{chart.rpartition('/')[2]}",
            f"{source.key} makes the pods and Services of its chart{rest}",
            f"templates of the Helm chart {chart} {spec.get('chart', 'spec').text('version')}".rstrip(),
        ),
        bodies,
    )


def _default_release(spec: Cursor, source: Object) -> str:
    """Flux names a release after the HelmRelease, with the target namespace in front where one is given."""
    target = spec.text("targetNamespace")
    return f"{target}-{source.key.name}" if target else source.key.name


def value(values: Values, path: str, default: Any) -> Any:
    """The value at a dotted path, or the chart's default."""
    found: Any = values
    for step in path.split("."):
        if not isinstance(found, dict) or found.get(step) is None:
            return default
        found = found[step]
    return found


def _fullname(release: str, chart: str, values: Values) -> str:
    """The ``fullname`` helper of Helm's starter chart, which all of these use."""
    if override := value(values, "fullnameOverride", ""):
        return str(override)
    name = str(value(values, "nameOverride", chart))
    return release if name in release else f"{release}-{name}"


def _labels(name: str, release: str, component: str = "") -> dict[str, str]:
    found = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": release}
    return {**found, "app.kubernetes.io/component": component} if component else found


def _ingress_nginx(release: str, namespace: str, values: Values) -> Bodies:
    labels = _labels("ingress-nginx", release, "controller")
    pod_labels = {**labels, **value(values, "controller.labels", {}), **value(values, "controller.podLabels", {})}
    name = f"{_fullname(release, 'ingress-nginx', values)}-controller"
    image = "registry.k8s.io/ingress-nginx/controller:" + str(value(values, "controller.image.tag", "v1.15.1"))
    ports = {"http": 80, "https": 443, "webhook": 8443}
    if value(values, "controller.metrics.enabled", False):
        ports["metrics"] = 10254
    replicas = value(values, "controller.replicaCount", 1)
    controller = str(value(values, "controller.ingressClassResource.controllerValue", "k8s.io/ingress-nginx"))
    found = [
        deployment(name, namespace, pod_labels, ports, image, replicas, args=[f"--controller-class={controller}"]),
        _nginx_service(name, namespace, labels, values),
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {
                "name": value(values, "controller.ingressClassResource.name", "nginx"),
                "annotations": {
                    "ingressclass.kubernetes.io/is-default-class": str(
                        bool(value(values, "controller.ingressClassResource.default", False))
                    ).lower()
                },
            },
            "spec": {"controller": controller},
        },
    ]
    if value(values, "controller.admissionWebhooks.enabled", True):
        ports_of_webhook = [("https-webhook", 443, "webhook", "TCP")]
        found.append(service(f"{name}-admission", namespace, labels, ports_of_webhook))
    return found


def _nginx_service(name: str, namespace: str, labels: dict[str, str], values: Values) -> dict[str, Any]:
    ports = [
        (scheme, int(value(values, f"controller.service.ports.{scheme}", number)), scheme, "TCP")
        for scheme, number in (("http", 80), ("https", 443))
        if value(values, f"controller.service.enable{scheme.capitalize()}", True)
    ]
    body = service(name, namespace, labels, ports, kind=str(value(values, "controller.service.type", "LoadBalancer")))
    body["metadata"]["annotations"] = value(values, "controller.service.annotations", {})
    body["spec"]["loadBalancerSourceRanges"] = value(values, "controller.service.loadBalancerSourceRanges", [])
    body["spec"]["externalTrafficPolicy"] = (
        value(values, "controller.service.externalTrafficPolicy", "Cluster") or "Cluster"
    )
    return body


def _cert_manager(release: str, namespace: str, values: Values) -> Bodies:
    name = _fullname(release, "cert-manager", values)
    found = []
    for component, ports, suffix in (
        ("controller", {"http-metrics": 9402, "http-healthz": 9403}, ""),
        ("webhook", {"https": 10250, "healthcheck": 6080}, "-webhook"),
        ("cainjector", {"http-metrics": 9402}, "-cainjector"),
    ):
        app = "cert-manager" if component == "controller" else component
        labels = {"app": app, **_labels(app, release, component)}
        image = f"quay.io/jetstack/cert-manager-{component}:pinned-by-chart"
        found.append(deployment(f"{name}{suffix}", namespace, labels, ports, image))
    labels = _labels("webhook", release, "webhook")
    found.append(service(f"{name}-webhook", namespace, labels, [("https", 443, "https", "TCP")]))
    return found


def _simple(
    chart: str, image: str, ports: dict[str, int], *, services: dict[str, tuple[int, str]] | None = None
) -> Callable[[str, str, Values], Bodies]:
    """A chart with one Deployment, labelled as Helm's starter chart does."""

    def model(release: str, namespace: str, values: Values) -> Bodies:
        labels = _labels(str(value(values, "nameOverride", chart)), release)
        name = _fullname(release, chart, values)
        found = [deployment(name, namespace, labels, ports, image, value(values, "replicaCount", 1))]
        for own, (number, target) in (services or {}).items():
            found.append(service(own.format(name=name), namespace, labels, [(target, number, target, "TCP")]))
        return found

    return model


def _external_secrets(release: str, namespace: str, values: Values) -> Bodies:
    name = _fullname(release, "external-secrets", values)
    image = "oci.external-secrets.io/external-secrets/external-secrets:pinned-by-chart"
    found = []
    for app, suffix, ports in (
        ("external-secrets", "", {"metrics": 8080}),
        ("external-secrets-webhook", "-webhook", {"metrics": 8080, "webhook": 10250}),
        ("external-secrets-cert-controller", "-cert-controller", {"metrics": 8080}),
    ):
        found.append(deployment(f"{name}{suffix}", namespace, _labels(app, release), ports, image))
    labels = _labels("external-secrets-webhook", release)
    found.append(service(f"{name}-webhook", namespace, labels, [("webhook", 443, "webhook", "TCP")]))
    return found


CHARTS: dict[str, Callable[[str, str, Values], Bodies]] = {
    "ingress-nginx": _ingress_nginx,
    "cert-manager": _cert_manager,
    "external-secrets": _external_secrets,
    "external-dns": _simple(
        "external-dns", "registry.k8s.io/external-dns/external-dns:pinned-by-chart", {"http": 7979}
    ),
    "metrics-server": _simple(
        "metrics-server",
        "registry.k8s.io/metrics-server/metrics-server:pinned-by-chart",
        {"https": 10250},
        services={"{name}": (443, "https")},
    ),
    "cloudnative-pg": _simple(
        "cloudnative-pg",
        "ghcr.io/cloudnative-pg/cloudnative-pg:pinned-by-chart",
        {"metrics": 8080, "webhook-server": 9443},
        services={"cnpg-webhook-service": (443, "webhook-server")},
    ),
    "plugin-barman-cloud": _simple(
        "plugin-barman-cloud",
        "ghcr.io/cloudnative-pg/plugin-barman-cloud:pinned-by-chart",
        {"grpc": 9090},
        services={"barman-cloud": (9090, "grpc")},
    ),
    "valkey": _simple(
        "valkey", "docker.io/valkey/valkey:pinned-by-chart", {"tcp": 6379}, services={"{name}": (6379, "tcp")}
    ),
}
"""Read at ingress-nginx 4.15.1, cert-manager v1.21.1, external-secrets 0.x, external-dns 1.21.1, metrics-server 3.x,
cloudnative-pg 0.29.0, plugin-barman-cloud 0.7.0 and valkey 0.11.0."""
