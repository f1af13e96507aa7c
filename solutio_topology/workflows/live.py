"""A cluster as a side of a comparison: what runs, and what a server-side apply would make of it. Nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from solutio_topology.diff.values import ABSENT, apply, compare_values
from solutio_topology.errors import SolutioError, ToolError
from solutio_topology.external import ask, run
from solutio_topology.manifests import read_files
from solutio_topology.manifests.facts import Facts, Key, Object
from solutio_topology.workflows.contents import Contents
from solutio_topology.workflows.sides import MANIFESTS, Material

MANAGER = "kustomize-controller"
"""The name under which Flux applies: a dry run under it says what Flux would do."""
_TIMEOUT = "--request-timeout=20s"
_MOST_QUESTIONS = 120
"""Dry runs at most: a third of a second each."""
_DENIED = "Error from server (Forbidden)"
_NO_KIND = "no matches for kind"
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

    def get(self, objects: Iterable[Body]) -> tuple[list[Body], list[str]]:
        """The objects that are in the cluster, as they are there; and the kinds that may not be seen."""
        found: list[Body] = []
        denied: list[str] = []
        for kind, bodies in _by_kind(objects).items():
            try:
                told = self.ask("get", "-f", "-", "--ignore-not-found", "-o", "json", given=_list(bodies))
            except ToolError as error:
                if _DENIED in error.message:
                    denied.append(kind)
                elif not _is_unknown(error):
                    raise ToolError(f"{kind}: {error.message}", remedy=error.remedy) from None
                continue
            found += _items(told)
        return found, denied

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
            if _is_unknown(error) or _DENIED in error.message:
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
    found, denied = cluster.get(each.body for each in facts.objects)
    running = {_key(each): each for each in found}
    facts = replace(facts, objects=tuple(each for each in facts.objects if _kind(each.body) not in denied))
    planned, refused, unasked = _planned(cluster, facts, running)
    pruned, notes = _pruned(cluster, facts)
    others = {path: data for path, data in after.files.items() if not path.endswith(MANIFESTS)}
    before = {**_files(facts, running), **pruned, **others}
    name = f"cluster {context}" if context else "the cluster"
    note = f"{name} has no topology: money, causes and findings are not compared"
    return (
        Material(name, Contents(before), notes=(note, *_denials(denied), *notes, *unasked)),
        replace(after, files=Contents({**_files(facts, planned), **others})),
        refused,
    )


def _denials(kinds: list[str]) -> tuple[str, ...]:
    """What was left out of the comparison."""
    if not kinds:
        return ()
    return (f"the cluster does not let you get these kinds, and they are not compared: {', '.join(kinds)}",)


def _planned(
    cluster: Cluster, facts: Facts, running: Mapping[ObjectKey, Body]
) -> tuple[dict[ObjectKey, Body], tuple[tuple[Key, str], ...], tuple[str, ...]]:
    """Every object as the server would make it, what it refuses, and what it was not asked.

    What it did not make is taken as it is rendered, with what the server had set before.
    """
    planned: dict[ObjectKey, Body] = {}
    refused: list[tuple[Key, str]] = []
    questions = _Questions(cluster)
    for source, body, said in questions.answers(_without_new_namespaces(facts, running)):
        if body is not None:
            planned[_key(body)] = body
        elif _DENIED in said:
            questions.denied.append(_kind(source.body))
        elif said and not _waits(said):
            refused.append((source.key, " ".join(said.split())))
    for each in facts.objects:
        key = _key(each.body)
        if key not in planned:
            planned[key] = _over(running[key], each.body) if key in running else each.body
    return planned, tuple(refused), questions.notes


def _without_new_namespaces(facts: Facts, running: Mapping[ObjectKey, Body]) -> list[Object]:
    """The objects that a server can judge: those in a namespace that the same rollout brings cannot be asked yet."""
    new = {each.key.name for each in facts.objects if each.key.kind == "Namespace" and _key(each.body) not in running}
    return [each for each in facts.objects if each.key.namespace not in new]


class _Questions:
    """Dry runs of many objects. One that is refused makes kubectl print nothing at all, so they are asked in parts."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._left = _MOST_QUESTIONS
        self._unasked = 0
        self.denied: list[str] = []
        """Kinds that may not be applied, not even in a dry run."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the server was not asked."""
        refusing = f"{self._unasked} objects were not held against the server: it refuses too many others"
        kinds = ", ".join(dict.fromkeys(self.denied))
        denied = f"the cluster does not let you try an apply of these kinds: they are compared as rendered: {kinds}"
        return (*((refusing,) if self._unasked else ()), *((denied,) if kinds else ()))

    def answers(self, objects: list[Object]) -> Iterator[tuple[Object, Body | None, str]]:
        """Each object with what the server would make of it, or with what it says instead."""
        if not self._left:
            self._unasked += len(objects)
            return
        self._left -= 1
        found, said = self._cluster.dry_run([each.body for each in objects])
        made = {_key(each): each for each in found}
        missing = []
        for each in objects:
            if _key(each.body) in made:
                yield each, made[_key(each.body)], ""
            else:
                missing.append(each)
        alike = (_NO_KIND in said or _DENIED in said) and len({_kind(each.body) for each in missing}) == 1
        if len(missing) == 1 or alike:
            yield from ((each, None, said) for each in missing)
        elif missing:
            for part in _parts(missing):
                yield from self.answers(part)


def _parts(objects: list[Object]) -> list[list[Object]]:
    """Objects by kind, those of one kind in halves."""
    kinds: dict[tuple[str, str], list[Object]] = {}
    for each in objects:
        kinds.setdefault((each.key.group, each.key.kind), []).append(each)
    if len(kinds) > 1:
        return list(kinds.values())
    half = len(objects) // 2
    return [objects[:half], objects[half:]]


def _over(running: Body, rendered: Body) -> Body:
    """What runs with what is rendered written over it: what a server-side apply does to fields that others own."""
    changes = [each for each in compare_values(running, rendered) if each.after is not ABSENT]
    found: Body = apply(changes, running)
    return found


def _waits(said: str) -> bool:
    """Whether the server only lacks what the same rollout brings: a namespace, the definition of a kind."""
    return ('namespaces "' in said and "not found" in said) or _NO_KIND in said


def _is_unknown(error: ToolError) -> bool:
    return _NO_KIND in error.message or "doesn't have a resource type" in error.message


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
        found.setdefault(_kind(each), []).append(each)
    return found


def _kind(body: Body) -> str:
    return f"{body.get('apiVersion')} {body.get('kind')}"


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
