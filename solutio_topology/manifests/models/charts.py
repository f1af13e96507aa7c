"""Charts that are a table: Deployments labelled as Helm's starter chart labels them, with Services in front.

Sources: the charts' templates and values.yaml at the versions named in SOURCES.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.models.objects import deployment, service
from solutio_topology.manifests.models.release import BY_HELM, Bodies, Model, Release, fullname, labels, short_name
from solutio_topology.manifests.models.scheduling import scheduled


class Part(Struct, frozen=True):
    """One Deployment of a chart and the Service in front of it.

    `name` is its ``app.kubernetes.io/name`` (empty: the chart's own, which ``nameOverride`` changes); `values` the key
    that its values stand under; `number_at` the key of a port that they may change; `service` maps Service ports to
    target names, or to a name and a target where they differ, and `service_name` is fixed where the chart fixes it.
    `requests` are the chart's own.
    """

    image: str
    ports: dict[str, int]
    name: str = ""
    component: str = ""
    suffix: str = ""
    values: str = ""
    enabled: str = ""
    number_at: dict[str, str] = field(default_factory=dict)
    service: dict[int, str | tuple[str, int | str]] = field(default_factory=dict)
    service_name: str = ""
    app_label: bool = False
    helm_labels: bool = False
    monitored: str = ""
    """The port that the Service has only while ``prometheus.enabled`` is left on, and mostly the pods as well."""
    always_listens: bool = False
    """The pods declare the monitored port in any case."""
    requests: dict[str, str] = field(default_factory=dict)


_CERT_MANAGER = "quay.io/jetstack/cert-manager"
_EXTERNAL_SECRETS = "oci.external-secrets.io/external-secrets/external-secrets"
TABLE: dict[str, tuple[Part, ...]] = {
    "cert-manager": (
        Part(
            f"{_CERT_MANAGER}-controller",
            {"http-metrics": 9402, "http-healthz": 9403},
            component="controller",
            service={9402: ("http-metrics", 9402)},
            app_label=True,
            helm_labels=True,
            monitored="http-metrics",
            always_listens=True,
        ),
        Part(
            f"{_CERT_MANAGER}-webhook",
            {"https": 10250, "healthcheck": 6080, "http-metrics": 9402},
            name="webhook",
            component="webhook",
            suffix="-webhook",
            values="webhook",
            number_at={"https": "securePort"},
            service={443: "https", 9402: ("metrics", "http-metrics")},
            app_label=True,
            helm_labels=True,
            monitored="http-metrics",
        ),
        Part(
            f"{_CERT_MANAGER}-cainjector",
            {"http-metrics": 9402},
            name="cainjector",
            component="cainjector",
            suffix="-cainjector",
            values="cainjector",
            enabled="enabled",
            service={9402: ("http-metrics", 9402)},
            app_label=True,
            helm_labels=True,
            monitored="http-metrics",
        ),
    ),
    "external-secrets": (
        Part(_EXTERNAL_SECRETS, {"metrics": 8080}, helm_labels=True),
        Part(
            _EXTERNAL_SECRETS,
            {"metrics": 8080, "webhook": 10250},
            name="external-secrets-webhook",
            suffix="-webhook",
            values="webhook",
            enabled="create",
            number_at={"webhook": "port"},
            service={443: "webhook"},
            helm_labels=True,
        ),
        Part(
            _EXTERNAL_SECRETS,
            {"metrics": 8080},
            name="external-secrets-cert-controller",
            suffix="-cert-controller",
            values="certController",
            enabled="create",
            helm_labels=True,
        ),
    ),
    "external-dns": (Part("registry.k8s.io/external-dns/external-dns", {"http": 7979}, service={7979: "http"}),),
    "metrics-server": (
        Part(
            "registry.k8s.io/metrics-server/metrics-server",
            {"https": 10250},
            number_at={"https": "containerPort"},
            service={443: "https"},
            requests={"cpu": "100m", "memory": "200Mi"},
        ),
    ),
    "cloudnative-pg": (
        Part(
            "ghcr.io/cloudnative-pg/cloudnative-pg",
            {"metrics": 8080, "webhook-server": 9443},
            service={443: "webhook-server"},
            service_name="cnpg-webhook-service",
        ),
    ),
    "plugin-barman-cloud": (
        Part(
            "ghcr.io/cloudnative-pg/plugin-barman-cloud",
            {"grpc": 9090},
            service={9090: "grpc"},
            service_name="barman-cloud",
        ),
    ),
    "valkey": (Part("docker.io/valkey/valkey", {"tcp": 6379}, service={6379: "tcp"}),),
}
SOURCES = {
    "cert-manager": "v1.21.1",
    "external-secrets": "0.20.4",
    "external-dns": "1.21.1",
    "metrics-server": "3.13.0",
    "cloudnative-pg": "0.29.0",
    "plugin-barman-cloud": "0.7.0",
    "valkey": "0.11.0",
}
"""The version of each chart whose templates the table was read from."""


def tabled(chart: str) -> Model:
    """The model of a chart of TABLE."""

    def model(release: Release) -> Bodies:
        return [body for part in TABLE[chart] for body in _objects(part, chart, release)]

    return model


def _objects(part: Part, chart: str, release: Release) -> Iterator[dict[str, Any]]:
    values = release.values.get(part.values) if part.values else release.values
    if part.enabled and not values.flag(part.enabled, True):
        return
    name = part.name or short_name(release, chart)
    selected = labels(name, release, part.component)
    more = {"app": name} if part.app_label else {}
    more |= BY_HELM if part.helm_labels else {}
    own = f"{fullname(release, chart)}{part.suffix}"
    body = deployment(
        own,
        release.namespace,
        {**selected, **more, **values.labels("podLabels")},
        _ports(part, release, values),
        f"{part.image}:pinned-by-chart",
        values.number("replicaCount", 1),
        host_network=values.flag("hostNetwork"),
    )
    yield scheduled(body, values, part.requests)
    fronts = list(_fronts(part, release))
    if fronts:
        yield service(part.service_name or own, release.namespace, selected, fronts)


def _hidden(part: Part, release: Release) -> str:
    """The port that is left out while nothing is monitored."""
    return "" if release.values.get("prometheus").flag("enabled", True) else part.monitored


def _ports(part: Part, release: Release, values: Cursor) -> dict[str, int]:
    hidden = "" if part.always_listens else _hidden(part, release)
    return {
        port: _number(values, part.number_at.get(port), number)
        for port, number in part.ports.items()
        if not hidden or port != hidden
    }


def _fronts(part: Part, release: Release) -> Iterator[tuple[str, int, str | int, str]]:
    hidden = _hidden(part, release)
    for number, shown in part.service.items():
        name, target = shown if isinstance(shown, tuple) else (shown, shown)
        if not hidden or number != part.ports[hidden]:
            yield name, number, target, "TCP"


def _number(values: Cursor, key: str | None, default: int) -> int:
    return values.number(key, default) if key else default
