"""Rollouts, dangers and exposure on pairs of manifests that are written by hand."""

from __future__ import annotations

import pytest

from tests.diff.digest import digest
from tests.diff.hand import compared, replaced

APP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: desk, namespace: inn}
spec:
  replicas: 4
  selector: {matchLabels: {app: desk}}
  template:
    metadata: {labels: {app: desk}}
    spec:
      containers: [{name: desk, image: "desk:1", ports: [{containerPort: 80}]}]
"""
STATEFUL = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: safe, namespace: inn}
spec:
  replicas: 3
  serviceName: safe
  selector: {matchLabels: {app: safe}}
  template:
    metadata: {labels: {app: safe}}
    spec:
      containers: [{name: safe, image: "safe:1"}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
"""
DAEMON = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: lamp, namespace: inn}
spec:
  selector: {matchLabels: {app: lamp}}
  template:
    metadata: {labels: {app: lamp}}
    spec: {containers: [{name: lamp, image: "lamp:1"}]}
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: count, namespace: inn}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: count, image: "count:1"}]}
"""
CRON = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: inn}
spec:
  schedule: "0 3 * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: tidy, image: "tidy:1"}]}}}}
"""
DATABASE = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: books, namespace: inn}
spec: {instances: 1, imageName: "pg:16.4", storage: {size: 10Gi, storageClass: slow}}
"""
RELEASE = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: bell, namespace: inn}
spec: {chart: {spec: {chart: bell, version: 1.9.0, sourceRef: {kind: HelmRepository, name: bells}}}, values: {loud: 1}}
"""
CHART = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: bell, namespace: inn}
spec: {chartRef: {kind: OCIRepository, name: bells}, values: {loud: 1}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: bells, namespace: inn}
spec: {interval: 1h, url: oci://example.org/bells, ref: {tag: 1.9.0}}
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: keys.inn.example.org}
spec:
  group: inn.example.org
  scope: Namespaced
  names: {plural: keys, kind: Key}
  versions: [{name: v1, served: true, storage: true}, {name: v1beta1, served: true, storage: false}]
"""
SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: house, namespace: inn}
data: {rules: quiet}
"""
BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: desk, namespace: inn}
spec: {minAvailable: 2, selector: {matchLabels: {app: desk}}}
"""
SCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: desk, namespace: inn}
spec: {minReplicas: 2, maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: desk}}
"""
NEW_IMAGE = ("desk:1", "desk:2")
IMAGE = "spec.template.spec.containers[desk].image"
CHANGED = f"changed Deployment inn/desk: {IMAGE}"
READS = APP.replace("ports:", "envFrom: [{configMapRef: {name: house}}], ports:")

