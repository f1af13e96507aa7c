"""Edits of the real topology, and the whole of what each of them does."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.diff.digest import digest
from tests.diff.edits import edited

API = "spec.template.spec.containers[api]"
WORKER = "spec.template.spec.containers[worker]"
API_RESTARTS = [
    "rolling: Deployment solutio-default/api 2 to 8",
    "rolling: Deployment solutio-default/api-worker 2",
    "rolling: Deployment solutio-org-e/api 2 to 4",
    "rolling: Deployment solutio-org-e/api-worker 2",
]

PAIRS: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "image bump": (
        [("tag: 2026.11.1", "tag: 2026.11.2")],
        [
            "changed Deployment solutio-default/api x2: spec.template.spec.containers[api].image",
            "changed Deployment solutio-default/api-worker x2: spec.template.spec.containers[worker].image",
            "renamed Job solutio-default/api-migrate-HASH x2",
            "rolling: Deployment solutio-default/api 2 to 8",
            "rolling: Deployment solutio-default/api-worker 2",
            "rolling: Deployment solutio-org-e/api 2 to 4",
            "rolling: Deployment solutio-org-e/api-worker 2",
            "run: Job solutio-default/api-migrate-HASH 1",
            "run: Job solutio-org-e/api-migrate-HASH 1",
            "because services.api.image.tag",
        ],
    ),
    "replica change": (
        [("title: LiveKit cluster\n    replicas: 3", "title: LiveKit cluster\n    replicas: 2")],
        [
            "changed Deployment solutio-default-media/lk: spec.replicas",
            "scaled: Deployment solutio-default-media/lk 3 → 2",
            "because services.lk.replicas",
        ],
    ),
    "size change": (
        [("  medium: {cpu: 250m, memory: 512Mi}", "  medium: {cpu: 250m, memory: 768Mi}")],
        [
            "changed Deployment solutio-default/api-worker x2: spec.template.spec.containers[worker].resources.requests.memory, spec.template.spec.containers[worker].resources.limits.memory",
            "changed Deployment solutio-default/front: spec.template.spec.containers[front].resources.requests.memory, spec.template.spec.containers[front].resources.limits.memory",
            "rolling: Deployment solutio-default/api-worker 2",
            "rolling: Deployment solutio-default/front 2 to 6",
            "rolling: Deployment solutio-org-e/api-worker 2",
            "because sizes.medium.memory",
        ],
    ),
    "new service with edges": (
        [
            (
                "  # Media layer\n  lk:",
                '  report:\n    component: worker\n    layer: apps\n    title: Reports\n    image: {name: report, tag: "1.0"}\n    size: small\n    pool: apps\n\n  # Media layer\n  lk:',
            ),
            (
                "  api-redis:    {",
                "  report-redis: {from: report, to: redis, env: REDIS_URL, secret: redis-auth}\n  api-redis:    {",
            ),
            ("lk, lkin, lkredis, g2", "report, lk, lkin, lkredis, g2"),
        ],
        [
            "added ServiceAccount solutio-default/report",
            "added Deployment solutio-default/report",
            "changed NetworkPolicy solutio-default/redis-ingress: spec.ingress[]",
            "added NetworkPolicy solutio-default/report-egress",
            "started: Deployment solutio-default/report 1",
            "opened: solutio-default/report[Deployment] -> solutio-default/redis[StatefulSet]: TCP 6379",
            "introduced T001: edge report-redis of org-e",
            "because edges.report-redis",
            "because services.report",
        ],
    ),
    "port change": (
        [("    component: go2rtc\n", "    component: go2rtc\n    ports: {rtsp: {port: 9554, scheme: rtsp}}\n")],
        [
            "changed ConfigMap solutio-default-media/g2-files: data.config.go2rtc.yaml",
            "changed Service solutio-default-media/g2: spec.ports[8554/TCP], spec.ports[9554/TCP]",
            "changed Service solutio-default-media/g2-public: spec.ports[8554/TCP], spec.ports[9554/TCP]",
            "changed Deployment solutio-default-media/g2: spec.template.metadata.annotations.topology.solutio.dev/files, spec.template.spec.containers[g2].ports[8554/TCP], spec.template.spec.containers[g2].ports[9554/TCP]",
            "changed NetworkPolicy solutio-default-media/g2-ingress: spec.ingress[], spec.ingress[]",
            "rolling: Deployment solutio-default-media/g2 1",
            "changed: 198.51.100.0-198.51.100.255 -> solutio-default-media/g2[Deployment]: TCP 9554",
            "because services.g2.ports",
        ],
    ),
    "host rename": (
        [('host: "docs.{zone}"', 'host: "help.{zone}"')],
        [
            "changed Ingress solutio-default/docs: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[docs.solutio.app], spec.rules[help.solutio.app]",
            "host +help.solutio.app",
            "host -docs.solutio.app",
            "because edges.ing-docs.host",
        ],
    ),
    "database grows": (
        [("storage: 100Gi", "storage: 200Gi")],
        ["changed Cluster solutio-default/pg: spec.storage.size", "because services.pg.storage"],
    ),
    "database shrinks": (
        [("storage: 100Gi", "storage: 40Gi")],
        [
            "changed Cluster solutio-default/pg: spec.storage.size",
            "danger immutable-field: Cluster solutio-default/pg",
            "because services.pg.storage",
        ],
    ),
    "storage class": (
        [("storage: 100Gi", "storage: {size: 100Gi, class: do-block-storage-xfs-retain}")],
        [
            "changed Cluster solutio-default/pg x2: spec.storage.storageClass",
            "danger storage-class-ignored: Cluster solutio-default/pg",
            "danger storage-class-ignored: Cluster solutio-org-e/pg",
            "because services.pg.storage",
        ],
    ),
    "redis storage": (
        [("    pool: apps\n    storage: 5Gi", "    pool: apps\n    storage: 10Gi")],
        [
            "changed StatefulSet solutio-default/redis x2: spec.volumeClaimTemplates[data].spec.resources.requests.storage",
            "danger immutable-field: StatefulSet solutio-default/redis",
            "danger immutable-field: StatefulSet solutio-org-e/redis",
            "because services.redis.storage",
        ],
    ),
    "tier change": (
        [
            ("dedicates: [api, pg, redis, listener, voice]", "dedicates: [api, pg, redis, listener, voice, front]"),
            ("panels, cameras, ing, front,", "panels, cameras, ing,"),
        ],
        [
            "added Service solutio-org-e/front",
            "added ServiceAccount solutio-org-e/front",
            "added Deployment solutio-org-e/front",
            "added HorizontalPodAutoscaler solutio-org-e/front",
            "added Ingress solutio-org-e/front",
            "changed NetworkPolicy ingress-nginx/ing-egress: spec.egress[]",
            "added NetworkPolicy solutio-org-e/front-ingress",
            "added PodDisruptionBudget solutio-org-e/front",
            "started: Deployment solutio-org-e/front 2 to 6",
            "opened: ingress-nginx/ingress-nginx-controller[Deployment] -> solutio-org-e/front[Deployment]: TCP 3000",
            "host +app-org-e.solutio.app",
            "because tiers.enterprise.dedicates",
            "because tiers.enterprise.shares",
        ],
    ),
    "edge removed": (
        [("  voice-models: {from", "  #voice-models: {from")],
        [
            "changed Deployment solutio-default/voice x2: spec.template.spec.containers[voice].env[OPENAI_BASE_URL], spec.template.spec.containers[voice].env[OPENAI_API_KEY]",
            "changed CiliumNetworkPolicy solutio-default/voice-egress x2: spec.egress[], spec.egress[]",
            "removed ExternalSecret solutio-default/voice-models x2",
            "rolling: Deployment solutio-default/voice 2",
            "rolling: Deployment solutio-org-e/voice 2",
            "danger object-removed: ExternalSecret solutio-default/voice-models",
            "danger object-removed: ExternalSecret solutio-org-e/voice-models",
            "introduced G003: service models",
            "because edges.voice-models",
        ],
    ),
    "kubernetes version": (
        [('kubernetes: "1.34"', 'kubernetes: "1.36"')],
        ["danger kubernetes-version: Cluster prod"],
    ),
    "chart upgrade": (
        [
            (
                "  pools:                       #",
                "  controllers: {cert-manager: {version: v2.0.0}}\n  pools:                       #",
            )
        ],
        [
            "changed HelmRelease flux-system/cert-manager: spec.chart.spec.version",
            "by its controller: HelmRelease flux-system/cert-manager",
            "danger helm-major: HelmRelease flux-system/cert-manager",
            "because platform.controllers",
        ],
    ),
    "environment variable": (
        [
            (
                "environments:\n  prod: {zone: solutio.app}",
                "environments:\n  prod: {zone: solutio.app, services: {api: {env: {RAILS_LOG_LEVEL: warn}}}}",
            )
        ],
        [
            "changed Deployment solutio-default/api x2: spec.template.spec.containers[api].env[RAILS_LOG_LEVEL].value",
            "changed Deployment solutio-default/api-worker x2: spec.template.spec.containers[worker].env[RAILS_LOG_LEVEL].value",
            "renamed Job solutio-default/api-migrate-HASH x2",
            "rolling: Deployment solutio-default/api 2 to 8",
            "rolling: Deployment solutio-default/api-worker 2",
            "rolling: Deployment solutio-org-e/api 2 to 4",
            "rolling: Deployment solutio-org-e/api-worker 2",
            "run: Job solutio-default/api-migrate-HASH 1",
            "run: Job solutio-org-e/api-migrate-HASH 1",
            "because environments.prod.services",
        ],
    ),
    "zone": (
        [("environments:\n  prod: {zone: solutio.app}", "environments:\n  prod: {zone: solutio.dev}")],
        [
            "changed Deployment solutio-default/api x2: spec.template.spec.containers[api].env[LIVEKIT_PUBLIC_URL].value",
            "changed Deployment solutio-default/api-worker x2: spec.template.spec.containers[worker].env[LIVEKIT_PUBLIC_URL].value",
            "changed Deployment solutio-default/front: spec.template.spec.containers[front].env[LIVEKIT_PUBLIC_URL].value",
            "renamed Job solutio-default/api-migrate-HASH x2",
            "changed HelmRelease flux-system/external-dns: spec.values.domainFilters[0]",
            "changed Ingress solutio-default/api: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[api.solutio.app], spec.rules[api.solutio.dev]",
            "changed Ingress solutio-default/atlas: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[solutio.app], spec.rules[solutio.dev]",
            "changed Ingress solutio-default/docs: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[docs.solutio.app], spec.rules[docs.solutio.dev]",
            "changed Ingress solutio-default/front: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[app.solutio.app], spec.rules[app.solutio.dev]",
            "changed Ingress solutio-default-media/lk: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[live.solutio.app], spec.rules[live.solutio.dev]",
            "changed Ingress solutio-org-e/api: metadata.annotations.external-dns.alpha.kubernetes.io/hostname, spec.tls[], spec.tls[], spec.rules[api-org-e.solutio.app], spec.rules[api-org-e.solutio.dev]",
            "rolling: Deployment solutio-default/api 2 to 8",
            "rolling: Deployment solutio-default/api-worker 2",
            "rolling: Deployment solutio-default/front 2 to 6",
            "rolling: Deployment solutio-org-e/api 2 to 4",
            "rolling: Deployment solutio-org-e/api-worker 2",
            "run: Job solutio-default/api-migrate-HASH 1",
            "run: Job solutio-org-e/api-migrate-HASH 1",
            "by its controller: HelmRelease flux-system/external-dns",
            "host +api-org-e.solutio.dev",
            "host +api.solutio.dev",
            "host +app.solutio.dev",
            "host +docs.solutio.dev",
            "host +live.solutio.dev",
            "host +solutio.dev",
            "host -api-org-e.solutio.app",
            "host -api.solutio.app",
            "host -app.solutio.app",
            "host -docs.solutio.app",
            "host -live.solutio.app",
            "host -solutio.app",
            "because environments.prod.zone",
        ],
    ),
    "costs only": (
        [("monthly: 144", "monthly: 145")],
        [],
    ),
    "pin": (
        [("  docs:\n", "  docs:\n    pin: {name: handbook}\n")],
        [
            "renamed Service solutio-default/handbook",
            "renamed ServiceAccount solutio-default/handbook",
            "renamed Deployment solutio-default/handbook",
            "renamed Ingress solutio-default/handbook",
            "renamed NetworkPolicy solutio-default/handbook-ingress",
            "renamed PodDisruptionBudget solutio-default/handbook",
            "started: Deployment solutio-default/handbook 2",
            "danger downtime: Deployment solutio-default/handbook",
            "because services.docs.pin",
        ],
    ),
}


def _without_hashes(lines: list[str]) -> list[str]:
    """Lines without the hash in a migration's name: it follows from everything the Job says."""
    import re

    return [re.sub(r"(api-migrate)-[0-9a-f]{8}", r"\1-HASH", line) for line in lines]


