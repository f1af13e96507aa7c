"""The rendered tree, damaged one fault at a time: every fault is caught by a rule, without asking the renderer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.run import check_all
from solutio_topology.checks.suppress import suppress
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.workflows.project import Project, open_project
from solutio_topology.workflows.render import Fresh, render_environment

ROOT = Path(__file__).parents[2]
APPS, DATA, MEDIA = "default/apps", "default/data", "default/media"


@cache
def _project() -> Project:
    return open_project(ROOT / "topology.yaml")


@cache
def _fresh() -> Fresh:
    return render_environment(_project(), "prod")


def _codes(changes: dict[str, tuple[str, str]]) -> set[str]:
    """The codes of what is found, beyond what the topology acknowledges, once texts in files are replaced."""
    fresh, project = _fresh(), _project()
    files = {path: data for path, data in fresh.files.items() if path.startswith("rendered/")}
    for name, (old, new) in changes.items():
        path = f"rendered/prod/{name}.yaml"
        text = files[path].decode()
        assert old in text, (path, old)
        files[path] = text.replace(old, new, 1).encode()
    facts = read_files({path: data for path, data in files.items() if path.endswith(".yaml")})
    evidence = Evidence(facts, solve(facts), frozenset(files))
    outcome = check_all(Intent(fresh.graph, project.source.locate), evidence, precise=False)
    import datetime

    ignore = project.topology.ignore
    elsewhere = frozenset(range(len(ignore)))
    today = datetime.date(2026, 11, 24)
    left = suppress(outcome.findings, ignore, project.source.locate, today, used_elsewhere=elsewhere)
    return {finding.code for finding in left.findings if finding.severity != "info"}


def test_what_is_rendered_is_sound() -> None:
    assert _codes({}) == set()


# One line a fault, however long: what stands there, and what is put in its place.
# ruff: noqa: E501
DAMAGE = {
    "a public address without TLS": (f"{APPS}/api", "value: wss://live.solutio.app", "value: ws://live.solutio.app"),
    "a solver without a token": ("platform/configs/cluster-issuer", "apiTokenSecretRef:", "apiTokenSecret:"),
    "targetPort": (f"{APPS}/api", "targetPort: http", "targetPort: web"),
    "targetPort number": (f"{APPS}/api", "targetPort: http", "targetPort: 3001"),
    "Service port": (f"{DATA}/redis", "port: 6379\n    targetPort: redis", "port: 6380\n    targetPort: redis"),
    "Service selector": (
        f"{APPS}/api",
        "  selector:\n    topology.solutio.dev/service: api\n    topology.solutio.dev/process: main\n  ports:",
        "  selector:\n    topology.solutio.dev/service: apis\n  ports:",
    ),
    "Service of another": (
        f"{APPS}/api",
        "  selector:\n    topology.solutio.dev/service: api\n    topology.solutio.dev/process: main\n  ports:",
        "  selector:\n    topology.solutio.dev/service: front\n  ports:",
    ),
    "container port": (f"{APPS}/api", "containerPort: 3000", "containerPort: 3001"),
    "port name": (f"{APPS}/api", "- name: http\n          containerPort", "- name: web\n          containerPort"),
    "host": (f"{APPS}/api", "- host: api.solutio.app", "- host: apis.solutio.app"),
    "TLS host": (f"{APPS}/api", "    - api.solutio.app\n", "    - apis.solutio.app\n"),
    "class": (f"{APPS}/api", "ingressClassName: nginx", "ingressClassName: other"),
    "backend": (f"{APPS}/api", "            name: api\n", "            name: front\n"),
    "backend port": (f"{APPS}/api", "              name: http\n", "              number: 3001\n"),
    "not proxied": (f"{APPS}/api", 'cloudflare-proxied: "true"', 'cloudflare-proxied: "false"'),
    "environment host": (f"{APPS}/api", "@pg-rw.solutio-default.svc:5432", "@pg-rw.solutio-org-e.svc:5432"),
    "environment port": (f"{APPS}/api", "@pg-rw.solutio-default.svc:5432", "@pg-rw.solutio-default.svc:5433"),
    "environment of a third party": (f"{APPS}/api", "gcp.cloud.qdrant.io:6333", "gcp.cloud.example.org:6333"),
    "secret name": (f"{APPS}/api", "name: api-database", "name: api-databases"),
    "secret key": (f"{APPS}/api", "key: username", "key: user"),
    "egress port": (f"{APPS}/api", "      port: 5432\n", "      port: 5433\n"),
    "ingress port": (f"{DATA}/redis", "      port: 6379\n", "      port: 6378\n"),
    "policy peer": (
        f"{APPS}/api",
        "          topology.solutio.dev/service: listener\n",
        "          topology.solutio.dev/service: other\n",
    ),
    "policy namespace": (
        f"{APPS}/api",
        "kubernetes.io/metadata.name: ingress-nginx",
        "kubernetes.io/metadata.name: ingress",
    ),
    "policy protocol": (f"{DATA}/redis", "- protocol: TCP\n      port: 6379", "- protocol: UDP\n      port: 6379"),
    "policy wide open": (f"{DATA}/redis", "  - from:\n    - namespaceSelector:", "  - {}\n  - from:\n    - namespaceSelector:"),
    "FQDN": (f"{APPS}/api", "matchName: solutio.us-east4-0.gcp.cloud.qdrant.io", "matchName: example.org"),
    "no DNS rule": (f"{APPS}/api", "      rules:\n        dns:\n        - matchPattern: \"*\"\n", ""),
    "host network": (f"{APPS}/front", "      automountServiceAccountToken: false\n      enable", "      hostNetwork: true\n      enable"),
    "no host network": (f"{MEDIA}/lk", "      hostNetwork: true\n", ""),
    "load balancer": (f"{APPS}/front", "  type: ClusterIP", "  type: LoadBalancer"),
    "node port": (f"{APPS}/front", "  type: ClusterIP", "  type: NodePort"),
    "LB source ranges": (f"{APPS}/listener", "  - 203.0.113.0/24\n", "  - 198.18.0.0/15\n"),
    "edge ranges": ("platform/controllers/ingress-nginx", "      - 173.245.48.0/20\n", "      - 0.0.0.0/0\n"),
    "Helm class": ("platform/controllers/ingress-nginx", "        name: nginx\n", "        name: other\n"),
    "default deny": (
        "platform/controllers/tenant-default",
        "  name: default-deny\n  namespace: solutio-default\n",
        "  name: default-deny\n  namespace: solutio-defaults\n",
    ),
    "workload selector": (f"{APPS}/docs", "    matchLabels:\n      topology.solutio.dev/service: docs", "    matchLabels:\n      topology.solutio.dev/service: doc"),
    "identity": (f"{DATA}/redis", "service: redis\n    topology.solutio.dev/pod: default\n    topology.solutio.dev/process", "service: rds\n    topology.solutio.dev/pod: default\n    topology.solutio.dev/process"),
    "namespace": (f"{APPS}/docs", "namespace: solutio-default\n", "namespace: solutio-other\n"),
    "Flux path": ("flux/default", "path: ./rendered/prod/default/apps", "path: ./rendered/prod/default/app"),
    "Flux dependency": ("flux/default", "- name: platform-configs", "- name: platform-config"),
    "Flux account": ("flux/default", "  serviceAccountName: flux-default\n", ""),
    "chart version": ("platform/controllers/ingress-nginx", 'version: "4.15.1"', "version: 4.x"),
    "prune": (f"{DATA}/pg", "kustomize.toolkit.fluxcd.io/prune: disabled", "kustomize.toolkit.fluxcd.io/prune: enabled"),
    "unknown field": (f"{APPS}/api", "  revisionHistoryLimit: 3", "  revisionHistoryLimits: 3"),
    "wrong type": (f"{APPS}/docs", "  replicas: 2", '  replicas: "2"'),
    "image": (f"{APPS}/docs", "solutio-docs:1.2.0", "solutio-docs:latest"),
    "privileged": (f"{APPS}/docs", "allowPrivilegeEscalation: false", "privileged: true"),
    "autoscaler": (f"{APPS}/api", "    kind: Deployment\n    name: api\n", "    kind: Deployment\n    name: apis\n"),
    "probe port": (f"{APPS}/api", "            path: /up\n            port: http", "            path: /up\n            port: web"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_every_fault_is_caught(name: str) -> None:
    path, old, new = DAMAGE[name]
    assert _codes({path: (old, new)})
