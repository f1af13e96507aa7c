"""A cluster as a side of a comparison: what runs, and what a server-side apply would make of it. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from solutio_topology.diff.values import ABSENT, apply, compare_values
from solutio_topology.errors import SolutioError, ToolError
from solutio_topology.external import ask, run
from solutio_topology.manifests import read_files
from solutio_topology.manifests.facts import Facts, Key, Object
from solutio_topology.workflows.sides import MANIFESTS, Material

MANAGER = "kustomize-controller"
"""The name under which Flux applies: a dry run under it says what Flux would do."""
_TIMEOUT = "--request-timeout=20s"
_ASKED_ONE_BY_ONE = 50
_SERVER_FIELDS = ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink")
_FLUX_LABELS = ("kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KUSTOMIZATIONS = "kustomizations.kustomize.toolkit.fluxcd.io"

Body = dict[str, Any]
ObjectKey = tuple[str, str, str, str]
"""Group, kind, namespace and name."""


class Cluster:
    """The cluster of a kubectl context."""

    def __init__(self, context: str = "") -> None:
        self._base = ["kubectl", *([f"--context={context}"] if context else []), _TIMEOUT]

    def ask(self, *arguments: str, given: bytes = b"") -> bytes:
        """Standard output of kubectl. Raises ToolError."""
        return run([*self._base, *arguments], given=given, remedy="check the context, its rights, and the cluster")

    def require(self) -> None:
        """Raises ToolError where there is no kubectl, no context, or no answer."""
        self.ask("version", "-o", "json")

    def get(self, objects: Iterable[Body]) -> list[Body]:
        """The objects as they are in the cluster; those that are not there are left out."""
        found: list[Body] = []
        for kind, bodies in _by_kind(objects).items():
            try:
                told = self.ask("get", "-f", "-", "--ignore-not-found", "-o", "json", given=_list(bodies))
            except ToolError as error:
                if not _is_unknown(error):
                    raise ToolError(f"{kind}: {error.message}", remedy=error.remedy) from None
                continue
            found += _items(told)
        return found

    def dry_run(self, objects: Iterable[Body]) -> tuple[list[Body], str]:
        """What the server would make of the objects, and what it says where it refuses some of them."""
        command = (
            "apply", "--server-side", "--dry-run=server", "--force-conflicts", f"--field-manager={MANAGER}", "-f", "-",
        )  # fmt: skip
        found = ask([*self._base, *command, "-o", "json"], given=_list(list(objects)))
        return _items(found.output), found.said if found.code else ""

    def inventories(self) -> dict[tuple[str, str], list[str]]:
        """What each Kustomization of Flux says that it applied, by namespace and name."""
        try:
            items = _items(self.ask("get", _KUSTOMIZATIONS, "-A", "-o", "json"))
        except ToolError as error:
            if _is_unknown(error):
                return {}
            raise
        return {
            (each["metadata"]["namespace"], each["metadata"]["name"]): [
                str(entry["id"]) for entry in each.get("status", {}).get("inventory", {}).get("entries", [])
            ]
            for each in items
        }


def live_sides(after: Material, context: str) -> tuple[Material, Material, tuple[tuple[Key, str], ...]]:
    """The cluster as it is, as it would be, and the objects that the server refuses, each with its words.

    Raises ToolError for a cluster that cannot be asked.
    """
    cluster = Cluster(context)
    cluster.require()
    facts = read_files({path: data for path, data in after.files.items() if path.endswith(MANIFESTS)})
    bodies = [each.body for each in facts.objects]
    running = {_key(each): each for each in cluster.get(bodies)}
    planned, refused = _planned(cluster, facts, running)
    pruned, notes = _pruned(cluster, facts)
    others = {path: data for path, data in after.files.items() if not path.endswith(MANIFESTS)}
    before = {**_files(facts, running), **pruned, **others}
    name = f"cluster {context}" if context else "the cluster"
    note = f"{name} has no topology: money, causes and findings are not compared"
    return (
        Material(name, before, notes=(note, *notes)),
        replace(after, files={**_files(facts, planned), **others}),
        refused,
    )


def _planned(
    cluster: Cluster, facts: Facts, running: Mapping[ObjectKey, Body]
) -> tuple[dict[ObjectKey, Body], tuple[tuple[Key, str], ...]]:
    """Every object as the server would make it; what it refuses, as it is rendered, with what the server set before."""
    found, said = cluster.dry_run([each.body for each in facts.objects])
    planned = {_key(each): each for each in found}
    missing = [each for each in facts.objects if _key(each.body) not in planned]
    refused = tuple(_one_by_one(cluster, missing[:_ASKED_ONE_BY_ONE], planned)) if said else ()
    for each in missing:
        key = _key(each.body)
        planned.setdefault(key, _over(running[key], each.body) if key in running else each.body)
    return planned, refused


def _over(running: Body, rendered: Body) -> Body:
    """What runs with what is rendered written over it: what a server-side apply does to fields that others own."""
    changes = [each for each in compare_values(running, rendered) if each.after is not ABSENT]
    found: Body = apply(changes, running)
    return found


def _one_by_one(
    cluster: Cluster, objects: Iterable[Object], planned: dict[ObjectKey, Body]
) -> Iterator[tuple[Key, str]]:
    for each in objects:
        found, said = cluster.dry_run([each.body])
        if found:
            planned[_key(each.body)] = found[0]
        elif not _waits(said):
            yield each.key, said.replace("\n", " ")


def _waits(said: str) -> bool:
    """Whether the server only lacks what the same rollout brings: a namespace, the definition of a kind."""
    return ('namespaces "' in said and "not found" in said) or "no matches for kind" in said


def _is_unknown(error: ToolError) -> bool:
    return "no matches for kind" in error.message or "doesn't have a resource type" in error.message


def _pruned(cluster: Cluster, facts: Facts) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Objects that Flux has applied and that are no longer rendered, as files below their Kustomization's path."""
    inventories = cluster.inventories()
    known = {_key(each.body) for each in facts.objects}
    found: dict[str, bytes] = {}
    if not inventories:
        return found, ("the cluster has no Kustomization of Flux: what it would prune is not known",)
    for each in facts.objects:
        if each.key.kind == "Kustomization" and each.key.group.startswith("kustomize.toolkit"):
            folder = str(each.body.get("spec", {}).get("path", "")).removeprefix("./")
            for number, entry in enumerate(inventories.get((each.key.namespace, each.key.name), [])):
                namespace, name, group, kind = entry.split("_", 3)
                if (group, kind, namespace, name) not in known:
                    found |= _one_pruned(cluster, f"{folder}/pruned-{number}.yaml", (group, kind, namespace, name))
    return found, ()