@pytest.mark.parametrize("name", PAIRS)
def test_what_an_edit_does(name: str, tmp_path: Path) -> None:
    changes, wanted = PAIRS[name]
    assert _without_hashes(digest(edited(tmp_path, *changes))) == wanted


ORG_E = """  org-e:
    tier: enterprise
    orgs: [org-enterprise]
    services:
      api: {replicas: {min: 2, max: 4}}
      pg: {storage: 50Gi}
"""


def test_a_tenant_pod_is_added(tmp_path: Path) -> None:
    found = edited(
        tmp_path, ("environments:\n  prod:", "  acme: {tier: enterprise, orgs: [acme]}\n\nenvironments:\n  prod:")
    )
    assert Counter(each.action.value for each in found.objects) == {"added": 58, "changed": 1}
    assert {each.pod for each in found.objects if each.action.value == "added"} == {"acme"}
    assert [
        line for line in digest(found) if line.startswith(("danger", "CROSSING", "host", "introduced", "because"))
    ] == [
        "host +api-acme.solutio.app",
        "introduced K002: pool acme of prod",
        "because pods.acme",
    ]
    assert [str(each) for each in found.capacity or ()] == [
        "pool acme at minimum replicas: not there → fits",
        "pool acme at usual replicas: not there → does not fit",
        "pool acme at maximum replicas: not there → does not fit",
        "pool acme with a node lost: not there → does not fit",
    ]
    assert found.order == ("platform-controllers", "acme-data", "acme-migrate", "acme-apps")
    assert (found.blast.pods, found.blast.orgs) == (("acme", "default"), ("acme", "org-a", "org-b", "org-c"))


