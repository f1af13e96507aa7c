"""Exports of a live cluster: what controllers made stands beside what people wrote."""

from __future__ import annotations

import json
from typing import Any

from solutio_topology.manifests import Facts, read_files

Doc = dict[str, Any]


def _meta(name: str, owner: str = "", **more: Any) -> Doc:
    version, _, rest = owner.rpartition("/")
    kind, _, owner_name = rest.partition(" ")
    owners = [{"apiVersion": version, "kind": kind, "name": owner_name, "uid": "u", "controller": True}]
    return {"name": name, "namespace": "n", "uid": "x", **({"ownerReferences": owners} if owner else {}), **more}


def _template(**labels: str) -> Doc:
    return {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "x"}]}}


def _workload(kind: str, meta: Doc, replicas: int = 1, **labels: str) -> Doc:
    selector = {"matchLabels": labels}
    spec = {"replicas": replicas, "selector": selector, "template": _template(**labels)}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec, "status": {"replicas": replicas}}


def _pod(meta: Doc, **labels: str) -> Doc:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "labels": labels}}
    return {**body, "spec": _template()["spec"], "status": {"phase": "Running", "podIP": "10.244.0.7"}}


def _read(*docs: Doc) -> Facts:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": docs})
    facts = read_files({"export.json": text.encode()})
    assert facts.unreadable == ()
    return facts


def _named(facts: Facts) -> list[str]:
    return [str(each.key) for each in facts.workloads]


WEB = _workload("Deployment", _meta("web"), app="web")
SET = _workload("ReplicaSet", _meta("web-6d5f", "apps/v1/Deployment web"), app="web", **{"pod-template-hash": "6d5f"})
OLD = _workload("ReplicaSet", _meta("web-0ld", "apps/v1/Deployment web"), 0, app="web", **{"pod-template-hash": "0ld"})
ONE = _pod(_meta("web-6d5f-a", "apps/v1/ReplicaSet web-6d5f"), app="web", **{"pod-template-hash": "6d5f"})


def test_what_a_deployment_makes_is_the_deployments() -> None:
    assert _named(_read(ONE, SET, OLD, WEB)) == ["Deployment n/web"]
    assert _named(_read(SET, ONE)) == ["ReplicaSet n/web-6d5f"]
    assert _named(_read(ONE)) == ["ReplicaSet n/web-6d5f"]


def test_pods_without_their_replica_set_are_known_by_the_hash_in_its_name() -> None:
    assert _named(_read(ONE, WEB)) == ["Deployment n/web"]
    other = _workload("Deployment", _meta("web-6d5f"), app="web")
    assert _named(_read(ONE, other)) == ["ReplicaSet n/web-6d5f", "Deployment n/web-6d5f"]


def test_pods_that_are_not_as_the_template_says_are_told_apart() -> None:
    stale = _pod(_meta("web-6d5f-b", "apps/v1/ReplicaSet web-6d5f"), app="old", **{"pod-template-hash": "6d5f"})
    assert _named(_read(WEB, SET, stale)) == ["Deployment n/web", "ReplicaSet n/web-6d5f"]


def test_jobs_of_a_cron_job() -> None:
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": _template(app="sweep")}}}
    cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": _meta("sweep"), "spec": spec}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": _meta("sweep-1", "batch/v1/CronJob sweep")}
    job |= {"spec": {"template": _template(app="sweep")}}
    assert _named(_read(cron, job)) == ["CronJob n/sweep"]
    assert _named(_read(job)) == ["Job n/sweep-1"]


RELEASE = {
    "apiVersion": "helm.toolkit.fluxcd.io/v2",
    "kind": "HelmRelease",
    "metadata": {"name": "ms", "namespace": "flux", "labels": {"topology.solutio.dev/service": "metrics"}},
    "spec": {"chart": {"spec": {"chart": "metrics-server"}}, "targetNamespace": "n", "releaseName": "metrics-server"},
}


def test_what_a_release_installed_wins_over_its_model_and_belongs_to_its_service() -> None:
    (assumed,) = _read(RELEASE).workloads
    assert assumed.assumed is not None
    by_helm = {"meta.helm.sh/release-name": "metrics-server", "meta.helm.sh/release-namespace": "n"}
    by_flux = {"helm.toolkit.fluxcd.io/name": "ms", "helm.toolkit.fluxcd.io/namespace": "flux"}
    for marks in ({"annotations": by_helm}, {"labels": by_flux}):
        facts = _read(RELEASE, _workload("Deployment", _meta("metrics-server", **marks), app="real"))
        (found,) = facts.workloads
        assert (found.labels, found.assumed, found.maker) == ({"app": "real"}, None, "HelmRelease flux/ms")
        assert found.object_labels["topology.solutio.dev/service"] == "metrics"
        # The export leaves the Service out: the model still speaks for that.
        assert [each.assumed == assumed.assumed for each in facts.services] == [True]


def test_what_someone_else_installed_is_nobodys() -> None:
    other = {"meta.helm.sh/release-name": "metrics-server", "meta.helm.sh/release-namespace": "elsewhere"}
    facts = _read(RELEASE, _workload("Deployment", _meta("mine", annotations=other), app="real"))
    assert [(each.key.name, each.maker) for each in facts.workloads] == [
        ("mine", ""),
        ("metrics-server", "HelmRelease flux/ms"),
    ]


def test_the_pods_of_a_database_are_those_that_run() -> None:
    cluster = {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": _meta("pg"),
        "spec": {"instances": 2},
    }
    owner = "postgresql.cnpg.io/v1/Cluster pg"
    pods = [_pod(_meta(f"pg-{number}", owner), **{"cnpg.io/cluster": "pg"}) for number in (1, 2)]
    front = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta("pg-rw", owner),
        "spec": {"ports": [{"port": 5432}]},
    }
    facts = _read(cluster, *pods, front)
    assert [(str(each.key), each.assumed, each.maker) for each in facts.workloads] == [
        ("Cluster n/pg", None, "Cluster n/pg")
    ] * 2
    assert [(each.key.name, each.assumed is None) for each in facts.services] == [
        ("pg-rw", True),
        ("pg-ro", False),
        ("pg-r", False),
    ]