def _one_pruned(cluster: Cluster, path: str, key: tuple[str, str, str, str]) -> dict[str, bytes]:
    group, kind, namespace, name = key
    resource = f"{kind}.{group}" if group else kind
    where = ["-n", namespace] if namespace else []
    try:
        told = cluster.ask("get", resource, name, *where, "--ignore-not-found", "-o", "json")
    except ToolError:
        return {}
    return {path: json.dumps(_clean(json.loads(told))).encode()} if told.strip() else {}


def _files(facts: Facts, bodies: Mapping[ObjectKey, Body]) -> dict[str, bytes]:
    """The bodies as files, each in the file in which the object is rendered."""
    texts: dict[str, list[str]] = {}
    for each in facts.objects:
        body = bodies.get(_key(each.body))
        if body is not None:
            file = facts.documents[each.place.document].file
            texts.setdefault(file, []).append(json.dumps(_clean(body)))
    return {file: "\n---\n".join(found).encode() for file, found in texts.items()}


def _clean(body: Body) -> Body:
    """An object without what only the server and Flux write."""
    metadata = {key: value for key, value in body.get("metadata", {}).items() if key not in _SERVER_FIELDS}
    for field, names in (("labels", _FLUX_LABELS), ("annotations", (_APPLIED,))):
        if field in metadata:
            left = {key: value for key, value in metadata[field].items() if key not in names}
            metadata = {**metadata, field: left}
            if not left:
                del metadata[field]
    return {**{key: value for key, value in body.items() if key != "status"}, "metadata": metadata}


def _key(body: Body) -> ObjectKey:
    metadata = body.get("metadata", {})
    group = str(body.get("apiVersion", "")).rpartition("/")[0]
    return group, str(body.get("kind")), str(metadata.get("namespace", "")), str(metadata.get("name"))


def _by_kind(bodies: Iterable[Body]) -> dict[str, list[Body]]:
    """Bodies by kind: a kind that the server does not know must not hide the others."""
    found: dict[str, list[Body]] = {}
    for each in bodies:
        found.setdefault(f"{each.get('apiVersion')} {each.get('kind')}", []).append(each)
    return found


def _list(bodies: list[Body]) -> bytes:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}).encode()


def _items(told: bytes) -> list[Body]:
    if not told.strip():
        return []
    try:
        value = json.loads(told)
    except ValueError:
        raise SolutioError("kubectl answered something that is no JSON", remedy="try: kubectl version") from None
    return list(value["items"]) if str(value.get("kind", "")).endswith("List") and "items" in value else [value]