def test_a_tenant_pod_is_removed(tmp_path: Path) -> None:
    found = edited(tmp_path, (ORG_E, ""))
    assert Counter(each.action.value for each in found.objects) == {"removed": 58, "changed": 1}
    assert Counter(each.code for each in found.dangers) == {"object-removed": 36, "prune-disabled": 3}
    assert [str(each.subject) for each in found.dangers if each.code == "prune-disabled"] == [
        "Namespace solutio-org-e",
        "Cluster solutio-org-e/pg",
        "Database solutio-org-e/pg-events",
    ]
    assert found.exposure is not None
    assert (found.exposure.opened, found.exposure.hosts_removed) == ((), ("api-org-e.solutio.app",))


def test_one_tenant_pod_is_looked_at(tmp_path: Path) -> None:
    found = edited(tmp_path, ("tag: 2026.11.1", "tag: 2026.11.2"), pod="org-e")
    assert {each.pod for each in (*found.objects, *found.rollouts)} == {"org-e"}


def test_an_approval_takes_a_danger_out_of_the_way(tmp_path: Path) -> None:
    approval = '  - {danger: immutable-field, subject: Cluster solutio-default/pg, reason: it is made anew by hand, until: "DATE"}\n'
    shrink = ("storage: 100Gi", "storage: 40Gi")
    for until, left in (("2999-01-01", 0), ("2020-01-01", 1)):
        found = edited(tmp_path, shrink, ("ignore:\n", f"approvals:\n{approval.replace('DATE', until)}\nignore:\n"))
        assert len(found.unapproved) == left
    assert found.notes == ("the approval of immutable-field for Cluster solutio-default/pg ended on 2020-01-01",)


def test_one_tenant_pod_shows_only_its_own_connections(tmp_path: Path) -> None:
    changes = ("ports: {panels: 9500}", "ports: {panels: 9600}")
    whole, one = edited(tmp_path, changes).exposure, edited(tmp_path, changes, pod="org-e").exposure
    assert whole is not None
    assert one is not None
    pods = {
        pod
        for each in (*one.opened, *one.closed, *one.changed)
        for pod in (whole.owners.get(each.src), whole.owners.get(each.dst))
    }
    assert "org-e" in pods
    assert "default" not in pods
    assert {whole.owners.get(each.dst) for each in whole.changed} == {"default", "org-e"}
