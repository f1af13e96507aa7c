"""What a real API server answered, held against what the schema rules find."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from solutio_topology.checks.alone import check_each
from solutio_topology.checks.metadata_rules import CHECKS as METADATA
from solutio_topology.checks.schema_rules import CHECKS as SCHEMA
from solutio_topology.findings import Finding, Severity
from tests.checks.world import read

CASES = Path(__file__).parents[2] / "../shared/cases/apiserver"
NO_SCHEMA = {"JobSet", "CELBasic"}
"""Kinds of the cases whose definitions the server had and we have not: they must be told, not passed over."""
OURS = {check.rule.code for check in (*SCHEMA, *METADATA)}


def _files() -> list[Path]:
    return sorted(CASES.glob("*.yaml")) if CASES.is_dir() else []


def _errors(text: str) -> list[Finding]:
    found = chain.from_iterable(check_each(read({"case.yaml": text})))
    return [each for each in found if each.code in OURS and each.severity is Severity.ERROR]


def _documents(text: str) -> list[tuple[str, dict[str, object] | None]]:
    """Each document with the answer in its first comment, if there is one."""
    found = []
    for document in re.split(r"^---\s*$", text, flags=re.MULTILINE):
        lines = document.strip("\n").splitlines()
        comment = []
        for line in lines:
            if not line.startswith("#"):
                break
            comment.append(line[1:])
        try:
            answer = json.loads("\n".join(comment))
        except json.JSONDecodeError:
            answer = None
        found.append((document, answer))
    return found


@pytest.mark.skipif(not CASES.is_dir(), reason="the API server's answers are not beside this checkout")
@pytest.mark.parametrize("path", _files(), ids=lambda path: path.stem)
def test_it_agrees_with_the_api_server(path: Path) -> None:
    for text, answer in _documents(path.read_text()):
        found = _errors(text)
        refused = answer is not None and answer.get("status") == "Failure"
        if any(f"kind: {kind}" in text for kind in NO_SCHEMA):
            assert [each.code for each in found] == ["M004"]
        elif not refused:
            assert found == []
        else:
            assert answer is not None
            assert found, answer["message"]
            _same_field(found, answer)


def _same_field(found: list[Finding], answer: dict[str, object]) -> None:
    details = answer["details"]
    assert isinstance(details, dict)
    for cause in details.get("causes", []):
        field = str(cause.get("field", "")).split("[")[0].rpartition(".")[2]
        if field:
            assert any(field in each.message or field in each.location.pointer for each in found), cause


TEMPLATE = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: b, labels: {x: "_"}}
spec:
  replicas: "2"
  selectors: {}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers: [{name: c, image: d:1, port: [], ports: [{containerPort: x}]}]
"""


def test_all_faults_of_an_object_are_told_with_their_lines() -> None:
    assert sorted((each.code, each.location.line) for each in _errors(TEMPLATE)) == [
        ("M001", 7),
        ("M001", 11),
        ("M002", 6),
        ("M003", 6),
        ("M003", 11),
        ("M007", 4),
    ]


def test_items_of_a_list_are_checked_too() -> None:
    inner = TEMPLATE.strip().replace("\n", "\n  ")
    found = _errors(f"apiVersion: v1\nkind: List\nitems:\n- {inner}\n")
    assert sorted(each.code for each in found) == ["M001", "M001", "M002", "M003", "M003", "M007"]


def test_a_group_of_its_own_is_not_the_core_group_of_its_name() -> None:
    found = _errors("apiVersion: batch.example.com/v1\nkind: Job\nmetadata: {name: a, namespace: b}\nspec: {}\n")
    assert [(each.code, each.message) for each in found] == [
        ("M004", "Job b/a: no schema of kind Job of batch.example.com/v1 is at hand; Job is of batch/v1")
    ]


def test_a_definition_among_the_manifests_is_a_schema() -> None:
    definition = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: jobs.batch.example.com}
spec:
  group: batch.example.com
  scope: Namespaced
  names: {kind: Job, plural: jobs}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, required: [when], properties: {when: {type: string}}}}
---
apiVersion: batch.example.com/v1
kind: Job
metadata: {name: a, namespace: b}
spec: {what: 1}
"""
    assert sorted(each.code for each in _errors(definition)) == ["M001", "M002"]


def test_an_encrypted_secret_is_a_secret() -> None:
    text = (
        'apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData: {x: "ENC[y]"}\nsops: {mac: y}\n'
    )
    assert _errors(text) == []
    assert [each.code for each in _errors(text.replace("sops:", "soaps:"))] == ["M001"]


def test_no_value_of_a_secret_is_told() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\ndata: {x: 918273, y: [hunter2]}\n"
    messages = " ".join(
        f"{each.message} {each.remedy}" for each in chain.from_iterable(check_each(read({"case.yaml": text})))
    )
    assert "918273" not in messages
    assert "hunter2" not in messages
