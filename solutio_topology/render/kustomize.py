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
    if not path:
        return {key: value for key, value in body.items() if key not in OVERLAY_LABELS}
    step, *rest = path
    if not isinstance(body, dict) or step not in body:
        return body
    return {**body, step: _without_labels(body[step], tuple(rest))}


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


def difference(left: Any, right: Any, path: str = "") -> list[dict[str, Any]]:
    """JSON 6902 operations that turn `left` into `right`, in an order in which they apply."""
    if left is right:
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        return [] if _is_same(left, right) else _map_difference(left, right, path)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        if _is_same(left, right):
            return []
        return [
            operation
            for index, (a, b) in enumerate(zip(left, right, strict=True))
            for operation in difference(a, b, f"{path}/{index}")
        ]
    return [] if _equal(left, right) else [{"op": "replace", "path": path, "value": right}]


def _is_same(left: Any, right: Any) -> bool:
    """Whether two values are certainly equal, types included, told fast: most of what tenant pods have is."""
    return bool(left == right) and marshal.dumps(left, 2) == marshal.dumps(right, 2)


def _equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _map_difference(left: Body, right: Body, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key, value in left.items():
        step = f"{path}/{_escape(key)}"
        if key not in right:
            found.append({"op": "remove", "path": step})
        else:
            found += difference(value, right[key], step)
    for key, value in right.items():
        if key not in left:
            found.append({"op": "add", "path": f"{path}/{_escape(key)}", "value": value})
    return found


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
