"""Volumes, folders of nodes, and the places that databases are backed up to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.walk import maps, part

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key, Place

_CNPG = "postgresql.cnpg.io"


class Holding(Struct, frozen=True):
    """A place outside of a namespace that an object keeps data in, for a tenant pod."""

    pod: str
    thing: str
    source: Key
    place: Place


def shared_volumes(tenants: Tenants) -> Iterator[Breach]:
    """Volumes that two tenant pods mount: one PersistentVolume, one disk behind two, one export of a file server."""
    found: dict[str, list[Holding]] = {}
    for each in _volumes(tenants):
        found.setdefault(each.thing, []).append(each)
    for thing, holdings in found.items():
        for pod in tenants.apart(each.pod for each in holdings):
            own = next(each for each in holdings if each.pod == pod)
            other = next(each for each in holdings if each.pod in _others(tenants, holdings, pod))
            yield _breach(tenants, f"{thing} holds", own, other)


def _others(tenants: Tenants, holdings: list[Holding], pod: str) -> set[str]:
    return {each.pod for each in holdings if pod in tenants.apart((pod, each.pod))}


def _breach(tenants: Tenants, what: str, own: Holding, other: Holding) -> Breach:
    return Breach(
        own.pod,
        f"{what} data of {own.pod} ({own.source}) and of {other.pod} ({other.source})",
        tenants.evidence.where(own.place),
        str(own.source),
        (tenants.fact(other.source, other.place),),
    )


def _volumes(tenants: Tenants) -> Iterator[Holding]:
    disks = {each.key.name: _disk(part(each.body, "spec")) for each in tenants.evidence.of_kind("PersistentVolume")}
    for owner, source, place, spec in _claims(tenants):
        if name := part(spec, "volumeName"):
            thing = disks.get(str(name)) or f"PersistentVolume {name}"
            yield Holding(owner, thing, source, place.at("volumeName"))
        copied, space = part(spec, "dataSourceRef"), part(spec, "dataSourceRef", "namespace")
        if space and (theirs := tenants.of_namespace(str(space))) != owner:
            thing = f"{part(copied, 'kind')} {space}/{part(copied, 'name')}"
            for pod in (owner, theirs):
                yield Holding(pod, thing, source, place.at("dataSourceRef"))
    for volume in tenants.evidence.of_kind("PersistentVolume"):
        claim = part(volume.body, "spec", "claimRef")
        if (space := part(claim, "namespace")) and (disk := disks.get(volume.key.name)):
            yield Holding(tenants.of_namespace(str(space)), disk, volume.key, volume.place.at("spec"))
    for workload in tenants.evidence.written:
        for index, volume_body in maps(workload.pod_spec.get("volumes")):
            if disk := _disk(volume_body):
                where = workload.pod_place.at("volumes", index)
                yield Holding(tenants.of_workload(workload), disk, workload.key, where)


def _claims(tenants: Tenants) -> Iterator[tuple[str, Key, Place, Any]]:
    """Every claim on a volume, with whose it is: those that stand alone, and those that workloads have made."""
    for each in tenants.evidence.of_kind("PersistentVolumeClaim"):
        yield tenants.of(each), each.key, each.place.at("spec"), part(each.body, "spec")
    for each in tenants.evidence.of_kind("StatefulSet", "apps"):
        for index, template in maps(part(each.body, "spec", "volumeClaimTemplates")):
            place = each.place.at("spec", "volumeClaimTemplates", index, "spec")
            yield tenants.of(each), each.key, place, part(template, "spec")


def _disk(spec: Any) -> str:
    """What is behind a volume, where that is named: the same text is the same disk."""
    if (handle := part(spec, "csi", "volumeHandle")) is not None:
        return f"volume {handle} of {part(spec, 'csi', 'driver')}"
    if (server := part(spec, "nfs", "server")) is not None:
        return f"{part(spec, 'nfs', 'path')} of the file server {server}"
    return ""


_NODE_FLAGS = {"hostPID": "the processes", "hostIPC": "the shared memory"}


def opened_nodes(tenants: Tenants) -> Iterator[Breach]:
    """Workloads of dedicated tenant pods that use a node's folders, processes or memory, where others are, too."""
    for pod in tenants.dedicated:
        for workload in tenants.workloads.get(pod, ()):
            found = [
                (f"the folder {part(volume, 'hostPath', 'path')}", workload.pod_place.at("volumes", index))
                for index, volume in maps(workload.pod_spec.get("volumes"))
                if isinstance(volume.get("hostPath"), dict)
            ]
            found += [
                (words, workload.pod_place.at(flag))
                for flag, words in _NODE_FLAGS.items()
                if workload.pod_spec.get(flag) is True
            ]
            for words, place in found:
                message = f"{workload.key} of {pod} uses {words} of its node"
                yield Breach(pod, message, tenants.evidence.where(place), str(workload.key))


def backups(tenants: Tenants) -> tuple[Holding, ...]:
    """Where databases are backed up to: ``https://endpoint bucket/prefix`` for each object that says so."""
    return tuple(_backups(tenants))


def _backups(tenants: Tenants) -> Iterator[Holding]:
    for store in tenants.evidence.of_kind("ObjectStore", "barmancloud.cnpg.io"):
        if thing := _target(part(store.body, "spec", "configuration")):
            place = store.place.at("spec", "configuration", "destinationPath")
            yield Holding(tenants.of(store), thing, store.key, place)
    for cluster in tenants.evidence.of_kind("Cluster", _CNPG):
        ways: list[tuple[str | int, ...]] = [("spec", "backup", "barmanObjectStore")]
        for index, _ in maps(part(cluster.body, "spec", "externalClusters")):
            ways.append(("spec", "externalClusters", index, "barmanObjectStore"))
        for way in ways:
            if thing := _target(part(cluster.body, *way)):
                yield Holding(tenants.of(cluster), thing, cluster.key, cluster.place.at(*way, "destinationPath"))


def _target(configuration: Any) -> str:
    path = part(configuration, "destinationPath")
    endpoint = part(configuration, "endpointURL") or "the provider's endpoint"
    return f"{path} at {endpoint}" if isinstance(path, str) and path else ""


def shared_backups(tenants: Tenants) -> Iterator[Breach]:
    """Places of backups of which one is, or lies in, another tenant pod's."""
    found = backups(tenants)
    by_prefix: dict[tuple[str, ...], list[Holding]] = {}
    by_place: dict[tuple[str, ...], list[Holding]] = {}
    for each in found:
        steps = _steps(each.thing)
        by_place.setdefault(steps, []).append(each)
        for length in range(1, len(steps) + 1):
            by_prefix.setdefault(steps[:length], []).append(each)
    for own in found:
        steps = _steps(own.thing)
        above = [each for length in range(1, len(steps)) for each in by_place.get(steps[:length], ())]
        near = [*by_prefix[steps], *above]
        other = next((each for each in near if own.pod in tenants.apart((own.pod, each.pod))), None)
        if other is not None:
            yield _breach(tenants, f"{own.thing} and {other.thing} are one place, which holds", own, other)


def _steps(thing: str) -> tuple[str, ...]:
    """Endpoint, bucket and folders: what begins with the same steps lies within."""
    path, _, endpoint = thing.partition(" at ")
    return (endpoint.rstrip("/"), *(step for step in path.split("/") if step))
