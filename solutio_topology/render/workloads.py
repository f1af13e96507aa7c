"""The objects of a service whose pods we render: workloads, Services, budgets, autoscalers, jobs, files, claims."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph, Node
from solutio_topology.identity import PROCESS
from solutio_topology.render.model import Body
from solutio_topology.render.names import (
    MAIN,
    PRUNE_DISABLED,
    content_hash,
    node_labels,
    object_name,
    pod_selector,
)
from solutio_topology.render.pods import claim_name, file_key, files, has_data_claim, pod_spec, pod_template
from solutio_topology.render.policies import EVERYWHERE
from solutio_topology.render.template import RenderError
from solutio_topology.spec.workload import Job, Port, Process, Replicas


def main_objects(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    """Everything of a service but its migration job and its policies. Raises RenderError for what cannot run."""
    _check_storage(node)
    yield service_account(graph, node, object_name(node))
    yield from config_maps(graph, node, f"{object_name(node)}-files")
    yield from _claims(graph, node)
    yield _workload(graph, node, MAIN, None, node.replicas)
    yield from _availability(graph, node, MAIN, node.replicas)
    for name, process in node.processes.items():
        yield _workload(graph, node, name, process, process.replicas)
        yield from _availability(graph, node, name, process.replicas)
    yield from _services(graph, node)
    for name, job in node.service.jobs.items():
        if job.schedule:
            yield _cron_job(graph, node, name, job)


def migration_objects(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    """The jobs that run before a rollout, with an account and files of their own: they run before the rest exists."""
    jobs = {name: job for name, job in node.service.jobs.items() if job.before}
    for name, job in jobs.items():
        account = f"{object_name(node)}-{name}"
        yield service_account(graph, node, account)
        yield from config_maps(graph, node, f"{account}-files")
        yield _migration(graph, node, name, job, account)


def metadata(graph: EnvironmentGraph, node: Node, name: str, process: str | None = None) -> Body:
    """Name and labels of an object of a node."""
    more = {PROCESS: process} if process else {}
    return {"name": name, "labels": {**node_labels(graph, node), **more}}


def service_account(graph: EnvironmentGraph, node: Node, name: str) -> Body:
    """A ServiceAccount without a token: nothing here talks to the API server."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(graph, node, name),
        "automountServiceAccountToken": False,
    }


def config_maps(graph: EnvironmentGraph, node: Node, name: str) -> Iterator[Body]:
    """The ConfigMap with the service's files, if it has any."""
    found = files(graph, node)
    if found:
        data = {file_key(path): text for path, text in found.items()}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(graph, node, name), "data": data}


def _check_storage(node: Node) -> None:
    if node.storage and not node.storage.path:
        raise RenderError(
            f"{node.pointer}.storage: neither it nor the component {node.component_name} says where it is mounted",
            remedy="add path: /where/the/data/is",
        )


def _claims(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    """The claims that pods share. Flux never deletes them."""
    wanted = {name: (volume.size, volume.storage_class) for name, volume in node.volumes.items() if volume.claim}
    if has_data_claim(node) and node.storage:
        wanted["data"] = (node.storage.size, node.storage.storage_class)
    for name, (size, storage_class) in wanted.items():
        yield {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {**metadata(graph, node, claim_name(node, name)), "annotations": dict(PRUNE_DISABLED)},
            "spec": _claim(size, storage_class or graph.platform.storage_class, is_shared=_is_shared(node)),
        }


def _is_shared(node: Node) -> bool:
    """Whether more than one pod mounts the service's claims: another replica, another process, a job."""
    return node.max_replicas > 1 or bool(node.processes or node.service.jobs)


def _claim(size: str, storage_class: str, *, is_shared: bool = False) -> Body:
    return {
        "accessModes": ["ReadWriteMany" if is_shared else "ReadWriteOnce"],
        "storageClassName": storage_class,
        "resources": {"requests": {"storage": size}},
    }


def _workload(
    graph: EnvironmentGraph, node: Node, process: str, part: Process | None, replicas: int | Replicas
) -> Body:
    kind = node.component.workload if part is None else "Deployment"
    name = process_name(node, process)
    spec: Body = {}
    # A workload that is scaled by its CPU use names no number: the autoscaler's would be overwritten on every apply.
    if isinstance(replicas, int) and kind != "DaemonSet":
        spec["replicas"] = replicas
    spec["revisionHistoryLimit"] = 3
    spec["selector"] = {"matchLabels": selector(node, process)}
    spec |= _strategy(node, kind)
    if kind == "StatefulSet":
        spec["serviceName"] = name
    spec["template"] = pod_template(graph, node, process, part)
    if kind == "StatefulSet" and node.storage and node.storage.path:
        spec["volumeClaimTemplates"] = [_claim_template(graph, node)]
        spec["persistentVolumeClaimRetentionPolicy"] = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata(graph, node, name, process), "spec": spec}


def selector(node: Node, process: str) -> dict[str, str]:
    """The immutable selector of a workload: pinned, or by service and process."""
    pin = node.service.pin
    if pin and pin.selector and process == MAIN:
        return dict(pin.selector)
    return pod_selector(node, process)


def process_name(node: Node, process: str) -> str:
    """The name of the workload of a process."""
    return object_name(node) if process == MAIN else f"{object_name(node)}-{process}"


def _strategy(node: Node, kind: str) -> Body:
    rollout = node.component.rollout
    has_claim = has_data_claim(node) or any(volume.claim for volume in node.volumes.values())
    if kind == "Deployment" and has_claim and not _is_shared(node):
        # A volume that one node mounts cannot move while the old pod holds it.
        return {"strategy": {"type": "Recreate"}}
    if kind == "Deployment":
        rolling = {"maxSurge": rollout.max_surge, "maxUnavailable": rollout.max_unavailable}
        return {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}
    if kind == "DaemonSet":
        return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}}
    return {"updateStrategy": {"type": "RollingUpdate"}}


