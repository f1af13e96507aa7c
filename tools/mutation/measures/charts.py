"""Flux, and the values of charts."""

from __future__ import annotations

from typing import Any

from solutio_topology.checks.walk import part
from solutio_topology.manifests.facts import Workload
from tools.mutation.judge import Trial
from tools.mutation.measures.common import body, declared_service, last_step, leaves, name_of, namespace
from tools.mutation.signature import same_answer, same_edges
from tools.mutation.tree import GONE


def nothing_waits(trial: Trial) -> bool:
    """The rules of order (F010, F029) hold: nothing that comes after needs what is no longer waited for."""
    return same_answer(trial) and not any(each.code in ("F010", "F029") for each in trial.new)


def tried_again(trial: Trial) -> bool:
    return bool(part(body(trial), "spec", "install", "strategy", "name") == "RetryOnFailure")


def chart_default(trial: Trial) -> bool:
    """All that is gone is what the chart takes anyway (values.yaml of the versions that the catalogue names)."""
    chart = _chart(trial)
    said = leaves(part(body(trial), *trial.mutant.edit.pointer), trial.mutant.edit.pointer[2:])
    return trial.mutant.edit.value is GONE and all(
        path in _CHART_DEFAULTS.get(chart, {}) and _CHART_DEFAULTS[chart][path] == value for path, value in said
    )


_CHART_DEFAULTS: dict[str, dict[str, Any]] = {
    "cert-manager": {"crds.keep": True},
    "cloudnative-pg": {"crds.create": True, "config.clusterWide": True, "monitoring.podMonitorEnabled": False},
    "plugin-barman-cloud": {"crds.create": True},
    "external-secrets": {"installCRDs": True},
    "external-dns": {"registry": "txt", "annotationPrefix": "external-dns.alpha.kubernetes.io/"},
    "metrics-server": {"replicas": 1, "resources.requests.cpu": "100m", "resources.requests.memory": "200Mi"},
    "ingress-nginx": {
        "controller.allowSnippetAnnotations": False,
        "controller.enableAnnotationValidations": True,
        "controller.ingressClass": "nginx",
        "controller.ingressClassResource.name": "nginx",
        "controller.ingressClassResource.controllerValue": "k8s.io/ingress-nginx",
        "controller.ingressClassResource.default": False,
        "controller.watchIngressWithoutClass": False,
        "controller.minAvailable": 1,
        "controller.tolerations": [],
        "controller.service.type": "LoadBalancer",
        "controller.resources.requests.cpu": "100m",
        "controller.config.server-tokens": "false",
        "controller.config.strict-validate-path-type": "true",
    },
}


def _chart(trial: Trial) -> str:
    return str(part(body(trial), "spec", "chart", "spec", "chart"))


def inner_value(trial: Trial) -> bool:
    """One of the values that only the chart's own pods read, each with what it does."""
    path = ".".join(str(step) for step in trial.mutant.edit.pointer[2:])
    return (_chart(trial), path) in _INNER and same_edges(trial)


_INNER = {
    ("cert-manager", "global"): "where the lease of the leader lies",
    ("cert-manager", "global.leaderElection"): "where the lease of the leader lies",
    ("cert-manager", "global.leaderElection.namespace"): "where the lease of the leader lies",
    ("cert-manager", "prometheus"): "a port for metrics, closed by the policies",
    ("cert-manager", "prometheus.enabled"): "a port for metrics, closed by the policies",
    ("external-dns", "sources"): "Services are read by default, too; the declared hosts get their records (N017)",
    ("external-dns", "policy"): "upsert-only: every record is made, and none is taken back",
    ("external-dns", "txtOwnerId"): "any id will do, as long as no other cluster has it",
    ("metrics-server", "replicas"): "two of them answer the same",
    ("ingress-nginx", "controller.replicaCount"): "more than declared",
    ("ingress-nginx", "controller.ingressClass"): "for Ingresses that name a class by annotation",
    ("ingress-nginx", "controller.ingressClassResource.controllerValue"): "class and controller read the same value",
    ("ingress-nginx", "controller.config.annotations-risk-level"): "below Critical, so snippets stay refused",
    (
        "ingress-nginx",
        "controller.service.annotations.service.beta.kubernetes.io/do-loadbalancer-name",
    ): "what the provider calls it",
}


def one_pod_of_chart(trial: Trial) -> bool:
    """The chart makes one pod: nothing to spread, and no budget."""
    made = _made(trial)
    field = {"topologySpreadConstraints", "minAvailable"} & set(trial.mutant.edit.pointer)
    return bool(field) and len(made) == 1 and made[0].replicas <= 1


def _made(trial: Trial) -> list[Workload]:
    maker = f"HelmRelease {namespace(trial)}/{name_of(trial)}"
    return [each for each in trial.after.evidence.facts.workloads if each.maker == maker]


def spreads_the_same(trial: Trial) -> bool:
    """The constraint still means the chart's pods (A004 holds), and no others stand in their namespace."""
    made = _made(trial)
    spaces = {each.key.namespace for each in made}
    beside = [each for each in trial.after.evidence.facts.workloads if each.key.namespace in spaces]
    gone = trial.mutant.edit.value is GONE and "matchLabels" in trial.mutant.edit.pointer
    return gone and len(made) == 1 and beside == made


def no_gateway_asks(trial: Trial) -> bool:
    """No Gateway asks cert-manager for certificates: its Certificates are objects of their own."""
    gateways = trial.after.evidence.facts.gateways
    asked = any(key.startswith("cert-manager.io/") for each in gateways for key in each.annotations)
    return _chart(trial) == "cert-manager" and last_step(trial) in ("config", "enableGatewayAPI") and not asked


def every_ingress_has_a_class(trial: Trial) -> bool:
    """Whether a default class matters: no Ingress leaves its class out."""
    return last_step(trial) in ("default", "watchIngressWithoutClass") and all(
        each.ingress_class for each in trial.after.evidence.facts.ingresses
    )


def no_definitions_in_folder(trial: Trial) -> bool:
    """The chart has no `crds` folder, or nothing is applied of the kinds in it."""
    chart = _chart(trial)
    records = trial.after.evidence.of_kind("DNSEndpoint", "externaldns.k8s.io")
    return chart in _BY_TEMPLATE or (chart == "external-dns" and not records)


_BY_TEMPLATE = frozenset({
    "cert-manager", "cloudnative-pg", "plugin-barman-cloud", "external-secrets", "ingress-nginx", "metrics-server",
})  # fmt: skip
"""Charts whose definitions come from their templates, by a value, or that have none."""


def no_size_declared(trial: Trial) -> bool:
    """The topology says no size for the service: what its pods ask is what capacity is reckoned with (K001)."""
    node = declared_service(trial)
    asked = "resources" in trial.mutant.edit.pointer and node is not None
    return asked and node is not None and node.service.size is None and node.service.resources is None


def scratch_unbounded(trial: Trial) -> bool:
    """The topology says no limit of ephemeral storage of its own for the service."""
    node = declared_service(trial)
    said = node.resources.model_fields_set if node and node.resources else set()
    return last_step(trial) == "ephemeral-storage" and "ephemeral" not in said
