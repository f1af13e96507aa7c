"""What an export of a live cluster shows beside what people write: pods that controllers made, what Helm installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.manifests.facts import Key
from solutio_topology.manifests.helm.wanted import installed

if TYPE_CHECKING:
    from solutio_topology.manifests.collect import Collector
    from solutio_topology.manifests.facts import Labels, Object, Workload

_MAKERS = {"ReplicaSet": "Deployment", "Job": "CronJob"}
_BUILT_IN = frozenset({"", "apps", "batch", "extensions"})
_HASH = "pod-template-hash"
_FLUX = ("helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace")
"""Labels that Flux gives to all that a HelmRelease installs."""
_HELM = ("meta.helm.sh/release-name", "meta.helm.sh/release-namespace")
"""Annotations that Helm gives to all that it installs."""


def settle(into: Collector) -> None:
    """Take what owners in the manifests make for the owners', and what releases install for the releases'.

    From then on what stands in the manifests keeps models and charts from speaking for it.
    """
    owned = set(_owned(into))
    into.workloads = [each for index, each in enumerate(into.workloads) if index not in owned]
    _adopt(into)
    into.standing = {each.key for each in into.objects}
    into.running = {each.key for each in into.workloads}


def _owned(into: Collector) -> Iterator[int]:
    """The workloads that another one in the manifests makes: ReplicaSets, Jobs and Pods of an export."""
    objects = {each.place: each for each in into.objects}
    known = {each.key: each for each in into.workloads if objects[each.place].key == each.key}
    for index, workload in enumerate(into.workloads):
        if workload.key.kind in _MAKERS and workload is known.get(workload.key):
            kind = _MAKERS[workload.key.kind]
            if any(key.kind == kind and key in known for key in _owners(objects[workload.place])):
                yield index
        elif objects[workload.place].key.kind == "Pod" and any(
            _has(workload, known[key]) for key in _makers(workload) if key in known
        ):
            yield index


def _owners(source: Object) -> Iterator[Key]:
    metadata = source.body.get("metadata")
    listed = metadata.get("ownerReferences") if isinstance(metadata, dict) else None
    for owner in listed if isinstance(listed, list) else ():
        if isinstance(owner, dict):
            group = str(owner.get("apiVersion", "")).rpartition("/")[0]
            yield Key(group, str(owner.get("kind", "")), source.key.namespace, str(owner.get("name", "")))


def _makers(workload: Workload) -> Iterator[Key]:
    """The owner of a Pod, and the Deployment behind it where the owner is a ReplicaSet that the export leaves out."""
    yield workload.key
    suffix = f"-{workload.labels.get(_HASH, '')}"
    if workload.key.kind == "ReplicaSet" and workload.key.name.endswith(suffix) and len(suffix) > 1:
        yield replace(workload.key, kind="Deployment", name=workload.key.name.removesuffix(suffix))


def _has(pods: Workload, owner: Workload) -> bool:
    """Whether pods are as their owner's template says: those of an older template are told apart."""
    return pods.place != owner.place and owner.labels.items() <= pods.labels.items()


def _adopt(into: Collector) -> None:
    """What a HelmRelease installed belongs to its service; what an operator makes is the operator's."""
    releases, makers = dict(_releases(into)), {}
    for each in into.objects:
        found = releases.get(_pair(each.labels, _FLUX)) or releases.get(_pair(each.annotations, _HELM))
        custom = next((owner for owner in _owners(each) if owner.group not in _BUILT_IN), None)
        if found or custom:
            makers[each.place] = (str(found.key), found.labels) if found else (str(custom), {})
    for index, workload in enumerate(into.workloads):
        if workload.place in makers:
            maker, labels = makers[workload.place]
            into.workloads[index] = replace(workload, maker=maker, object_labels={**labels, **workload.object_labels})
    for index, service in enumerate(into.services):
        if service.place in makers:
            maker, labels = makers[service.place]
            into.services[index] = replace(service, maker=maker, labels={**labels, **service.labels})


def _releases(into: Collector) -> Iterator[tuple[tuple[str, ...], Object]]:
    """The HelmReleases, by what Flux and Helm write on all that they install."""
    from solutio_topology.manifests.cursor import Cursor

    for each in into.objects:
        if (each.key.group, each.key.kind) == ("helm.toolkit.fluxcd.io", "HelmRelease"):
            of = installed(each, Cursor(each.body, each.place, into.unreadable))
            yield (_FLUX[0], each.key.name, each.key.namespace), each
            yield (_HELM[0], of.name, of.namespace), each


def _pair(found: Labels, keys: tuple[str, str]) -> tuple[str, ...]:
    return (keys[0], found.get(keys[0], ""), found.get(keys[1], ""))
