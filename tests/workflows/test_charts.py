"""A chart at hand turns what a model said into what the chart really makes: hops become proven, or break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from solutio_topology.checks.paths import HopProof
from solutio_topology.findings import Verdict
from solutio_topology.workflows.path import prove
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.reach import connections
from solutio_topology.workflows.validate import validate
from tests.manifests.helm.tools import ROOT, need_helm

CHARTS = Path(__file__).parent / "charts"


@pytest.fixture(autouse=True)
def _helm(monkeypatch: pytest.MonkeyPatch) -> None:
    need_helm(monkeypatch)


def _hop(charts: Path | None) -> HopProof:
    """The hop from the ingress controller to the API of the default tenant pod."""
    project = open_project(ROOT / "topology.yaml")
    (path,) = prove(project, "prod", "ing", "api", pod="default", charts=charts).paths
    return path.hops[0]


def _changed(folder: Path, old: str, new: str) -> Path:
    shutil.copytree(CHARTS, folder / "charts")
    file = folder / "charts" / "ingress-nginx" / "templates" / "all.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return folder / "charts"


def test_a_hop_that_rested_on_a_model_is_proven_by_the_chart() -> None:
    without, proven = _hop(None), _hop(CHARTS)
    assert (without.verdict, [each.name for each in without.assumptions]) == (Verdict.ASSUMED, ["chart-ingress-nginx"])
    assert (proven.verdict, proven.assumptions) == (Verdict.PROVEN, ())


def test_the_evidence_says_which_template_it_comes_from() -> None:
    found = validate(open_project(ROOT / "topology.yaml"), ("prod",), charts=CHARTS)
    (door,) = {
        str(fact.location)
        for hop in found.outcomes[0].edges
        for fact in hop.facts
        if fact.statement.startswith("Service ingress-nginx/ingress-nginx-door lets only the edge")
    }
    file, _, via = door.partition(" ")
    assert file.startswith("rendered/prod/platform/controllers/ingress-nginx.yaml:19:")
    assert via == f"(release ingress-nginx, {CHARTS}/ingress-nginx templates/all.yaml spec.ports[0])"
    assert [each for each in found.findings if each.severity == "error"] == []


def test_pods_that_the_chart_labels_differently_break_the_hop(tmp_path: Path) -> None:
    hop = _hop(_changed(tmp_path, '.Values.component | default "controller"', '"gate"'))
    assert hop.verdict is Verdict.REFUTED
    assert hop.cause is not None
    assert "ingress-nginx/ingress-nginx-pods" in hop.cause.message


def test_a_door_that_the_chart_leaves_open_breaks_the_hop_from_the_edge(tmp_path: Path) -> None:
    charts = _changed(tmp_path, "{{- with .Values.controller.service.loadBalancerSourceRanges }}", "{{- with false }}")
    (path,) = prove(open_project(ROOT / "topology.yaml"), "prod", "cf", "ing", charts=charts).paths
    assert path.hops[0].cause is not None
    assert "lets everyone in on port 443" in path.hops[0].cause.message


def test_connections_are_those_of_the_charts_pods() -> None:
    found = connections("prod", ROOT / "topology.yaml", charts=CHARTS, source="ingress-nginx-pods")
    assert "ingress-nginx/ingress-nginx-pods[Deployment] => solutio-default/api[Deployment] : TCP 3000\n" in found.text
    assert found.faults == ()
    assert not any("chart ingress-nginx" in note for note in found.notes)
    without = connections("prod", ROOT / "topology.yaml")
    assert any("[templates of the Helm chart ingress-nginx 4.15.1]" in note for note in without.notes)