CASES: dict[str, tuple[str, list[tuple[str, str]], list[str]]] = {
    "an image": (APP, [NEW_IMAGE], [CHANGED, "rolling: Deployment inn/desk 4"]),
    "an image under an autoscaler": (APP + "---" + SCALER, [NEW_IMAGE], [CHANGED, "rolling: Deployment inn/desk 2 to 9"]),
    "all at once": (
        APP.replace("replicas: 4", "replicas: 4\n  strategy: {type: Recreate}"), [NEW_IMAGE],
        [CHANGED, "recreated: Deployment inn/desk 4", "danger downtime: Deployment inn/desk"],
    ),
    "a paused one": (
        APP.replace("replicas: 4", "replicas: 4\n  paused: true"), [NEW_IMAGE], [CHANGED, "on delete: Deployment inn/desk 4"],
    ),
    "replicas": (APP, [("replicas: 4", "replicas: 5")], ["changed Deployment inn/desk: spec.replicas", "scaled: Deployment inn/desk 4 → 5"]),
    "replicas below the budget": (
        APP + "---" + BUDGET, [("replicas: 4", "replicas: 2")],
        ["changed Deployment inn/desk: spec.replicas", "scaled: Deployment inn/desk 4 → 2", "danger budget-broken: Deployment inn/desk"],
    ),
    "replicas above the budget": (
        APP + "---" + BUDGET, [("replicas: 4", "replicas: 3")],
        ["changed Deployment inn/desk: spec.replicas", "scaled: Deployment inn/desk 4 → 3"],
    ),
    "an autoscaler that goes below the budget": (
        "---".join((APP, BUDGET, SCALER.replace("minReplicas: 2", "minReplicas: 3"))), [("minReplicas: 3", "minReplicas: 2")],
        ["changed HorizontalPodAutoscaler inn/desk: spec.minReplicas", "danger budget-broken: Deployment inn/desk"],
    ),
    "a stricter budget": (
        APP + "---" + BUDGET, [("minAvailable: 2", "minAvailable: 80%")],
        ["changed PodDisruptionBudget inn/desk: spec.minAvailable", "danger budget-broken: Deployment inn/desk"],
    ),
    "a major version of a chart from a registry": (
        CHART, [("tag: 1.9.0", "tag: 2.0.0")],
        ["changed OCIRepository inn/bells: spec.ref.tag", "by its controller: HelmRelease inn/bell", "danger helm-major: HelmRelease inn/bell"],
    ),
    "a minor version of a chart from a registry": (
        CHART, [("tag: 1.9.0", "tag: 1.10.0")],
        ["changed OCIRepository inn/bells: spec.ref.tag", "by its controller: HelmRelease inn/bell"],
    ),
    "the label of a selector": (
        APP, [("app: desk", "app: front")],
        ["changed Deployment inn/desk: spec.selector.matchLabels.app, spec.template.metadata.labels.app",
         "rolling: Deployment inn/desk 4", "danger immutable-field: Deployment inn/desk"],
    ),
    "a stateful image": (
        STATEFUL, [("safe:1", "safe:2")],
        ["changed StatefulSet inn/safe: spec.template.spec.containers[safe].image", "rolling: StatefulSet inn/safe 3"],
    ),
    "a stateful image of a single pod": (
        STATEFUL.replace("replicas: 3", "replicas: 1"), [("safe:1", "safe:2")],
        ["changed StatefulSet inn/safe: spec.template.spec.containers[safe].image", "rolling: StatefulSet inn/safe 1",
         "danger downtime: StatefulSet inn/safe"],
    ),
    "the size of a claim template": (
        STATEFUL, [("2Gi", "3Gi")],
        ["changed StatefulSet inn/safe: spec.volumeClaimTemplates[data].spec.resources.requests.storage",
         "danger immutable-field: StatefulSet inn/safe"],
    ),
    "the same size in another spelling": (STATEFUL, [("2Gi", "2048Mi")], []),
    "the name of a stateful set's Service": (
        STATEFUL, [("serviceName: safe", "serviceName: vault")],
        ["changed StatefulSet inn/safe: spec.serviceName", "danger immutable-field: StatefulSet inn/safe"],
    ),
    "a daemon": (
        DAEMON, [("lamp:1", "lamp:2")],
        ["changed DaemonSet inn/lamp: spec.template.spec.containers[lamp].image", "rolling: DaemonSet inn/lamp one a node"],
    ),
    "a Job that cannot change": (
        JOB, [("count:1", "count:2")],
        ["changed Job inn/count: spec.template.spec.containers[count].image", "danger immutable-field: Job inn/count"],
    ),
    "a Job of another name": (
        JOB, [("name: count, namespace", "name: count-2, namespace"), ("count:1", "count:2")],
        ["renamed Job inn/count-2", "run: Job inn/count-2 1"],
    ),
    "a CronJob": (
        CRON, [("tidy:1", "tidy:2")],
        ["changed CronJob inn/nightly: spec.jobTemplate.spec.template.spec.containers[tidy].image", "next run: CronJob inn/nightly"],
    ),
    "a new name": (
        APP, [("name: desk, namespace", "name: counter, namespace")],
        ["renamed Deployment inn/counter", "started: Deployment inn/counter 4", "danger downtime: Deployment inn/counter"],
    ),
    "a database that grows": (DATABASE, [("10Gi", "20Gi")], ["changed Cluster inn/books: spec.storage.size"]),
    "a database that shrinks": (
        DATABASE, [("10Gi", "5Gi")], ["changed Cluster inn/books: spec.storage.size", "danger immutable-field: Cluster inn/books"],
    ),
    "a minor version of a database": (
        DATABASE, [("pg:16.4", "pg:16.5")],
        ["changed Cluster inn/books: spec.imageName", "by its controller: Cluster inn/books 1", "danger downtime: Cluster inn/books"],
    ),
    "a major version of a database": (
        DATABASE, [("pg:16.4", "pg:17.1")],
        ["changed Cluster inn/books: spec.imageName", "by its controller: Cluster inn/books 1",
         "danger database-major: Cluster inn/books", "danger downtime: Cluster inn/books"],
    ),
    "the storage class of a database": (
        DATABASE, [("slow", "fast")],
        ["changed Cluster inn/books: spec.storage.storageClass", "danger storage-class-ignored: Cluster inn/books"],
    ),
    "a minor version of a chart": (
        RELEASE, [("1.9.0", "1.10.0")],
        ["changed HelmRelease inn/bell: spec.chart.spec.version", "by its controller: HelmRelease inn/bell"],
    ),
    "a major version of a chart": (
        RELEASE, [("1.9.0", "2.0.0")],
        ["changed HelmRelease inn/bell: spec.chart.spec.version", "by its controller: HelmRelease inn/bell", "danger helm-major: HelmRelease inn/bell"],
    ),
    "a release of another name": (
        RELEASE, [("values:", "releaseName: gong, values:")],
        ["changed HelmRelease inn/bell: spec.releaseName", "by its controller: HelmRelease inn/bell", "danger release-reinstalled: HelmRelease inn/bell"],
    ),
    "a version of a custom kind": (
        CRD, [(", {name: v1beta1, served: true, storage: false}", "")],
        ["changed CustomResourceDefinition keys.inn.example.org: spec.versions[v1beta1]",
         "danger definition-removed: CustomResourceDefinition keys.inn.example.org"],
    ),
    "the scope of a custom kind": (
        CRD, [("Namespaced", "Cluster")],
        ["changed CustomResourceDefinition keys.inn.example.org: spec.scope",
         "danger immutable-field: CustomResourceDefinition keys.inn.example.org"],
    ),
    "settings that nobody is told of": (
        READS + "---" + SETTINGS, [("quiet", "loud")],
        ["changed ConfigMap inn/house: data.rules", "unnoticed: Deployment inn/desk"],
    ),
    "settings with a restart": (
        READS + "---" + SETTINGS, [("quiet", "loud"), NEW_IMAGE],
        ["changed ConfigMap inn/house: data.rules", CHANGED, "rolling: Deployment inn/desk 4"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_change_means(name: str) -> None:
    text, changes, wanted = CASES[name]
    assert digest(replaced(text, *changes)) == wanted


FLUX = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: inn, namespace: flux-system}
spec: {interval: 10m, path: ./kit, prune: true, sourceRef: {kind: GitRepository, name: x}}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: cellar, namespace: inn}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
SPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: inn}\n"
KEEP = ("namespace: inn}", "namespace: inn, annotations: {kustomize.toolkit.fluxcd.io/prune: disabled}}")

