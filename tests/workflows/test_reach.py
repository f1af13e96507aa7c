from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.errors import SolutioError
from solutio_topology.workflows.reach import changes, connections

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
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "all.yaml").write_text(WORLD)
    return str(tmp_path / "one")


def test_what_is_assumed_and_what_is_left_open_is_told_beside_the_list(folder: str) -> None:
    found = connections(folder, None)
    assert found.faults == ()
    told = [note.removeprefix(f"{folder}/all.yaml:") for note in found.notes]
    assert told[0].startswith(
        "21:1: assumed: Cluster data/pg becomes pods and Services of the CloudNativePG operator ["
    )
    assert "17:1: undecided: Prometheus watch/eyes: which pods its operator makes is not known; " in told[1]


def test_what_a_cluster_would_not_hold_and_what_binds_nobody_is_told(tmp_path: Path) -> None:
    twice = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n"
    idle = twice.replace("name: p", "name: p, namespace: ghost")
    (tmp_path / "a.yaml").write_text(WORLD + twice + idle)
    found = connections(str(tmp_path), None)
    assert [fault.removeprefix(f"{tmp_path}/a.yaml:") for fault in found.faults] == [
        f"26:1: NetworkPolicy default/p stands at {tmp_path}/a.yaml:12:1, too, and says something else there: a "
        "cluster holds one of them; remove the other"
    ]
    told = [note.removeprefix(f"{tmp_path}/a.yaml:") for note in found.notes]
    assert [note for note in told if "ghost" in note] == [
        "31:1: NetworkPolicy ghost/p selects every pod, and there are none; no manifest declares namespace ghost"
    ]
    assert [note for note in told if "hostNetwork" in note] == [
        "26:1: undecided: NetworkPolicy default/p: whether it binds hostNetwork pods is up to the network plugin: Pod "
        "default/a; the list takes such pods for pods like others; say which network plugin the cluster has, or use "
        "Cilium's entities host and remote-node"
    ]


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


ALLOW = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: q}
spec:
  podSelector: {matchLabels: {app: b}}
  ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 80}]}]
"""


def test_what_opens_closes_and_changes(folder: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "all.yaml").write_text(WORLD + ALLOW)
    found, differs = changes(folder, str(other), None, target="default/b")
    assert (found.text, differs, found.faults) == (
        "opened   192.0.2.0-192.0.2.255 => default/b[Pod] : nothing -> TCP 80\n"
        "opened   default/a[Pod] => default/b[Pod] : nothing -> TCP 80\n"
        "2 differences\n",
        True,
        (),
    )
    back, _ = changes(str(other), folder, None, source="default/a", form="json")
    assert json.loads(back.text) == [
        {
            "change": "closed",
            "src": "default/a[Pod]",
            "dst": "default/b[Pod]",
            "before": {"TCP": [[80, 80]]},
            "after": None,
        }
    ]
    assert changes(folder, folder, None)[1] is False


def test_what_cannot_be_read_is_told_of_both_sides(folder: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "all.yaml").write_text("kind: Pod\n")
    found, _ = changes(folder, str(other), None)
    assert [fault.partition(":")[2] for fault in found.faults] == [
        "1:1: this is no Kubernetes object: it has no apiVersion; give it apiVersion, or move the file elsewhere"
    ]
    with pytest.raises(SolutioError, match="--diff has no form dot"):
        changes(folder, folder, None, form="dot")


def test_a_folder_without_manifests_is_said_to_have_none(tmp_path: Path) -> None:
    found = connections(str(tmp_path), None)
    assert (found.text, found.notes[0].partition(":")[0]) == ("", "there are no manifests")
