"""What a change breaks, loses or cannot do: found before it is applied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.availability_rules import held_fast
from solutio_topology.checks.flux import applier
from solutio_topology.checks.walk import maps, part
from solutio_topology.diff.immutable import refused, shrinks
from solutio_topology.diff.model import Danger, Disruption, Rollout, Side
from solutio_topology.diff.objects import Action, ObjectChange
from solutio_topology.diff.rollout import installed_from, short_pointer
from solutio_topology.diff.wording import say_value

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object

KINDS = {
    "refused": "the API server refuses an object (with --live)",
    "immutable-field": "a field changes that the API server does not let change: the apply fails",
    "data-lost": "a volume or database goes, and what is in it",
    "namespace-removed": "a namespace goes, with everything in it",
    "object-removed": "an object goes",
    "release-reinstalled": "a Helm release is uninstalled and installed anew",
    "helm-major": "a chart takes a step of a major version",
    "definition-removed": "a custom kind, or a version of it, goes: objects of it go, or cannot be applied",
    "database-major": "a database takes a step of a major version",
    "budget-broken": "a disruption budget asks for more pods than there are",
    "downtime": "nobody answers while it restarts",
    "storage-class-ignored": "a storage class changes, and the volumes that exist keep theirs",
    "kubernetes-version": "the cluster goes to a version that it cannot go to in one step",
    "prune-disabled": "an object is no longer rendered, and stays in the cluster",
}
"""Every kind of danger, and what it means. `approvals` in the topology name them."""

_DATA = {("", "PersistentVolumeClaim"), ("", "PersistentVolume"), ("postgresql.cnpg.io", "Cluster")}
_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
_RELEASE = ("helm.toolkit.fluxcd.io", "HelmRelease")
_CHEAP = frozenset({"NetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "Job", "Kustomization"})
"""Kinds whose removal says nothing that exposure or rollout does not say better."""


def dangers(
    changes: tuple[ObjectChange, ...], rollouts: tuple[Rollout, ...], before: Side, after: Side
) -> tuple[Danger, ...]:
    """Every danger of a change, the worst kinds first, each kind by object."""
    found = [danger for find in _FINDERS for change in changes for danger in find(change, before, after)]
    found += _budgets(before, after)
    found += _downtimes(changes, rollouts)
    found += _versions(before, after)
    return ordered_dangers(dict.fromkeys(found))


def ordered_dangers(found: Iterable[Danger]) -> tuple[Danger, ...]:
    """The worst kinds first, each kind by object."""
    rank = {code: number for number, code in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda each: (rank[each.code], each.subject, each.message)))


def _danger(code: str, change: ObjectChange, message: str, remedy: str) -> Danger:
    return Danger(code, change.key, change.pod, change.service, message, remedy)


def _immutable(change: ObjectChange, _before: Side, after: Side) -> Iterator[Danger]:
    if change.action is not Action.CHANGED:
        return
    for value in refused(change):
        told = next(each for each in change.changes if each.path == value.path)
        place = short_pointer(told)
        message = f"{place} cannot change ({say_value(told.before)} → {say_value(told.after)}): the apply fails"
        if shrinks(value):
            yield _danger("immutable-field", change, f"{message}; volumes only grow", "keep the size, or move the data")
        elif _forced(change.object, after):
            lost = "its Kustomization has force: it is deleted and made anew"
            yield _danger("immutable-field", change, f"{place} cannot change; {lost}", "keep the field as it is")
        else:
            yield _danger("immutable-field", change, message, "keep it as it is, or give the object a new name")


def _forced(source: Object, side: Side) -> bool:
    found = applier(side.evidence, source)
    return found is not None and part(found.body, "spec", "force") is True


def _removed(change: ObjectChange, before: Side, _after: Side) -> Iterator[Danger]:
    if change.action not in (Action.REMOVED, Action.RENAMED) or change.before is None:
        return
    source = change.before
    how = "renamed" if change.action is Action.RENAMED else "removed"
    if not is_pruned(source, before):
        keep = "nothing deletes it: it stays in the cluster and is nobody's"
        if source.key.kind not in _CHEAP:
            yield _at(source, "prune-disabled", f"it is {how}, and {keep}", "delete it by hand when it is not needed")
        return
    yield from _pruned(source, how)


def _pruned(source: Object, how: str) -> Iterator[Danger]:
    kind = (source.key.group, source.key.kind)
    if source.key.kind == "Namespace":
        message = f"it is {how}: every object in it goes, its volumes included"
        yield _at(source, "namespace-removed", message, "move what must stay, and back it up first")
    elif kind in _DATA or _loses_claims(source):
        yield _at(source, "data-lost", _loss(source, how), f"annotate it with {_PRUNE}: disabled, or back it up first")
    elif source.key.kind == "CustomResourceDefinition":
        message = f"it is {how}: every object of this kind is deleted with it"
        yield _at(source, "definition-removed", message, "remove the objects first, and look at what they hold")
    elif source.key.kind not in _CHEAP and how == "removed":
        yield _at(
            source, "object-removed", "it is removed, and pruned from the cluster", "make sure that nobody needs it"
        )


def _loss(source: Object, how: str) -> str:
    if source.key.kind == "StatefulSet":
        return f"it is {how}, and its claims with it: the data goes"
    if source.key.kind == "Cluster":
        return f"it is {how}: the database goes with its volumes; what is left are its backups"
    return f"it is {how}: its data goes unless the storage class retains the volume"


def _at(source: Object, code: str, message: str, remedy: str) -> Danger:
    change = ObjectChange(source, None)
    return Danger(code, source.key, change.pod, change.service, message, remedy)


def _loses_claims(source: Object) -> bool:
    """Whether the claims of a StatefulSet go with it; by default they stay."""
    kept = part(source.body, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    return (
        source.key.kind == "StatefulSet"
        and kept == "Delete"
        and bool(part(source.body, "spec", "volumeClaimTemplates"))
    )


def is_pruned(source: Object, side: Side) -> bool:
    """Whether Flux deletes an object that is no longer rendered. Without Flux nobody knows: it counts as deleted."""
    if source.annotations.get(_PRUNE) == "disabled" or source.labels.get(_PRUNE) == "disabled":
        return False
    found = applier(side.evidence, source)
    return found is None or part(found.body, "spec", "prune") is not False


def _release(change: ObjectChange, _before: Side, _after: Side) -> Iterator[Danger]:
    if (change.key.group, change.key.kind) != _RELEASE or change.action is not Action.CHANGED:
        return
    for value in change.changes:
        told = f"{say_value(value.before)} → {say_value(value.after)}"
        if value.fields == ("spec", "chart", "spec", "version") and _major(value.before) != _major(value.after):
            message = f"the chart takes a step of a major version: {told}"
            yield _danger(
                "helm-major", change, message, "read its notes of the version, and try it in another environment"
            )
        elif value.fields in {("spec", "releaseName"), ("spec", "targetNamespace"), ("spec", "storageNamespace")}:
            message = f"{value.fields[-1]} changes ({told}): the release is uninstalled and installed anew"
            yield _danger("release-reinstalled", change, message, "keep it as it is")


def _chart_source(change: ObjectChange, _before: Side, after: Side) -> Iterator[Danger]:
    """A chart that is taken from a registry: its version is the tag of an OCIRepository."""
    if change.key.kind != "OCIRepository" or change.action is not Action.CHANGED:
        return
    for value in change.changes:
        tag = value.fields in {("spec", "ref", "tag"), ("spec", "ref", "semver")}
        if not tag or _major(value.before) == _major(value.after):
            continue
        told = f"{say_value(value.before)} → {say_value(value.after)}"
        for release in installed_from(change.object, after):
            message = f"its chart takes a step of a major version ({change.key}: {told})"
            yield _at(
                release, "helm-major", message, "read its notes of the version, and try it in another environment"
            )


def _major(version: object) -> str:
    found = re.search(r"[0-9]+", str(version))
    return found.group() if found else str(version)


def _definitions(change: ObjectChange, _before: Side, _after: Side) -> Iterator[Danger]:
    if change.key.kind != "CustomResourceDefinition" or change.before is None or change.after is None:
        return
    old, new = (_served(each) for each in (change.before, change.after))
    for version in sorted(old - new):
        message = f"version {version} is no longer served: objects that are written in it cannot be applied"
        yield _danger("definition-removed", change, message, "write the objects in a version that stays, first")


def _served(source: Object) -> set[str]:
    versions = maps(part(source.body, "spec", "versions"))
    return {str(each.get("name")) for _, each in versions if each.get("served") is True}


def _databases(change: ObjectChange, _before: Side, _after: Side) -> Iterator[Danger]:
    if (change.key.group, change.key.kind) != ("postgresql.cnpg.io", "Cluster"):
        return
    for value in change.changes:
        told = f"{say_value(value.before)} → {say_value(value.after)}"
        if value.fields == ("spec", "imageName") and _pg_major(value.before) != _pg_major(value.after):
            message = f"PostgreSQL takes a step of a major version ({told}): it is offline while its data is converted"
            yield _danger(
                "database-major", change, message, "back it up, and try the upgrade on a copy; no way leads back"
            )
        if value.fields[-1:] == ("storageClass",):
            message = f"{short_pointer(value)} changes ({told}): instances that exist keep their volumes"
            yield _danger("storage-class-ignored", change, message, "make a new instance, and remove the old one")


def _pg_major(image: object) -> str:
    found = re.search(r":(?:pg)?([0-9]+)", str(image))
    return found.group(1) if found else str(image)


def _budgets(before: Side, after: Side) -> Iterator[Danger]:
    """Workloads that a budget holds fast now, and did not before: by fewer replicas, or by a stricter budget."""
    old = {workload.key for _, workload, _ in held_fast(before.evidence)}
    for budget, workload, replicas in held_fast(after.evidence):
        if workload.key not in old:
            message = f"{replicas} replicas are left, and {budget.key} spares none of them: no node can be drained"
            yield _at(after.evidence.objects[workload.key], "budget-broken", message, "let it spare one, or run more")


def _downtimes(changes: tuple[ObjectChange, ...], rollouts: tuple[Rollout, ...]) -> Iterator[Danger]:
    renamed = {each.key for each in changes if each.action is Action.RENAMED}
    for each in rollouts:
        alone = each.disruption is Disruption.OPERATED and each.key.kind == "Cluster" and each.pods == "1"
        single = each.disruption is Disruption.ROLLING and each.key.kind == "StatefulSet" and each.pods == "1"
        moved = each.disruption is Disruption.STARTED and each.key in renamed
        if not (each.disruption is Disruption.RECREATED or alone or single or moved):
            continue
        message = "it gets a new name: the old one is pruned while the new one starts" if moved else each.manner
        remedy = "do it when few people work, or run more than one" if not moved else "keep the name (`pin`)"
        yield Danger("downtime", each.key, each.pod, each.service, message, remedy)


def _versions(before: Side, after: Side) -> Iterator[Danger]:
    """Steps of the cluster's version that no provider takes."""
    from solutio_topology.manifests.places import Key

    if before.graph is None or after.graph is None:
        return
    old, new = (each.platform.kubernetes for each in (before.graph, after.graph))
    step = int(new.partition(".")[2] or 0) - int(old.partition(".")[2] or 0)
    if old != new and step not in {0, 1}:
        how = "back" if step < 0 else f"over {step - 1} version{'s' if step > 2 else ''}"
        message = f"Kubernetes {old} → {new} goes {how}: a control plane goes up one minor version at a time"
        subject = Key("", "Cluster", "", after.graph.name)
        yield Danger("kubernetes-version", subject, "", "", message, "go one minor version after the other")


_FINDERS: tuple[Callable[[ObjectChange, Side, Side], Iterator[Danger]], ...] = (
    _immutable, _removed, _release, _chart_source, _definitions, _databases,
)  # fmt: skip
