"""From files to facts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solutio_topology.errors import FileError
from solutio_topology.manifests.admin_policies import read_admin_policy
from solutio_topology.manifests.cilium import read_cilium_policy
from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor, describe
from solutio_topology.manifests.facts import Build, Document, Facts, Key, Object, Place, Unreadable
from solutio_topology.manifests.gateway import read_gateway, read_reference_grant, read_route
from solutio_topology.manifests.ingress import read_ingress, read_ingress_class
from solutio_topology.manifests.interned import Interned
from solutio_topology.manifests.keyed import (
    read_certificate,
    read_config_map,
    read_external_secret,
    read_sealed_secret,
    read_secret,
)
from solutio_topology.manifests.kinds import mistaken
from solutio_topology.manifests.live import settle
from solutio_topology.manifests.models import read_modelled
from solutio_topology.manifests.policies import read_network_policy
from solutio_topology.manifests.scopes import is_cluster_scoped
from solutio_topology.manifests.services import read_endpoint_slice, read_endpoints, read_service
from solutio_topology.manifests.workloads import read_workload
from solutio_topology.yamlio import Fault, Parsed, read_manifests

if TYPE_CHECKING:
    from solutio_topology.manifests.helm.charts import Charts

SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZE = "kustomize.config.k8s.io"
"""Instructions for kustomize, in files of whatever name: no objects."""
KUSTOMIZATION = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
Documents = tuple[list[Parsed], list[Fault]]
Parse = Callable[[bytes], Documents]
Reader = Callable[[Object, Cursor, Collector], None]

_GATEWAY = "gateway.networking.k8s.io"
_READERS: dict[tuple[str, str], Reader] = {
    ("", "Pod"): read_workload,
    ("", "ReplicationController"): read_workload,
    ("apps", "Deployment"): read_workload,
    ("apps", "ReplicaSet"): read_workload,
    ("apps", "StatefulSet"): read_workload,
    ("apps", "DaemonSet"): read_workload,
    ("batch", "Job"): read_workload,
    ("batch", "CronJob"): read_workload,
    ("", "Service"): read_service,
    ("", "Endpoints"): read_endpoints,
    ("discovery.k8s.io", "EndpointSlice"): read_endpoint_slice,
    ("networking.k8s.io", "Ingress"): read_ingress,
    ("extensions", "Ingress"): read_ingress,
    ("extensions", "DaemonSet"): read_workload,
    ("extensions", "Deployment"): read_workload,
    ("extensions", "NetworkPolicy"): read_network_policy,
    ("extensions", "ReplicaSet"): read_workload,
    ("networking.k8s.io", "IngressClass"): read_ingress_class,
    (_GATEWAY, "Gateway"): read_gateway,
    (_GATEWAY, "HTTPRoute"): read_route,
    (_GATEWAY, "GRPCRoute"): read_route,
    (_GATEWAY, "TLSRoute"): read_route,
    (_GATEWAY, "ReferenceGrant"): read_reference_grant,
    ("networking.k8s.io", "NetworkPolicy"): read_network_policy,
    ("cilium.io", "CiliumNetworkPolicy"): read_cilium_policy,
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): read_cilium_policy,
    ("policy.networking.k8s.io", "AdminNetworkPolicy"): read_admin_policy,
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"): read_admin_policy,
    ("", "ConfigMap"): read_config_map,
    ("", "Secret"): read_secret,
    ("external-secrets.io", "ExternalSecret"): read_external_secret,
    ("bitnami.com", "SealedSecret"): read_sealed_secret,
    ("cert-manager.io", "Certificate"): read_certificate,
}


def read_tree(root: Path, *, display: str = "", charts: Charts | None = None) -> Facts:
    """Every manifest below `root`, in the order of their paths; `display` is what people call the folder.

    Hidden files and folders and files of other kinds are passed over. HelmReleases are expanded from `charts`, where
    they are given. Raises FileError for what cannot be opened.
    """
    files = {_shown(display, path.relative_to(root)): read_manifest(path) for path in manifest_paths(root)}
    return read_files(files, charts=charts)


def manifest_paths(root: Path) -> list[Path]:
    """The files below `root` that hold manifests, sorted."""
    if not root.is_dir():
        raise FileError(f"{root} is not a folder", remedy="name a folder of manifests")
    return [path for path in every_path(root) if path.suffix in SUFFIXES]


def every_path(root: Path) -> list[Path]:
    """The files below `root` that are not hidden, sorted; a link that leads nowhere is one of them."""
    found = (Path(folder, name) for folder, names in _folders(root) for name in names)
    return sorted(path for path in found if path.is_file() or (path.is_symlink() and not path.exists()))


def _folders(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Every folder that is not hidden, with its files that are not; one that cannot be opened is an error."""

    def refuse(error: OSError) -> None:
        raise FileError(f"{error.filename}: {error.strerror}", remedy="check the folder's permissions") from None

    for folder, inner, names in os.walk(root, onerror=refuse):
        inner[:] = [name for name in inner if not name.startswith(".")]
        yield folder, [name for name in names if not name.startswith(".")]


def _shown(display: str, path: Path) -> str:
    return f"{display.rstrip('/')}/{path.as_posix()}" if display else path.as_posix()


