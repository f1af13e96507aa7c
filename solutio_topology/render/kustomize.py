"""Final objects split into what tenant pods have in common and what is a pod's own, in kustomize's terms.

``kustomize build`` of the overlay gives the final objects again: patches run on the base first, then the namespace is
set, then the tenant pod's labels on objects and pod templates (kustomize's order of transformers).
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable
from typing import Any

from solutio_topology.identity import TENANT_POD
from solutio_topology.render.model import Body
from solutio_topology.render.names import INSTANCE

OVERLAY_LABELS = (INSTANCE, TENANT_POD)
"""The labels that the overlay sets; everything else stands in the base."""
_TEMPLATES = (
    ("metadata", "labels"),
    ("spec", "template", "metadata", "labels"),
    ("spec", "jobTemplate", "metadata", "labels"),
    ("spec", "jobTemplate", "spec", "template", "metadata", "labels"),
)
API = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def stripped(body: Body) -> Body:
    """An object without what the overlay sets: its namespace and the tenant pod's labels. Shares what it keeps."""
    found = {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "namespace"}}
    for path in _TEMPLATES:
        found = _without_labels(found, path)
    spec = found.get("spec")
    if isinstance(spec, dict) and "volumeClaimTemplates" in spec:
        claims = [_without_labels(claim, ("metadata", "labels")) for claim in spec["volumeClaimTemplates"]]
        found = {**found, "spec": {**spec, "volumeClaimTemplates": claims}}
    return found


def _without_labels(body: Any, path: tuple[str, ...]) -> Any:
    """`body` with the overlay's labels taken from the map at `path`, if it is there."""
    at = body
    for step in path:
        if not isinstance(at, dict) or step not in at:
            return body
        at = at[step]
    found = {key: value for key, value in at.items() if key not in OVERLAY_LABELS}
    for length in range(len(path) - 1, -1, -1):
        around = body
        for step in path[:length]:
            around = around[step]
        found = {**around, path[length]: found}
    return found


def identity(body: Body) -> tuple[str, str, str]:
    """What makes an object the same one in two tenant pods: group, kind and name."""
    return body["apiVersion"].rpartition("/")[0], body["kind"], body["metadata"]["name"]


def file_name(body: Body) -> str:
    """The file of an object in a base."""
    return f"{body['kind'].lower()}-{body['metadata']['name'].replace('.', '-')}.yaml"


def base_kustomization(objects: Iterable[Body]) -> Body:
    """The kustomization.yaml of a base."""
    return {**API, "resources": [file_name(body) for body in objects]}


def overlay_kustomization(
    *,
    namespace: str,
    pod: str,
    resources: list[str],
    patches: list[Body],
    components: Iterable[str] = (),
) -> Body:
    """The kustomization.yaml of a stage of a tenant pod."""
    found: Body = {**API, "namespace": namespace}
    found["labels"] = [{"pairs": {INSTANCE: pod, TENANT_POD: pod}, "includeSelectors": False, "includeTemplates": True}]
    found["resources"] = resources
    if extra := list(components):
        found["components"] = extra
    if patches:
        found["patches"] = patches
    return found


def own_and_patches(base: Iterable[Body], objects: Iterable[Body]) -> tuple[tuple[Body, ...], list[Body]]:
    """The objects that no base has, stripped, and the patches that turn what a base has into the others."""
    known = {identity(body): body for body in base}
    own: list[Body] = []
    patches: list[Body] = []
    there = set()
    for body in map(stripped, objects):
        there.add(identity(body))
        common = known.get(identity(body))
        if common is None:
            own.append(body)
        elif (found := patch(common, body)) is not None:
            patches.append(found)
    patches += [deletion(body) for name, body in known.items() if name not in there]
    return tuple(own), patches


def patch(base: Body, final: Body) -> Body | None:
    """The kustomize patch that turns a stripped base into a stripped final object; None where they are equal."""
    operations = difference(base, final)
    if not operations:
        return None
    group, kind, name = identity(base)
    target = {"kind": kind, "name": name}
    lines = "".join(f"- {json.dumps(each, ensure_ascii=False)}\n" for each in operations)
    return {"target": {"group": group, **target} if group else target, "patch": lines}


def deletion(base: Body) -> Body:
    """The kustomize patch that takes an object of a base out of a tenant pod that has none of this name."""
    group, kind, name = identity(base)
    target = {"kind": kind, "name": name}
    lines = f"apiVersion: {base['apiVersion']}\nkind: {kind}\nmetadata:\n  name: {name}\n$patch: delete\n"
    return {"target": {"group": group, **target} if group else target, "patch": lines}


def difference(left: Any, right: Any) -> list[dict[str, Any]]:
    """JSON 6902 operations that turn `left` into `right`, in an order in which they apply."""
    found: list[dict[str, Any]] = []
    if not _is_same(left, right):
        _add_changes(left, right, "", found)
    return found


def _is_same(left: Any, right: Any) -> bool:
    """Whether two values are certainly equal, types included, told fast: most of what tenant pods have is."""
    if left is right:
        return True
    kind = type(left)
    if kind is not type(right) or left != right:
        return False
    return (kind is not dict and kind is not list) or marshal.dumps(left, 2) == marshal.dumps(right, 2)


def _add_changes(left: Any, right: Any, path: str, found: list[dict[str, Any]]) -> None:
    """Add what turns `left` into `right`, which are not certainly the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key, value in left.items():
            if key not in right:
                found.append({"op": "remove", "path": f"{path}/{_escape(key)}"})
            elif not _is_same(value, right[key]):
                _add_changes(value, right[key], f"{path}/{_escape(key)}", found)
        for key, value in right.items():
            if key not in left:
                found.append({"op": "add", "path": f"{path}/{_escape(key)}", "value": value})
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (a, b) in enumerate(zip(left, right, strict=True)):
            if not _is_same(a, b):
                _add_changes(a, b, f"{path}/{index}", found)
    else:
        found.append({"op": "replace", "path": path, "value": right})


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
