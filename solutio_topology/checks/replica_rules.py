"""``A010``: how many pods run, and by what they are scaled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.availability_rules import least, scalers
from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.same_rules import DeclaredPods, declared_pods
from solutio_topology.checks.walk import maps, part
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Object
    from solutio_topology.spec.workload import Replicas

REPLICAS = Rule(
    code="A010",
    name="replicas-differ",
    severity=Severity.WARNING,
    summary="Fewer pods than declared, any where none are, or an autoscaler with other bounds.",
    rationale="The load, and the loss of a node, were reckoned with more.",
    example="replicas: 1 where the topology says 2",
    remedy="make the number that of the topology",
)


def _of_charts(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Charts that make fewer pods than their service declares."""
    declared = Declared(intent, evidence)
    for each in evidence.connections.workloads:
        owner, workload = evidence.owner(each), evidence.workload(each)
        node = declared.node(owner) if owner and workload.maker.startswith("HelmRelease ") else None
        if node and node.component.kind == "chart" and workload.replicas < node.min_replicas:
            message = f"{workload.maker} makes {workload.replicas} pods; {node.min_replicas} are declared"
            yield REPLICAS.finding(message, evidence.locate(workload.place), subject=workload.maker)


def _replicas(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _of_charts(intent, evidence)
    yield from _missing(intent, evidence)
    for pods in declared_pods(intent, evidence):
        declared = _declared_replicas(pods)
        if declared is None or pods.workload.key.kind == "DaemonSet":
            continue
        scaler = scalers(evidence).get((pods.workload.key.kind, pods.workload.key.namespace, pods.workload.key.name))
        fewest, most = (declared, declared) if isinstance(declared, int) else (declared.min, declared.max)
        running = least(evidence, pods.workload)
        fault = f"runs {running} pods; {fewest} are declared" if running < fewest else ""
        if not fewest and not most and running:
            fault = f"runs {running} pods; it is declared to be switched off"
        limit = part(scaler.body, "spec", "maxReplicas") if scaler and not isinstance(declared, int) else most
        if limit != most:
            fault = f"is scaled up to {limit} pods; {most} are declared"
        if scaler and not isinstance(declared, int) and _cpu_kept(scaler) != declared.cpu:
            fault = fault or f"is not scaled at {declared.cpu} % CPU use, as is declared"
        if fault:
            where = evidence.locate(scaler.place if scaler else pods.workload.place)
            yield REPLICAS.finding(f"{pods.workload.key} {fault}", where, subject=str(pods.workload.key))


_BY_DEFAULT = 80
"""Percent of the requested CPU that an autoscaler without metrics keeps."""


def _cpu_kept(scaler: Object) -> int:
    """The CPU use that an autoscaler keeps, in percent; 0 where it measures something else."""
    metrics = [metric for _, metric in maps(part(scaler.body, "spec", "metrics"))]
    found = [part(each, "resource", "target", "averageUtilization") for each in metrics if _is_cpu(each)]
    return next((each for each in found if isinstance(each, int)), 0) if metrics else _BY_DEFAULT


def _is_cpu(metric: dict[str, Any]) -> bool:
    return bool(part(metric, "resource", "name") == "cpu")


def _declared_replicas(pods: DeclaredPods) -> int | Replicas | None:
    if pods.process == "main":
        return pods.node.replicas
    return pods.node.processes[pods.process].replicas if pods.process in pods.node.processes else None


_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"})


def _missing(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    """Services with fewer workloads than they have processes: one of the processes runs nowhere."""
    for pod in intent.graph.pods:
        for node in pod.nodes.values():
            found = [evidence.workload(each) for each in evidence.pods_of(node.ref)]
            running = [each for each in found if each.key.kind in _RUNNING]
            wanted = list(_processes(node))
            if node.component.kind == "workload" and running and len(running) < len(wanted):
                where = evidence.locate(running[0].place)
                message = f"{node.ref} has {len(running)} of its {len(wanted)} processes: {', '.join(wanted)}"
                yield REPLICAS.finding(message, where, subject=f"service {node.ref.service} of {node.ref.pod}")


def _processes(node: Node) -> Iterator[str]:
    """The processes of which pods always run."""
    for name, replicas in (("main", node.replicas), *((key, each.replicas) for key, each in node.processes.items())):
        if (replicas if isinstance(replicas, int) else replicas.max) > 0:
            yield name


CHECKS: tuple[Check, ...] = (BothCheck(REPLICAS, _replicas),)
