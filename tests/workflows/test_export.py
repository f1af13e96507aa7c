"""What ``kubectl get -o yaml`` prints of a cluster proves what the rendered manifests prove."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from solutio_topology.findings import Finding, Verdict
from solutio_topology.manifests import read_tree
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.validate import validate

ROOT = Path(__file__).parents[2]
Doc = dict[str, Any]
_POD = {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "imagePullPolicy": "IfNotPresent"}
_SERVICE = {"clusterIP": "10.245.1.2", "clusterIPs": ["10.245.1.2"], "ipFamilies": ["IPv4"], "sessionAffinity": "None"}


def _exported(body: Doc) -> Iterator[Doc]:
    """An object as the server gives it back, and what controllers make of it."""
    found = copy.deepcopy(body)
    found["metadata"] |= {"uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-01T10:00:00Z"}
    found["metadata"]["managedFields"] = [{"manager": "kustomize-controller", "operation": "Apply"}]
    found["status"] = {"observedGeneration": 1}
    kind, spec = found["kind"], found.get("spec", {})
    if kind == "Service":
        found["spec"] = {**_SERVICE, "type": "ClusterIP", **spec}
        for port in found["spec"].get("ports", []):
            port.update({"protocol": "TCP", "targetPort": port["port"], **port})
    if kind == "Deployment":
        _filled_in(spec["template"]["spec"])
        yield from _made(found)
    yield found


def _filled_in(pod: Doc) -> None:
    pod.update({**_POD, "serviceAccount": pod["serviceAccountName"], **pod})
    for container in pod["containers"]:
        container.update({**_CONTAINER, **container})
        for port in container.get("ports", []):
            port.setdefault("protocol", "TCP")


def _made(deployment: Doc) -> Iterator[Doc]:
    """The ReplicaSet that runs, one that does not any more, and a pod."""
    space, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
    for revision, replicas in (("6d5f", 1), ("0ld", 0)):
        template = copy.deepcopy(deployment["spec"]["template"])
        template["metadata"]["labels"]["pod-template-hash"] = revision
        if not replicas:
            template["spec"]["containers"][0]["env"] = []
        labels = template["metadata"]["labels"]
        metadata = {"namespace": space, "labels": labels}
        selector = {"matchLabels": {**deployment["spec"]["selector"]["matchLabels"], "pod-template-hash": revision}}
        yield {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {**metadata, "name": f"{name}-{revision}", "ownerReferences": _owner("Deployment", name)},
            "spec": {"replicas": replicas, "selector": selector, "template": template},
        }
        if replicas:
            owner = _owner("ReplicaSet", f"{name}-{revision}")
            yield {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {**metadata, "name": f"{name}-{revision}-x", "ownerReferences": owner},
                "spec": {**template["spec"], "nodeName": "n1"},
            }


def _owner(kind: str, name: str) -> list[Doc]:
    return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "u", "controller": True}]


def _proved(manifests: Path | None) -> tuple[dict[str, Verdict], list[Finding]]:
    found = validate(open_project(ROOT / "topology.yaml"), ("prod",), manifests=manifests, precise=False)
    (outcome,) = found.outcomes
    return {hop.name: hop.verdict for hop in outcome.edges}, [
        each for each in found.findings if each.severity in {"error", "warning"}
    ]


def test_an_export_proves_the_same_hops_and_has_no_faults_of_its_own(tmp_path: Path) -> None:
    bodies = [each.body for each in read_tree(ROOT / "rendered" / "prod").objects]
    items = [made for body in bodies for made in _exported(body)]
    lists = [{"apiVersion": "v1", "kind": "List", "items": part} for part in (items[::2], items[1::2])]
    (tmp_path / "first.json").write_text(json.dumps(lists[0]))
    (tmp_path / "second.yaml").write_text(yaml.safe_dump(lists[1]))
    assert _proved(tmp_path) == _proved(None)