REMOVED: dict[str, tuple[str, str, list[str]]] = {
    "a claim": (CLAIM, FLUX, ["danger data-lost: PersistentVolumeClaim inn/cellar"]),
    "a claim that is kept": (CLAIM.replace(*KEEP), FLUX, ["danger prune-disabled: PersistentVolumeClaim inn/cellar"]),
    "a claim that nothing prunes": (CLAIM, FLUX.replace("prune: true", "prune: false"), ["danger prune-disabled: PersistentVolumeClaim inn/cellar"]),
    "a claim without Flux": (CLAIM, SETTINGS, ["danger data-lost: PersistentVolumeClaim inn/cellar"]),
    "a database": (DATABASE, FLUX, ["danger data-lost: Cluster inn/books"]),
    "stateful pods": (STATEFUL, FLUX, ["danger object-removed: StatefulSet inn/safe"]),
    "stateful pods and their claims": (
        STATEFUL.replace("replicas: 3", "replicas: 3\n  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}"), FLUX,
        ["danger data-lost: StatefulSet inn/safe"],
    ),
    "a namespace": (SPACE, FLUX, ["danger namespace-removed: Namespace inn"]),
    "a custom kind": (CRD, FLUX, ["danger definition-removed: CustomResourceDefinition keys.inn.example.org"]),
    "settings": (SETTINGS, FLUX, ["danger object-removed: ConfigMap inn/house"]),
    "a Job that has run": (JOB, FLUX, []),
}  # fmt: skip


@pytest.mark.parametrize("name", REMOVED)
def test_what_goes_when_an_object_goes(name: str) -> None:
    text, flux, wanted = REMOVED[name]
    found = compared(text, "", {"flux/all.yaml": flux})
    assert [line for line in digest(found) if line.startswith("danger")] == wanted


def test_a_selector_that_cannot_change_under_force_is_recreated() -> None:
    forced = FLUX.replace("prune: true", "prune: true, force: true")
    (danger,) = compared(APP, APP.replace("app: desk", "app: front"), {"flux/all.yaml": forced}).dangers
    assert "deleted and made anew" in danger.message


WORLD = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: inn}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: desk, namespace: inn}
spec:
  podSelector: {matchLabels: {app: desk}}
  policyTypes: [Egress]
  egress: [{to: [{podSelector: {matchLabels: {app: safe}}}], ports: [{port: 7000}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: safe, namespace: inn}
spec:
  podSelector: {matchLabels: {app: safe}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: desk}}}], ports: [{port: 7000}]}]
"""


def test_a_policy_that_is_loosened() -> None:
    found = replaced("---".join((APP, STATEFUL, WORLD)), ("port: 7000", "port: 7001"))
    assert digest(found)[-1:] == ["changed: inn/desk[Deployment] -> inn/safe[StatefulSet]: TCP 7001"]


def test_a_policy_that_goes() -> None:
    text = "---".join((APP, STATEFUL, WORLD))
    found = compared(text, "---".join(text.split("---")[:-1]))
    assert digest(found) == [
        "removed NetworkPolicy inn/safe",
        "closed: inn/desk[Deployment] -> inn/safe[StatefulSet]: TCP 7000",
    ]


def _of(pod: str, text: str) -> str:
    label = f"topology.solutio.dev/pod: {pod}, topology.solutio.dev/service: s"
    return text.replace("namespace: inn}", f"namespace: {pod}, labels: {{{label}}}}}")


def test_tenants_that_can_now_reach_each_other() -> None:
    closed = WORLD.split("---")[0]
    text = "---".join(
        (_of("red", APP), _of("blue", STATEFUL), closed.replace("inn", "red"), closed.replace("inn", "blue"))
    )
    found = compared(text, "---".join(text.split("---")[:2]))
    assert [line for line in digest(found) if line.startswith("CROSSING")] == [
        "CROSSING: blue/safe[StatefulSet] -> red/desk[Deployment]: all ports",
        "CROSSING: red/desk[Deployment] -> blue/safe[StatefulSet]: all ports",
    ]
