"""What the manifests ask for: groups of equal pods, how many of each, and what nobody can count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.cost.capacity import requests
from solutio_topology.cost.capacity.model import Group
from solutio_topology.cost.capacity.shapes import shape
from solutio_topology.identity import SERVICE, TENANT_POD
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.models.unknown import POD_MAKERS
from solutio_topology.manifests.quantities import share

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Facts, Key, Object, Unreadable, Workload

_SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"})
_DEFAULT_SURGE = "25%"


def demand(facts: Facts) -> tuple[Group, ...]:
    """Every group of pods that the manifests make, in their order."""
    objects = {each.key: each for each in reversed(facts.objects)}
    scalers = dict(_scalers(facts))
    return tuple(_group(each, objects.get(each.key), scalers, facts) for each in facts.workloads)


def uncounted(facts: Facts) -> tuple[Unreadable, ...]:
    """What makes pods that nothing here understands: how many there are and what they request is not known."""
    makers = {each.place: each.key for each in facts.objects if (each.key.group, each.key.kind) in POD_MAKERS}
    return tuple(each for each in facts.undecided if each.place in makers)


def _scalers(facts: Facts) -> Iterator[tuple[tuple[str, str, str], tuple[int, int]]]:
    """(kind, namespace, name) of what an autoscaler scales, and its limits."""
    for each in facts.objects:
        if (each.key.group, each.key.kind) == ("autoscaling", "HorizontalPodAutoscaler"):
            spec = Cursor(each.body, each.place, []).get("spec")
            target = spec.get("scaleTargetRef")
            low = spec.number("minReplicas", 1)
            yield (
                (target.text("kind"), each.key.namespace, target.text("name")),
                (low, max(low, spec.number("maxReplicas", low))),
            )


def _group(
    workload: Workload, source: Object | None, scalers: dict[tuple[str, str, str], tuple[int, int]], facts: Facts
) -> Group:
    key = workload.key
    spec = Cursor(source.body, source.place, []).get("spec") if source else Cursor(None, workload.place, [])
    low, usual, high = _numbers(workload, spec, scalers.get((key.kind, key.namespace, key.name)))
    labels = workload.object_labels
    return Group(
        name=_name(workload),
        shape=shape(workload, source, facts),
        low=max(0, low),
        usual=max(0, usual),
        high=max(0, high),
        place=workload.place,
        surge=max(0, _surge(key, spec, usual)),
        everywhere=key.kind == "DaemonSet",
        passing=key.kind in {"Job", "CronJob"},
        missing=requests.missing(Cursor(workload.pod_spec, workload.pod_place, [])),
        owner=(labels.get(TENANT_POD, ""), labels.get(SERVICE, "")),
    )


def _name(workload: Workload) -> str:
    """The workload; pods of one owner that differ in a role are told apart by it."""
    role = workload.labels.get("cnpg.io/instanceRole", "") if workload.key.kind == "Cluster" else ""
    return f"{workload.key} ({role})" if role else str(workload.key)


def _numbers(workload: Workload, spec: Cursor, scaled: tuple[int, int] | None) -> tuple[int, int, int]:
    """Pods that always run, usually run, and run at most."""
    kind = workload.key.kind
    if kind == "DaemonSet":
        return 0, 0, 0
    if kind in {"Job", "CronJob"}:
        return (
            0,
            0,
            _at_once(spec if kind == "Job" else spec.get("jobTemplate", "spec"), suspended=spec.flag("suspend")),
        )
    if scaled is None or kind not in _SCALED:
        return workload.replicas, workload.replicas, workload.replicas
    low, high = scaled
    # Where nothing says how many run usually, the middle of both limits is taken.
    usual = spec.number("replicas") if spec.has("replicas") else (low + high + 1) // 2
    return low, min(max(usual, low), high), high


def _at_once(job: Cursor, *, suspended: bool) -> int:
    """Pods of a Job that run at one time."""
    if suspended:
        return 0
    together = job.number("parallelism", 1)
    return min(together, job.number("completions", together)) if job.has("completions") else together


def _surge(key: Key, spec: Cursor, usual: int) -> int:
    """Pods that a rollout starts before the old ones are gone."""
    if key.kind != "Deployment" or not usual or spec.get("strategy").text("type", "RollingUpdate") == "Recreate":
        return 0
    rolling: Any = spec.get("strategy", "rollingUpdate").value
    value = rolling.get("maxSurge", _DEFAULT_SURGE) if isinstance(rolling, dict) else _DEFAULT_SURGE
    return share(value, usual, up=True)
