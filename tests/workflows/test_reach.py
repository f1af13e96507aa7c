from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.errors import SolutioError
from solutio_topology.workflows.reach import connections

WORLD = """
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {hostNetwork: true, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec: {podSelector: {matchLabels: {app: b}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: eyes, namespace: watch}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: pg, namespace: data}
spec: {instances: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "all.yaml").write_text(WORLD)
    return str(tmp_path)


def test_what_is_assumed_and_what_is_left_open_is_told_beside_the_list(folder: str) -> None:
    found = connections(folder, None)
    assert found.faults == ()
    told = [note.removeprefix(f"{folder}/all.yaml:") for note in found.notes]
    assert told[0].startswith(
        "21:1: assumed: Cluster data/pg becomes pods and Services of the CloudNativePG operator ["
    )
    assert "17:1: undecided: Prometheus watch/eyes: which pods its operator makes is not known; " in told[1]


def test_a_pair_that_is_asked_for_and_closed_is_explained(folder: str) -> None:
    text = connections(folder, None, source="default/a", target="default/b", explain=True).text
    assert text == (
        "default/a[Pod] => default/b[Pod] : nothing\n"
        f"    ingress: NetworkPolicy default/p closes it ({folder}/all.yaml:12:1)\n"
    )
    rows = json.loads(connections(folder, None, source="default/a", target="default/b", explain=True, form="json").text)
    assert [(row["connections"], [each["line"] for each in row["because"]]) for row in rows] == [({}, [12])]


def test_reasons_have_no_room_in_a_table(folder: str) -> None:
    with pytest.raises(SolutioError, match="--explain has no form csv"):
        connections(folder, None, explain=True, form="csv")
