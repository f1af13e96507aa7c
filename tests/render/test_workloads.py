from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.render import render
from solutio_topology.render.template import RenderError
from tests.render.worlds import changed, containers, environment, find, kinds, small

VOLUME = {"path": "/var/lib/api", "size": "5Gi", "claim": True}
WORKER = {"component": "worker", "layer": "apps", "image": {"name": "w", "tag": "1"}}


def test_a_claim_of_a_single_pod_is_its_node_s_and_the_old_pod_leaves_first() -> None:
    files = render(changed(("services.w", {**WORKER, "volumes": {"spool": VOLUME}})))
    claim = find(files, "PersistentVolumeClaim", "w-spool")
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "do-block-storage-retain",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    spec = find(files, "Deployment", "w")["spec"]
    assert spec["strategy"] == {"type": "Recreate"}
    assert {"name": "spool", "persistentVolumeClaim": {"claimName": "w-spool"}} in spec["template"]["spec"]["volumes"]


def test_a_claim_that_several_pods_mount_is_shared_and_rolls() -> None:
    files = render(changed(("services.w", {**WORKER, "replicas": 2, "volumes": {"spool": VOLUME}})))
    assert find(files, "PersistentVolumeClaim", "w-spool")["spec"]["accessModes"] == ["ReadWriteMany"]
    assert find(files, "Deployment", "w")["spec"]["strategy"]["type"] == "RollingUpdate"


def test_storage_of_a_deployment_is_a_claim_that_it_mounts() -> None:
    files = render(changed(("services.w", {**WORKER, "storage": {"size": "3Gi", "path": "/data"}})))
    pod = find(files, "Deployment", "w")["spec"]["template"]["spec"]
    assert {"name": "data", "mountPath": "/data"} in containers({"spec": pod})[0]["volumeMounts"]
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "w-data"}} in pod["volumes"]
    assert find(files, "PersistentVolumeClaim", "w-data")["spec"]["resources"]["requests"] == {"storage": "3Gi"}


def test_a_service_carries_what_is_not_private_and_leads_to_the_main_process() -> None:
    service = find(small(), "Service", "api")["spec"]
    assert service["ports"] == [{"name": "http", "port": 3000, "targetPort": "http", "protocol": "TCP"}]
    assert service["selector"]["topology.solutio.dev/process"] == "main"
    assert [body["metadata"]["name"] for body in kinds(small(), "Service")] == ["api", "queue", "lk", "api", "queue"]


def test_a_load_balancer_admits_the_declared_ranges_and_shows_who_connects() -> None:
    files = render(
        changed(
            ("services.panels", {"component": "client", "layer": "edge", "ranges": ["203.0.113.0/24"]}),
            ("services.w", {**WORKER, "ports": {"panels": 9500, "admin": 9600}}),
            ("edges.panels-w", {"from": "panels", "to": "w", "ports": ["panels"], "via": "load-balancer"}),
        )
    )
    public = find(files, "Service", "w-public")
    assert public["metadata"]["annotations"] == {"service.beta.kubernetes.io/do-loadbalancer-type": "REGIONAL_NETWORK"}
    assert public["spec"] == {
        "type": "LoadBalancer",
        "externalTrafficPolicy": "Local",
        "loadBalancerSourceRanges": ["203.0.113.0/24"],
        "selector": {"topology.solutio.dev/service": "w", "topology.solutio.dev/process": "main"},
        "ports": [{"name": "panels", "port": 9500, "targetPort": "panels", "protocol": "TCP"}],
    }
    (rule,) = find(files, "NetworkPolicy", "w-ingress")["spec"]["ingress"]
    assert rule["from"] == [{"ipBlock": {"cidr": "203.0.113.0/24"}}]


def test_clients_without_ranges_may_come_from_anywhere() -> None:
    files = render(
        changed(
            ("services.panels", {"component": "client", "layer": "edge"}),
            ("services.w", {**WORKER, "ports": {"panels": 9500}}),
            ("edges.panels-w", {"from": "panels", "to": "w", "ports": ["panels"], "via": "load-balancer"}),
        )
    )
    assert find(files, "Service", "w-public")["spec"]["loadBalancerSourceRanges"] == ["0.0.0.0/0", "::/0"]
    (rule,) = find(files, "NetworkPolicy", "w-ingress")["spec"]["ingress"]
    assert [each["ipBlock"]["cidr"] for each in rule["from"]] == ["0.0.0.0/0", "::/0"]


