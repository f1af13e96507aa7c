"""The overlays build to the rendered objects: by a small kustomize in here, for every environment.

`make conformance` proves the same with the real one.
"""

from __future__ import annotations

import copy
import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.render import Rendered
from solutio_topology.render.kustomize import difference
from tests.render.worlds import EVERYWHERE, is_kustomization, small, tree

Body = dict[str, Any]


def build(files: Mapping[str, Rendered], folder: str) -> list[Body]:
    """What ``kustomize build`` prints: resources, then patches, then namespace, then labels."""
    (top,) = files[f"{folder}/kustomization.yaml"].objects
    found = [copy.deepcopy(body) for name in top["resources"] for body in _resources(files, folder, name)]
    for patch in top.get("patches", []):
        _apply(files, folder, patch, found)
    for body in found:
        if "namespace" in top:
            body["metadata"]["namespace"] = top["namespace"]
        for label in top.get("labels", []):
            assert (label["includeSelectors"], label["includeTemplates"]) == (False, True)
            _label(body, label["pairs"])
    return found


def _resources(files: Mapping[str, Rendered], folder: str, name: str) -> Iterator[Body]:
    path = posixpath.normpath(f"{folder}/{name}")
    if path in files:
        yield from files[path].objects
    else:
        yield from build(files, path)


def _apply(files: Mapping[str, Rendered], folder: str, patch: Body, found: list[Body]) -> None:
    if "path" in patch:
        (change,) = files[f"{folder}/{patch['path']}"].objects
        (body,) = [each for each in found if _key(each) == _key(change)]
        body.update(_merged(body, change))
        return
    target = patch["target"]
    (body,) = [
        each
        for each in found
        if (each["kind"], each["metadata"]["name"]) == (target["kind"], target["name"])
        and each["apiVersion"].rpartition("/")[0] == target.get("group", "")
    ]
    if patch["patch"].endswith("$patch: delete\n"):
        found.remove(body)
        return
    for line in patch["patch"].splitlines():
        apply_operation(body, json.loads(line.removeprefix("- ")))


def _merged(left: Any, right: Any) -> Any:
    if isinstance(left, dict) and isinstance(right, dict):
        return {**left, **{key: _merged(left.get(key), value) for key, value in right.items()}}
    return right


def apply_operation(body: Any, operation: Body) -> None:
    """One operation of RFC 6902; a path that is not there raises."""
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    for step in way:
        body = body[int(step)] if isinstance(body, list) else body[step]
    key: Any = int(last) if isinstance(body, list) else last
    if operation["op"] != "add":
        body[key]
    if operation["op"] == "remove":
        del body[key]
    else:
        body[key] = operation["value"]


def _label(body: Body, pairs: dict[str, str]) -> None:
    body["metadata"].setdefault("labels", {}).update(pairs)
    spec = body.get("spec", {})
    job = spec.get("jobTemplate", {}) if body["kind"] == "CronJob" else {}
    workload = spec if body["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"} else job.get("spec", {})
    for owner in (workload.get("template"), job or None, *spec.get("volumeClaimTemplates", [])):
        if owner:
            owner.setdefault("metadata", {}).setdefault("labels", {}).update(pairs)


def _key(body: Body) -> tuple[str, str, str, str]:
    metadata = body["metadata"]
    return body["apiVersion"], body["kind"], metadata.get("namespace", ""), metadata["name"]


@pytest.mark.parametrize(("path", "environment"), EVERYWHERE)
def test_every_overlay_builds_to_its_rendered_folder(path: str, environment: str) -> None:
    assert_built(tree(path, environment))


def test_what_a_base_has_and_a_tenant_pod_has_not_is_deleted() -> None:
    files = small()
    (top,) = files["overlays/prod/one/data/kustomization.yaml"].objects
    assert [patch["target"]["name"] for patch in top["patches"] if "$patch: delete" in patch["patch"]]
    assert_built(files)


def assert_built(files: Mapping[str, Rendered]) -> None:
    """Every overlay builds the objects of the rendered folder beside it."""
    tops = [each.removesuffix("/kustomization.yaml") for each in files if each.endswith("/kustomization.yaml")]
    rendered = {top.removeprefix("rendered/") for top in tops if top.startswith("rendered/")}
    overlays = {top.removeprefix("overlays/") for top in tops if top.startswith("overlays/") and "/base/" not in top}
    assert overlays == rendered
    for folder in sorted(overlays):
        built = {_key(body): body for body in build(files, f"overlays/{folder}")}
        final = {
            _key(body): body
            for name, file in files.items()
            if posixpath.dirname(name) == f"rendered/{folder}"
            for body in file.objects
            if not is_kustomization(body)
        }
        assert built == final


@pytest.mark.parametrize(("path", "environment"), EVERYWHERE)
def test_a_base_holds_nothing_of_one_tenant_pod(path: str, environment: str) -> None:
    for name, file in tree(path, environment).items():
        for body in file.objects if "/base/" in name else ():
            if not is_kustomization(body):
                assert "namespace" not in body["metadata"], name
                assert "topology.solutio.dev/pod" not in body["metadata"]["labels"], name


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
maps = st.dictionaries(st.text("ab/~", min_size=1, max_size=2), values, max_size=4)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(maps, maps)
def test_a_difference_applied_to_the_left_gives_the_right(left: Body, right: Body) -> None:
    body = copy.deepcopy(left)
    for operation in difference(left, right):
        apply_operation(body, operation)
    assert json.dumps(body, sort_keys=True) == json.dumps(right, sort_keys=True)


def test_equal_objects_have_no_difference_and_a_number_is_no_boolean() -> None:
    assert difference({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}) == []
    assert difference({"a": 1}, {"a": True}) == [{"op": "replace", "path": "/a", "value": True}]