def read_manifest(path: Path) -> bytes:
    """The content of a file. Raises FileError for one that cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        remedy = "correct the link, or remove it" if path.is_symlink() else "check the file's permissions"
        raise FileError(f"{path}: {error.strerror}", remedy=remedy) from None


def read_files(files: Mapping[str, bytes], *, charts: Charts | None = None, parse: Parse = read_manifests) -> Facts:
    """The facts in `files` (name → bytes), in the order of their names; HelmReleases are expanded from `charts`.

    `parse` makes documents of bytes: who reads nearly the same files again and again may remember them.
    """
    kept = Interned()
    return read_parsed(((name, _interned(parse(files[name]), kept)) for name in sorted(files)), charts=charts)


def _interned(read: Documents, kept: Interned) -> Documents:
    return [Parsed(each.text, each.line, kept.intern(each.value)) for each in read[0]], read[1]


def read_parsed(files: Iterable[tuple[str, Documents]], *, charts: Charts | None = None) -> Facts:
    """The same of files (name, documents) that are parsed, in their order; equal parts should be kept once."""
    into = Collector(charts=charts)
    for name, documents in files:
        if name.rpartition("/")[2] in KUSTOMIZATION:
            _read_build(name, documents, into)
        else:
            _read_file(name, documents, into)
    settle(into)
    for source in list(into.objects):
        read_modelled(source, Cursor(source.body, source.place, into.unreadable), into)
    return into.facts()


def _read_build(name: str, read: Documents, into: Collector) -> None:
    """A kustomization.yaml: the first document that it holds, as kustomize reads it."""
    parsed, faults = read
    _note_faults(name, faults, into)
    place = Place(len(into.documents))
    first = next((each for each in parsed if isinstance(each.value, dict)), None)
    into.documents.append(Document(name, place.document, first.text if first else b"", first.line if first else 1))
    into.builds.append(Build(name.rpartition("/")[0], first.value if first else {}, place))


def _read_file(name: str, read: Documents, into: Collector) -> None:
    parsed, faults = read
    _note_faults(name, faults, into)
    for document in parsed:
        index = len(into.documents)
        into.documents.append(Document(name, index, document.text, document.line))
        for value, place in unpacked(document.value, Place(index)):
            read_object(Cursor(value, place, into.unreadable), into)


def _note_faults(name: str, faults: Iterable[Fault], into: Collector) -> None:
    """Each a document of its own: the place of the fault is all that is known of it."""
    for fault in faults:
        index = len(into.documents)
        into.documents.append(Document(name, index, b"", fault.line, fault.column))
        into.unreadable.append(Unreadable(fault.message, fault.remedy, Place(index)))


def unpacked(value: Any, place: Place) -> Iterator[tuple[Any, Place]]:
    """The objects of a document: itself, or the items of a List."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "List" and value.get("items") is None:
        return
    if isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list):
        for index, item in enumerate(value["items"]):
            yield from unpacked(_typed(value, item), place.at("items", index))
    else:
        yield value, place


def _typed(owner: dict[str, Any], item: Any) -> Any:
    """An item of a typed list (DeploymentList) may leave out its own kind."""
    kind = str(owner["kind"]).removesuffix("List")
    if isinstance(item, dict) and kind and "kind" not in item:
        return {"apiVersion": owner.get("apiVersion"), "kind": kind, **item}
    return item


def read_object(at: Cursor, into: Collector) -> None:
    """Sort one object into the facts."""
    source = _identify(at)
    if source is None or source.key in into.standing:
        return
    into.objects.append(source)
    if source.key.kind == "Namespace" and not source.key.group:
        into.declare(source.key.name, source.labels)
    elif source.key.namespace:
        into.mention(source.key.namespace)
    reader = _READERS.get((source.key.group, source.key.kind))
    if reader is not None:
        reader(source, at, into)


def _identify(at: Cursor) -> Object | None:
    if not isinstance(at.value, dict):
        at.note(f"a Kubernetes object must be a map, not {describe(at.value)}", "remove it or indent it")
        return None
    version, kind, metadata = at.text("apiVersion"), at.text("kind"), at.get("metadata")
    if not version or not kind:
        missing = "apiVersion" if not version else "kind"
        at.note(f"this is no Kubernetes object: it has no {missing}", f"give it {missing}, or move the file elsewhere")
        return None
    group = version.rpartition("/")[0]
    name = metadata.text("name") or metadata.text("generateName")
    if group == KUSTOMIZE:
        return None
    if kind == "List":
        at.note("the items of a List must be a list", "write the objects below items")
        return None
    if not name:
        at.note(f"{kind} has no metadata.name", "give it a name")
        return None
    if (wrong := mistaken(group, kind)) is not None:
        at.get("kind").note(*wrong)
    namespace = metadata.text("namespace") or ("" if is_cluster_scoped(group, kind) else "default")
    return Object(
        key=Key(group, kind, "" if is_cluster_scoped(group, kind) else namespace, name),
        version=version.rpartition("/")[2],
        labels=metadata.labels("labels"),
        annotations=metadata.labels("annotations"),
        body=at.value,
        place=at.place,
    )
