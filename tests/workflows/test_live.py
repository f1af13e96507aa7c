"""A cluster as one side of a comparison, answered by a fake kubectl; tools/live.py asks a real API server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from solutio_topology.diff.model import Difference
from solutio_topology.errors import ToolError
from solutio_topology.manifests import read_tree
from solutio_topology.workflows.diff import diff
from solutio_topology.workflows.project import Project, open_project
from solutio_topology.workflows.render import render_environment
from tests.diff.digest import digest

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"
Body = dict[str, Any]


class Cluster:
    """What the fake kubectl answers from, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "cluster.json"
        self.state: dict[str, Any] = {"objects": []}

    def __setitem__(self, key: str, value: object) -> None:
        self.state[key] = value
        self.file.write_text(json.dumps(self.state))

    def find(self, kind: str, name: str) -> Body:
        """An object that runs."""
        found: Body = next(
            each for each in self.state["objects"] if (each["kind"], each["metadata"]["name"]) == (kind, name)
        )
        return found

    def save(self) -> None:
        """What was changed in place holds from now on."""
        self["objects"] = self.state["objects"]

    @property
    def calls(self) -> list[str]:
        """What kubectl was asked."""
        return self.file.with_suffix(".json.calls").read_text().splitlines()


@pytest.fixture
def project() -> Project:
    return open_project(EXAMPLE / "topology.yaml")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Project) -> Cluster:
    """A cluster in which exactly what the example renders is applied, with what a server adds."""
    kubectl = tmp_path / "bin" / "kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(f"#!{sys.executable}\n" + (Path(__file__).parent / "cluster.py").read_text())
    kubectl.chmod(0o755)
    found = Cluster(tmp_path)
    monkeypatch.setenv("PATH", str(kubectl.parent))
    monkeypatch.setenv("CLUSTER", str(found.file))
    rendered = tmp_path / "rendered"
    for path, data in render_environment(project, "prod").files.items():
        if path.startswith("rendered/") and path.endswith(".yaml"):
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    found["objects"] = [_as_server(each.body) for each in read_tree(rendered, display="x").objects]
    return found


def _as_server(body: Body) -> Body:
    extra = {"uid": "1", "resourceVersion": "7", "managedFields": [{"manager": "kustomize-controller"}]}
    return {**body, "metadata": {**body["metadata"], **extra}, "status": {"observed": True}}


def _live(project: Project) -> Difference:
    return diff(project, "prod", live=True)


def test_what_was_just_applied_does_not_differ(project: Project, cluster: Cluster) -> None:
    found = _live(project)
    assert (found.objects, found.dangers, found.before) == ((), (), "the cluster")
    assert {each.split()[0] for each in cluster.calls} == {"version", "get", "apply"}


def test_what_somebody_changed_by_hand_is_told(project: Project, cluster: Cluster) -> None:
    cluster.find("Deployment", "web")["spec"]["replicas"] = 7
    cluster.save()
    assert "changed Deployment shop-main/web: spec.replicas" in digest(_live(project))


def test_what_the_server_refuses_hides_no_other(project: Project, cluster: Cluster) -> None:
    said = 'The Deployment "web" is invalid: spec.selector: field is immutable'
    cluster["refused"] = {"web": said}
    cluster.find("Service", "web")["spec"]["type"] = "NodePort"
    cluster.save()
    found = _live(project)
    assert {(each.code, each.subject.kind, each.subject.name) for each in found.dangers if each.code == "refused"} == {
        ("refused", each["kind"], "web") for each in cluster.state["objects"] if each["metadata"]["name"] == "web"
    }
    assert "changed Service shop-main/web: spec.type" in digest(found)
    assert said in found.dangers[0].message


def test_kinds_that_may_not_be_seen_are_left_out_and_named(project: Project, cluster: Cluster) -> None:
    cluster["forbidden"] = ["Deployment"]
    cluster.find("Deployment", "web")["spec"]["replicas"] = 7
    cluster.save()
    found = _live(project)
    assert found.objects == ()
    assert any("does not let you get these kinds" in note and "apps/v1 Deployment" in note for note in found.notes)


def test_kinds_that_are_not_installed_yet_are_new_and_nothing_refused(project: Project, cluster: Cluster) -> None:
    cluster["unknown"] = ["HTTPRoute"]
    cluster["objects"] = [each for each in cluster.state["objects"] if each["kind"] != "HTTPRoute"]
    found = _live(project)
    assert {line for line in digest(found) if "HTTPRoute" in line and not line.startswith("added")} == set()
    assert not [each for each in found.dangers if each.code == "refused"]
    assert any(line.startswith("added HTTPRoute") for line in digest(found))


def test_an_empty_cluster_is_asked_no_more_than_it_can_judge(project: Project, cluster: Cluster) -> None:
    cluster["objects"] = []
    found = _live(project)
    assert all(each.before is None for each in found.objects)
    assert not [each for each in found.dangers if each.code == "refused"]


def test_what_flux_would_prune(project: Project, cluster: Cluster) -> None:
    source = next(each for each in cluster.state["objects"] if each["kind"] == "Kustomization")
    old = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "shop-main"}, "data": {}}
    source["status"] = {"inventory": {"entries": [{"id": "shop-main_old__ConfigMap", "v": "v1"}]}}
    cluster["objects"] = [*cluster.state["objects"], old]
    assert [line for line in digest(_live(project)) if "ConfigMap" in line] == [
        "removed ConfigMap shop-main/old",
        "danger object-removed: ConfigMap shop-main/old",
    ]


def test_a_cluster_that_does_not_answer(project: Project, cluster: Cluster) -> None:
    cluster["silent"] = True
    with pytest.raises(ToolError, match="refused") as caught:
        _live(project)
    assert "check the context" in (caught.value.remedy or "")


def test_no_kubectl(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="kubectl is not on PATH"):
        _live(project)