def _claim_template(graph: EnvironmentGraph, node: Node) -> Body:
    assert node.storage is not None
    return {
        "metadata": {
            "name": _template_name(node),
            "labels": node_labels(graph, node),
            "annotations": dict(PRUNE_DISABLED),
        },
        "spec": _claim(node.storage.size, node.storage.storage_class or graph.platform.storage_class),
    }


def _template_name(node: Node) -> str:
    """The template's name: a StatefulSet calls its claims ``<template>-<name>-<ordinal>``, which a pin may be."""
    pin = node.service.pin
    return pin.claim.removesuffix(f"-{object_name(node)}-0") if pin and pin.claim else "data"


def _availability(graph: EnvironmentGraph, node: Node, process: str, replicas: int | Replicas) -> Iterator[Body]:
    name = process_name(node, process)
    minimum = replicas if isinstance(replicas, int) else replicas.min
    if minimum > 1:
        yield {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(graph, node, name, process),
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": pod_selector(node, process)},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        }
    if isinstance(replicas, Replicas):
        yield _autoscaler(graph, node, process, replicas)


def _autoscaler(graph: EnvironmentGraph, node: Node, process: str, replicas: Replicas) -> Body:
    kind = node.component.workload if process == MAIN else "Deployment"
    name = process_name(node, process)
    target = {"type": "Utilization", "averageUtilization": replicas.cpu}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(graph, node, name, process),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
            "minReplicas": max(replicas.min, 1),
            "maxReplicas": replicas.max,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }


def _services(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    is_named = node.component.workload == "StatefulSet"  # Its pods get their names from the Service.
    used = {name for link in graph.incoming.get(node.ref, ()) for name in link.ports}
    ports = {
        name: port
        for name, port in node.ports.items()
        # What is private (metrics, an API without a password) has no address of its own unless an edge asks for it.
        if not port.end_port and not port.on_node and (port.private is None or name in used or is_named)
    }
    if ports:
        spec: Body = {"clusterIP": "None"} if node.component.workload == "StatefulSet" else {"type": "ClusterIP"}
        spec["selector"] = pod_selector(node, MAIN)
        spec["ports"] = [_service_port(name, ports[name]) for name in ports]
        yield _service(graph, node, object_name(node), spec)
    yield from _public_service(graph, node)


def _service_port(name: str, port: Port) -> Body:
    more = {"appProtocol": port.app_protocol} if port.app_protocol else {}
    return {"name": name, "port": port.port, "targetPort": name, "protocol": port.protocol, **more}


def _service(graph: EnvironmentGraph, node: Node, name: str, spec: Body) -> Body:
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(graph, node, name), "spec": spec}


def _public_service(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    """A load balancer for what comes from outside past the ingress; it lets only the declared ranges in."""
    links = [link for link in graph.incoming.get(node.ref, ()) if link.edge.via == "load-balancer"]
    if not links:
        return
    ports = {name: port for link in links for name, port in link.ports.items()}
    ranges = sorted({cidr for link in links for cidr in graph.node(link.client).service.ranges or EVERYWHERE})
    # Local: the pods see who connects, so their policies can tell.
    spec: Body = {"type": "LoadBalancer", "externalTrafficPolicy": "Local", "loadBalancerSourceRanges": ranges}
    spec["selector"] = pod_selector(node, MAIN)
    spec["ports"] = [_service_port(name, port) for name, port in ports.items()]
    body = _service(graph, node, f"{object_name(node)}-public", spec)
    if graph.platform.orchestrator == "doks":
        # The other type is a proxy, behind which everyone has its address.
        kind = {"service.beta.kubernetes.io/do-loadbalancer-type": "REGIONAL_NETWORK"}
        body["metadata"] = {**body["metadata"], "annotations": kind}
    yield body


def _job_spec(graph: EnvironmentGraph, node: Node, name: str, job: Job, account: str) -> Body:
    part = Process(command=job.command, args=job.args, size=job.size, env=job.env)
    spec = pod_spec(graph, node, name, part, account=account)
    spec["restartPolicy"] = "Never"
    spec.pop("topologySpreadConstraints", None)
    labels = {**node_labels(graph, node), PROCESS: name}
    return {
        "backoffLimit": job.retries,
        "activeDeadlineSeconds": job.deadline,
        "template": {"metadata": {"labels": labels}, "spec": spec},
    }


def _migration(graph: EnvironmentGraph, node: Node, name: str, job: Job, account: str) -> Body:
    """A Job cannot be changed once it exists: its name holds a hash of what it runs, so a new version is a new Job."""
    spec = _job_spec(graph, node, name, job, account)
    for volume in spec["template"]["spec"].get("volumes", []):
        if "configMap" in volume:
            volume["configMap"]["name"] = f"{account}-files"
    told = [spec["template"]["spec"]["containers"], files(graph, node)]
    digest = content_hash(told, graph.pod(node.ref.pod), 8)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata(graph, node, f"{account}-{digest}", name),
        "spec": spec,
    }


def _cron_job(graph: EnvironmentGraph, node: Node, name: str, job: Job) -> Body:
    full = f"{object_name(node)}-{name}"
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(graph, node, full, name),
        "spec": {
            "schedule": job.schedule,
            "timeZone": job.time_zone,
            "concurrencyPolicy": job.concurrency,
            "startingDeadlineSeconds": 600,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "metadata": {"labels": {**node_labels(graph, node), PROCESS: name}},
                "spec": _job_spec(graph, node, name, job, object_name(node)),
            },
        },
    }
