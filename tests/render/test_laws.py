"""What holds for every object of every environment, whatever the topology says."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from solutio_topology.identity import PROCESS, SERVICE, TENANT_POD
from solutio_topology.render import Rendered
from tests.render.worlds import EVERYWHERE, ROOT, containers, finals, graph, kinds, templates, tree

pytestmark = pytest.mark.parametrize(("path", "environment"), EVERYWHERE)


def test_every_object_says_which_tenant_pod_it_belongs_to(path: str, environment: str) -> None:
    pods = {"platform", *(pod.pod for pod in graph(path, environment).pods)}
    assert {body["metadata"]["labels"][TENANT_POD] for body in finals(tree(path, environment))} <= pods


def test_a_service_label_names_a_service_or_what_the_platform_installs(path: str, environment: str) -> None:
    known = graph(path, environment)
    for body in finals(tree(path, environment)):
        labels = body["metadata"]["labels"]
        if labels[TENANT_POD] == "platform":
            assert labels.get(SERVICE, "cert-manager") in known.controllers
        elif SERVICE in labels:
            pod = next(pod for pod in known.pods if pod.pod == labels[TENANT_POD])
            assert labels[SERVICE] in pod.nodes


def test_every_pod_template_carries_its_whole_identity(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        labels = template["metadata"]["labels"]
        own = body["metadata"]["labels"]
        assert (labels[SERVICE], labels[TENANT_POD]) == (own[SERVICE], own[TENANT_POD])
        assert labels[PROCESS]


def test_selectors_match_their_templates(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        selector = body["spec"].get("selector", {}).get("matchLabels", {})
        assert selector.items() <= template["metadata"]["labels"].items()


def test_every_container_is_limited_and_confined(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        for container in containers(template):
            where = f"{body['kind']} {body['metadata']['name']}: {container['name']}"
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), where
            assert {"memory", "ephemeral-storage"} <= container["resources"]["limits"].keys(), where
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, where


def test_every_pod_runs_as_somebody_without_a_token(path: str, environment: str) -> None:
    accounts = {
        (body["metadata"]["namespace"], body["metadata"]["name"]): body
        for body in kinds(tree(path, environment), "ServiceAccount")
    }
    for body, template in templates(tree(path, environment)):
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert (spec["automountServiceAccountToken"], spec["enableServiceLinks"]) == (False, False)
        account = accounts[body["metadata"]["namespace"], spec["serviceAccountName"]]
        assert account["automountServiceAccountToken"] is False


def test_images_are_pinned(path: str, environment: str) -> None:
    for _, template in templates(tree(path, environment)):
        for container in containers(template):
            assert re.search(r":[^/:]*\d[^/:]*$|@sha256:", container["image"]), container["image"]


def test_every_mount_has_its_volume(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        volumes = {each["name"] for each in template["spec"].get("volumes", [])}
        volumes |= {each["metadata"]["name"] for each in body["spec"].get("volumeClaimTemplates", [])}
        mounts = [mount["name"] for each in containers(template) for mount in each.get("volumeMounts", [])]
        assert set(mounts) == volumes


def test_every_namespace_is_closed_and_labelled(path: str, environment: str) -> None:
    files = tree(path, environment)
    denied = {
        body["metadata"]["namespace"]
        for body in kinds(files, "NetworkPolicy")
        if body["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    }
    namespaces = {body["metadata"]["name"]: body for body in kinds(files, "Namespace")}
    assert denied == namespaces.keys()
    assert {body["metadata"]["namespace"] for body in finals(files) if "namespace" in body["metadata"]} <= {
        *namespaces,
        "flux-system",
    }
    for body in namespaces.values():
        assert body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]


def test_pruning_keeps_what_holds_data(path: str, environment: str) -> None:
    kept = {"Namespace", "PersistentVolumeClaim", "Cluster", "Database"}
    for body in finals(tree(path, environment)):
        if body["kind"] in kept:
            assert body["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_more_than_one_replica_has_a_budget_and_spreads_over_nodes(path: str, environment: str) -> None:
    files = tree(path, environment)
    scaled = {
        (body["metadata"]["namespace"], body["spec"]["scaleTargetRef"]["name"]): body["spec"]["minReplicas"]
        for body in kinds(files, "HorizontalPodAutoscaler")
    }
    budgets = {
        (body["metadata"]["namespace"], body["metadata"]["name"]) for body in kinds(files, "PodDisruptionBudget")
    }
    for body, template in templates(files):
        place = (body["metadata"]["namespace"], body["metadata"]["name"])
        if body["kind"] not in {"Deployment", "StatefulSet"}:
            continue
        assert ("replicas" in body["spec"]) is (place not in scaled)
        if scaled.get(place, body["spec"].get("replicas", 0)) > 1:
            assert place in budgets
            assert {"topologySpreadConstraints", "affinity"} & template["spec"].keys()


def test_every_long_running_container_of_a_service_is_probed(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        if template["metadata"]["labels"][PROCESS] == "main":
            main = template["spec"]["containers"][0]
            names = {port["name"] for port in main.get("ports", [])}
            probes = [main[f"{kind}Probe"] for kind in ("readiness", "liveness")]
            asked = [probe[how]["port"] for probe in probes for how in ("httpGet", "tcpSocket") if how in probe]
            assert set(asked) <= names, body["metadata"]["name"]


def test_public_hosts_have_certificates_and_names(path: str, environment: str) -> None:
    for body in kinds(tree(path, environment), "Ingress"):
        hosts = [rule["host"] for rule in body["spec"]["rules"]]
        assert [host for tls in body["spec"]["tls"] for host in tls["hosts"]] == hosts
        annotations = body["metadata"]["annotations"]
        assert annotations["cert-manager.io/cluster-issuer"] == "letsencrypt"
        assert annotations["external-dns.alpha.kubernetes.io/hostname"] == hosts[0]


def test_no_secret_is_rendered_and_no_variable_holds_one(path: str, environment: str) -> None:
    files = tree(path, environment)
    assert kinds(files, "Secret") == []
    for _, template in templates(files):
        for container in containers(template):
            for each in container.get("env", []):
                if re.search(r"PASSWORD|SECRET|_KEY$|TOKEN", each["name"]):
                    assert "valueFrom" in each, each["name"]


def test_variables_are_made_of_earlier_ones(path: str, environment: str) -> None:
    for body, template in templates(tree(path, environment)):
        for container in containers(template):
            known: set[str] = set()
            for each in container.get("env", []):
                used = set(re.findall(r"(?<!\$)\$\((\w+)\)", each.get("value", "")))
                assert used <= known, f"{body['metadata']['name']}: {each['name']}"
                known.add(each["name"])
            assert len(known) == len(container.get("env", []))


def test_objects_are_unique_and_in_the_conventional_order(path: str, environment: str) -> None:
    seen: set[tuple[Any, ...]] = set()
    for body in finals(tree(path, environment)):
        metadata = body["metadata"]
        key = (body["apiVersion"], body["kind"], metadata.get("namespace"), metadata["name"])
        assert key not in seen
        seen.add(key)
        assert list(body)[:3] == ["apiVersion", "kind", "metadata"]
        assert next(iter(metadata)) == "name"


def test_everything_is_data_without_nulls(path: str, environment: str) -> None:
    def nulls(value: Any) -> bool:
        if isinstance(value, dict):
            return any(nulls(item) for item in value.values())
        return any(map(nulls, value)) if isinstance(value, list) else value is None

    assert not [body["metadata"]["name"] for body in finals(tree(path, environment)) if nulls(body)]


def test_files_are_sorted_and_say_where_they_come_from(path: str, environment: str) -> None:
    files = tree(path, environment)
    assert list(files) == sorted(files)
    assert all(isinstance(file, Rendered) and re.fullmatch(r"[a-z][\w.-]*", file.origin) for file in files.values())


def test_rendering_does_not_depend_on_the_hash_seed(path: str, environment: str) -> None:
    program = (
        "from tests.render.worlds import tree; import hashlib;"
        f"print(hashlib.sha256(repr(dict(tree({path!r}, {environment!r}))).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