def test_scheduled_jobs_init_containers_and_sidecars() -> None:
    extras: dict[str, Any] = {
        **WORKER,
        "ports": {"metrics": 9100},
        "volumes": {"cache": {"path": "/cache"}},
        "init": {"warm": {"command": ["warm"], "mounts": ["cache"]}},
        "sidecars": {"exporter": {"image": {"name": "e", "tag": "2"}, "ports": {"metrics": {"port": 9100}}}},
        "jobs": {"nightly": {"command": ["report"], "schedule": "15 3 * * *", "timeZone": "Europe/Berlin"}},
    }
    files = render(changed(("services.w", extras)))
    pod = find(files, "Deployment", "w")["spec"]["template"]["spec"]
    assert [each["name"] for each in pod["initContainers"]] == ["warm"]
    assert [(each["name"], [port["name"] for port in each.get("ports", [])]) for each in pod["containers"]] == [
        ("w", []),
        ("exporter", ["metrics"]),
    ]
    cron = find(files, "CronJob", "w-nightly")["spec"]
    assert (cron["schedule"], cron["timeZone"], cron["concurrencyPolicy"]) == ("15 3 * * *", "Europe/Berlin", "Forbid")
    assert cron["jobTemplate"]["spec"]["template"]["spec"]["restartPolicy"] == "Never"


def test_files_come_from_a_config_map_or_a_secret() -> None:
    given = {"/etc/w/a.conf": {"content": "level: {{ x }}"}, "/etc/w/key.pem": {"secret": "w-tls/tls.key"}}
    files = render(changed(("services.w", {**WORKER, "files": given})))
    assert find(files, "ConfigMap", "w-files")["data"] == {"etc.w.a.conf": "level: {{ x }}"}
    pod = find(files, "Deployment", "w")["spec"]["template"]["spec"]
    assert {"name": "secret-w-tls", "mountPath": "/etc/w/key.pem", "subPath": "tls.key", "readOnly": True} in pod[
        "containers"
    ][0]["volumeMounts"]
    assert {"name": "secret-w-tls", "secret": {"secretName": "w-tls"}} in pod["volumes"]


def own_component(**fields: Any) -> tuple[str, Any]:
    base = {"title": "Own", "kind": "workload", "image": {"name": "own", "tag": "1"}, "ports": {"http": {"port": 80}}}
    return "components", {"own": {**base, **fields}}


def test_a_component_of_one_s_own_may_use_expressions() -> None:
    env = {"LISTEN": "0.0.0.0:{{ ports.http.port }}", "MODE": "{{ settings.mode }}", "GONE": "{{ omit }}"}
    files = render(
        changed(
            own_component(env=env, settings={"mode": "plain"}),
            ("services.mine", {"component": "own", "layer": "apps", "settings": {"mode": "fancy"}}),
        )
    )
    (container,) = containers(find(files, "Deployment", "mine")["spec"]["template"])
    assert environment(container) == {"LISTEN": "0.0.0.0:80", "MODE": "fancy"}


@pytest.mark.parametrize("text", ["{{ nothing }}", "{{ settings.nothing }}", "{% if %}", "{{ ().__class__.__mro__ }}"])
def test_an_expression_that_fails_names_its_place(text: str) -> None:
    graph = changed(own_component(env={"LISTEN": text}), ("services.mine", {"component": "own", "layer": "apps"}))
    with pytest.raises(RenderError, match=r"component own, env\.LISTEN: the expression fails"):
        render(graph)


def test_a_service_without_an_image_is_refused_with_its_place() -> None:
    with pytest.raises(RenderError, match=r"services\.w: no image is named, and the component worker has none"):
        render(changed(("services.w", {"component": "worker", "layer": "apps"})))


def test_storage_that_is_mounted_nowhere_is_refused_with_its_place() -> None:
    with pytest.raises(RenderError, match=r"services\.w\.storage: neither it nor the component worker"):
        render(changed(("services.w", {**WORKER, "storage": "5Gi"})))
