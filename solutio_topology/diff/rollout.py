"""What restarts, how many at a time, and what nobody notices.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ (strategy, rounding of percentages),
.../statefulset/ (ordinals, partition, OnDelete), .../daemonset/, https://cloudnative-pg.io/documentation/current/rolling_update/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.flux import applier
from solutio_topology.checks.walk import part
from solutio_topology.diff.model import Disruption, Rollout, Side
from solutio_topology.diff.objects import Action, ObjectChange
from solutio_topology.diff.values import ValueChange
from solutio_topology.diff.wording import say_value
from solutio_topology.manifests.quantities import share

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object

_TEMPLATED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"})
_WORKLOADS = _TEMPLATED | {"Job", "CronJob", "Pod"}
_CLUSTER = ("postgresql.cnpg.io", "Cluster")
_RELEASE = ("helm.toolkit.fluxcd.io", "HelmRelease")
_HELM = "helm decides what restarts: the chart is not here"
_INSTANCE = frozenset(
    {"imageName", "imageCatalogRef", "resources", "postgresql", "env", "affinity", "plugins", "tolerations"}
)
"""Fields of a CloudNativePG Cluster whose change restarts its instances."""


def rollouts(changes: Iterable[ObjectChange], before: Side, after: Side) -> tuple[Rollout, ...]:
    """What every workload goes through, in the order of the objects."""
    changes = tuple(changes)
    return ordered_rollouts([*_told(changes, before, after), *_unnoticed(changes, after)])


def ordered_rollouts(found: Iterable[Rollout]) -> tuple[Rollout, ...]:
    """In the order of the objects."""
    return tuple(sorted(found, key=lambda each: (each.key, each.disruption)))


def _told(changes: tuple[ObjectChange, ...], before: Side, after: Side) -> Iterator[Rollout]:
    for change in changes:
        kind = (change.key.group, change.key.kind)
        if change.key.kind in _WORKLOADS and change.key.group in {"", "apps", "batch"}:
            yield from _workload(change, before, after)
        elif kind == _CLUSTER:
            yield from _cluster(change, after if change.after else before)
        elif kind == _RELEASE:
            yield from _release(change, after if change.after else before)
        elif change.key.kind == "OCIRepository" and change.action is Action.CHANGED:
            for release in installed_from(change.object, after):
                reasons = (f"{change.key}: {each}" for each in _reasons(change.changes))
                yield _rollout(ObjectChange(release, release), after, Disruption.OPERATED, "", _HELM, reasons)


def installed_from(source: Object, side: Side) -> Iterator[Object]:
    """The Helm releases whose chart is what an OCIRepository holds."""
    for each in side.evidence.of_kind("HelmRelease", _RELEASE[0]):
        found = part(each.body, "spec", "chartRef") or {}
        namespace = found.get("namespace") or each.key.namespace
        if (found.get("kind"), found.get("name"), namespace) == (
            "OCIRepository",
            source.key.name,
            source.key.namespace,
        ):
            yield each


def _workload(change: ObjectChange, before: Side, after: Side) -> Iterator[Rollout]:
    if change.action is Action.ADDED:
        yield _new(change, after)
    elif change.action is Action.REMOVED:
        yield _rollout(change, before, Disruption.STOPPED, _count(change.object, before), "", ("it is removed",))
    elif change.action is Action.RENAMED:
        yield _new(change, after, reasons=(f"it was called {change.before.key.name}" if change.before else "",))
    else:
        yield from _changed(change, before, after)


def _new(change: ObjectChange, side: Side, reasons: tuple[str, ...] = ("it is new",)) -> Rollout:
    if change.key.kind == "Job":
        return _rollout(change, side, Disruption.RUN, "1", "once", _first(change) or reasons)
    if change.key.kind == "CronJob":
        return _rollout(change, side, Disruption.NEXT_RUN, "", "from its next time on", reasons)
    return _rollout(change, side, Disruption.STARTED, _count(change.object, side), "", reasons)


def _first(change: ObjectChange) -> tuple[str, ...]:
    """What differs in the template of a Job that was renamed: why it runs again."""
    return tuple(_reason(each) for each in change.changes if each.fields[:2] == ("spec", "template"))


def _changed(change: ObjectChange, before: Side, after: Side) -> Iterator[Rollout]:
    template = tuple(each for each in change.changes if each.fields[:2] == ("spec", "template"))
    if change.key.kind == "CronJob":
        yield _rollout(change, after, Disruption.NEXT_RUN, "", "from its next time on", _reasons(change.changes))
    elif change.key.kind in _TEMPLATED and template:
        disruption, manner = _manner(change.object, after)
        yield _rollout(change, after, disruption, _count(change.object, after), manner, _reasons(template))
    elif any(each.fields == ("spec", "replicas") for each in change.changes):
        old, new = _count(change.before, before) if change.before else "", _count(change.object, after)
        yield _rollout(change, after, Disruption.SCALED, f"{old} → {new}", "no pod restarts", _reasons(change.changes))


def _manner(source: Object, side: Side) -> tuple[Disruption, str]:
    """How the pods of a workload are replaced, from its strategy."""
    kind, spec = source.key.kind, part(source.body, "spec") or {}
    if kind == "Deployment":
        return _deployment(source, spec, side)
    if kind == "StatefulSet":
        return _stateful(part(spec, "updateStrategy") or {})
    if kind == "DaemonSet":
        strategy = part(spec, "updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return Disruption.ON_DELETE, "only when somebody deletes its pods"
        missing = part(strategy, "rollingUpdate", "maxUnavailable")
        return Disruption.ROLLING, f"{1 if missing is None else missing} missing at a time"
    return Disruption.ON_DELETE, "only pods that are made from now on are different"


def _deployment(source: Object, spec: dict[str, Any], side: Side) -> tuple[Disruption, str]:
    if spec.get("paused"):
        return Disruption.ON_DELETE, "it is paused: nothing until it is resumed"
    if part(spec, "strategy", "type") == "Recreate":
        return Disruption.RECREATED, "all stop before the new ones start: nobody answers meanwhile"
    replicas = scale(source, side)[0]
    rolling = part(spec, "strategy", "rollingUpdate") or {}
    surge = share(rolling.get("maxSurge", "25%"), replicas, up=True)
    missing = share(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    if not surge and not missing:
        # Kubernetes takes one where both round to nothing.
        missing = 1
    told = "none missing" if not missing else f"{missing} of {replicas} missing"
    return Disruption.ROLLING, f"{max(1, surge + missing)} at a time, {told}"


def _stateful(strategy: dict[str, Any]) -> tuple[Disruption, str]:
    if strategy.get("type") == "OnDelete":
        return Disruption.ON_DELETE, "only when somebody deletes its pods"
    partition = part(strategy, "rollingUpdate", "partition")
    rest = f", down to number {partition}" if partition else ""
    return Disruption.ROLLING, f"one at a time, the highest number first{rest}; each is missing while it restarts"


def scale(source: Object, side: Side) -> tuple[int, int]:
    """How many pods a workload has, at least and at most, its autoscaler included."""
    for each in side.evidence.of_kind("HorizontalPodAutoscaler", "autoscaling"):
        target = part(each.body, "spec", "scaleTargetRef") or {}
        if (each.key.namespace, target.get("kind"), target.get("name")) == (
            source.key.namespace,
            source.key.kind,
            source.key.name,
        ):
            low = part(each.body, "spec", "minReplicas")
            return (1 if low is None else int(low)), int(part(each.body, "spec", "maxReplicas") or 1)
    replicas = part(source.body, "spec", "replicas")
    number = 1 if not isinstance(replicas, int) else replicas
    return number, number


def _count(source: Object, side: Side) -> str:
    if source.key.kind == "DaemonSet":
        return "one a node"
    low, high = scale(source, side)
    return str(low) if low == high else f"{low} to {high}"


def _cluster(change: ObjectChange, side: Side) -> Iterator[Rollout]:
    instances = str(part(change.object.body, "spec", "instances") or 1)
    if change.action is Action.REMOVED:
        yield _rollout(change, side, Disruption.STOPPED, instances, "", ("it is removed",))
        return
    if change.action is not Action.CHANGED:
        yield _rollout(change, side, Disruption.STARTED, instances, "by CloudNativePG", ("it is new",))
        return
    restarting = [each for each in change.changes if len(each.fields) > 1 and each.fields[1] in _INSTANCE]
    if restarting:
        manner = "replicas first, then the primary by a switchover" if instances != "1" else (
            "the one instance restarts: the database does not answer meanwhile"
        )  # fmt: skip
        yield _rollout(change, side, Disruption.OPERATED, instances, manner, _reasons(restarting))
    elif any(each.fields[:2] == ("spec", "instances") for each in change.changes):
        yield _rollout(change, side, Disruption.SCALED, instances, "no instance restarts", _reasons(change.changes))


def _release(change: ObjectChange, side: Side) -> Iterator[Rollout]:
    disruption = Disruption.STOPPED if change.action is Action.REMOVED else Disruption.OPERATED
    manner = "helm uninstall" if change.action is Action.REMOVED else _HELM
    reasons = {Action.REMOVED: ("it is removed",), Action.ADDED: ("it is new",)}.get(
        change.action, _reasons(each for each in change.changes if each.fields[:1] == ("spec",))
    )
    if reasons:
        yield _rollout(change, side, disruption, "", manner, reasons)


def _unnoticed(changes: tuple[ObjectChange, ...], after: Side) -> Iterator[Rollout]:
    """Workloads that read a ConfigMap or Secret that changes, while their own template does not."""
    changed = {
        (each.key.kind, each.key.namespace, each.key.name): each
        for each in changes
        if each.key.kind in {"ConfigMap", "Secret"} and each.action is Action.CHANGED
    }
    restarting = {
        each.key
        for each in changes
        if each.action is not Action.CHANGED or any(one.fields[:2] == ("spec", "template") for one in each.raw)
    }
    for workload in after.evidence.written if changed else ():
        source = after.evidence.objects.get(workload.key)
        if source is None or workload.key in restarting or workload.key.kind in {"Job", "CronJob"}:
            continue
        read = {(each.kind, workload.key.namespace, each.name) for each in workload.references}
        read |= {
            (one.source_kind, workload.key.namespace, one.source_name)
            for each in workload.containers
            for one in each.env
        }
        reasons = tuple(f"{kind} {name} changes" for kind, space, name in sorted(read & changed.keys()) if space)
        if reasons:
            told = "files change in place, variables at the next restart; restart it if it does not look again"
            yield _rollout(ObjectChange(source, source), after, Disruption.UNNOTICED, "", told, reasons)


def _rollout(
    change: ObjectChange, side: Side, disruption: Disruption, pods: str, manner: str, reasons: Iterable[str]
) -> Rollout:
    found = applier(side.evidence, change.object)
    stage = found.key.name if found else ""
    return Rollout(
        change.key, change.pod, change.service, disruption, pods, manner, tuple(filter(None, reasons)), stage
    )


def _reasons(changes: Iterable[ValueChange]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_reason(each) for each in changes))


def _reason(change: ValueChange) -> str:
    """One change in a few words: the last names of the place, and both values."""
    return f"{short_pointer(change)} {say_value(change.before)} → {say_value(change.after)}"


def short_pointer(change: ValueChange) -> str:
    """The end of a pointer, where everybody knows its beginning: ``containers[api].image``."""
    text = change.pointer
    for prefix in ("spec.template.spec.", "spec.template.", "spec."):
        if text.startswith(prefix):
            return text.removeprefix(prefix)
    return text
