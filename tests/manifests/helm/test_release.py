"""HelmReleases expanded from a chart at hand: what they make, where it is said to come from, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from solutio_topology.errors import ToolError
from solutio_topology.external import Templating
from solutio_topology.manifests import Facts, locate, read_files
from solutio_topology.manifests.helm.charts import Chart, Charts

MADE = """
---
# Source: porter/templates/services.yaml
apiVersion: v1
kind: Service
metadata: {name: door}
spec: {selector: {app: porter}, ports: [{name: front, port: 80, targetPort: front}]}
---
# Source: porter/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: porter, labels: {app: porter}}
spec:
  selector: {matchLabels: {app: porter}}
  template:
    metadata: {labels: {app: porter}}
    spec: {containers: [{name: main, image: "porter:1", ports: [{name: front, containerPort: 9000}]}]}
---
# Source: porter/charts/inner/templates/all.yaml
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: notes}, data: {a: b}}
- {apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: c}, spec: {controller: x}}
---
# Source: porter/templates/jobs.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: prepare, annotations: {helm.sh/hook: "pre-install, post-delete"}}
spec: {template: {spec: {containers: [{name: main, image: x}]}}}
---
# Source: porter/templates/jobs.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: farewell, annotations: {helm.sh/hook: pre-delete}}
spec: {template: {spec: {containers: [{name: main, image: x}]}}}
"""
LABELS = {"topology.solutio.dev/service": "desk", "topology.solutio.dev/pod": "common"}
RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: front
  namespace: flux-system
  labels: {topology.solutio.dev/service: desk, topology.solutio.dev/pod: common}
spec:
  targetNamespace: hall
"""
CHART = "  chart: {spec: {chart: porter, version: 1.x}}\n"


class _Helm:
    """A helm that prints what it is given, and keeps what it was told."""

    def __init__(self, text: str = MADE, error: str = "") -> None:
        self.text, self.error = text, error
        self.told: list[Templating] = []

    def __call__(self, _chart: Path, of: Templating) -> bytes:
        self.told.append(of)
        if self.error:
            raise ToolError(self.error)
        return self.text.encode()


def _read(spec: str, helm: Callable[[Path, Templating], bytes], *, name: str = "porter") -> Facts:
    shelf = Charts("shelf", (Chart(name, "1.4.2", f"shelf/{name}-1.4.2.tgz", Path("x")),), "1.33", helm)
    return read_files({"a.yaml": (RELEASE + spec).encode()}, charts=shelf)


def test_what_the_chart_makes_is_evidence_with_its_origin() -> None:
    facts = _read(CHART, _Helm())
    assert (facts.unreadable, facts.undecided, facts.unexpanded) == ((), (), ())
    assert [str(each.key) for each in facts.objects] == ["HelmRelease flux-system/front"]
    assert [str(each.key) for each in facts.made] == [
        "Service hall/door",
        "Deployment hall/porter",
        "ConfigMap hall/notes",
        "IngressClass c",
        "Job hall/prepare",
    ]
    porter, prepare = facts.workloads
    assert porter.labels == {"app": "porter"}
    assert porter.object_labels == {**LABELS, "app": "porter"}
    assert prepare.object_labels == {**LABELS, "topology.solutio.dev/process": "helm-hook"}
    assert [each.assumed for each in (*facts.workloads, *facts.services, *facts.ingress_classes)] == [None] * 4
    (port,) = facts.services[0].ports
    release = "(release hall-front, shelf/porter-1.4.2.tgz"
    assert str(locate(facts, port.place)) == f"a.yaml:1:1 {release} templates/services.yaml spec.ports[0])"
    (notes,) = facts.keyed
    assert str(locate(facts, notes.place)) == f"a.yaml:1:1 {release} charts/inner/templates/all.yaml items[0])"
    assert "hall" in facts.namespaces


def test_helm_is_told_what_flux_would_tell_it() -> None:
    helm = _Helm()
    rest = "  releaseName: night\n  values: {replicas: 2}\n---\n"
    rest += "apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: m}\nspec: {}\n"
    _read(CHART + rest, helm)
    (told,) = helm.told
    assert (told.name, told.namespace, json.loads(told.values), told.kubernetes) == (
        "night",
        "hall",
        {"replicas": 2},
        "1.33",
    )
    assert {"monitoring.coreos.com/v1", "monitoring.coreos.com/v1/PodMonitor"} <= set(told.apis)


def test_a_chart_behind_a_reference() -> None:
    source = "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\n"
    source += "metadata: {{name: s, namespace: flux-system}}\nspec: {spec}"
    for kind, spec, fits in (
        ("OCIRepository", "{url: oci://r.example.com/charts/porter, ref: {tag: 1.4.2}}", True),
        ("OCIRepository", '{url: oci://r.example.com/charts/porter, ref: {tag: 9.0.0, semver: ">=1.0"}}', True),
        ("OCIRepository", "{url: oci://r.example.com/charts/porter, ref: {tag: latest}}", True),
        ("OCIRepository", "{url: oci://r.example.com/charts/porter, ref: {tag: 1.4.3}}", False),
        ("HelmChart", "{chart: charts/porter, version: 1.4.x}", True),
        ("HelmChart", "{chart: porter, version: 2.x}", False),
    ):
        facts = _read(f"  chartRef: {{kind: {kind}, name: s}}\n" + source.format(kind=kind, spec=spec), _Helm())
        assert (len(facts.workloads), len(facts.unexpanded)) == ((2, 0) if fits else (0, 1)), spec
        if not fits:
            assert locate(facts, facts.unexpanded[0].place).line > 8


def test_what_is_not_seen_leaves_it_assumed() -> None:
    spec = CHART + "  valuesFrom: [{kind: Secret, name: keys}]\n  postRenderers: [{kustomize: {}}]\n"
    facts = _read(spec, _Helm())
    (assumption,) = {each.assumed for each in facts.workloads}
    assert assumption is not None
    assert str(assumption.statement) == (
        "HelmRelease flux-system/front makes what its chart makes of the values at hand; "
        "values of Secret keys are not seen; what its post-renderers change is not seen"
    )
    assert assumption.source == "shelf/porter-1.4.2.tgz, expanded by helm"


def _unexpanded(facts: Facts) -> list[tuple[int, str, str]]:
    return [(locate(facts, each.place).line, each.message, each.remedy) for each in facts.unexpanded]


def test_another_version_is_an_error_and_nothing_is_made_of_it() -> None:
    facts = _read("  chart: {spec: {chart: porter, version: 2.0.0}}\n", _Helm())
    message = (
        "HelmRelease flux-system/front: the release asks for porter 2.0.0, and there is 1.4.2 (shelf/porter-1.4.2.tgz)"
    )
    remedy = "put the version that the release asks for into shelf, or correct the release"
    assert _unexpanded(facts) == [(9, message, remedy)]
    assert facts.workloads == ()


def test_what_helm_refuses_is_an_error_with_its_words() -> None:
    facts = _read(
        CHART + "  values: {port: 99999}\n",
        _Helm(error="helm failed: Error: port 99999 is too large\n\nUse --debug flag"),
    )
    message = (
        "HelmRelease flux-system/front: helm does not expand shelf/porter-1.4.2.tgz: Error: port 99999 is too large"
    )
    assert _unexpanded(facts) == [(10, message, "correct the release's values, or the chart")]
    assert [each.message for each in facts.undecided] == [
        "HelmRelease flux-system/front: what the chart porter makes is not known; the chart in shelf was not expanded"
    ]
    missing = _read(
        CHART, _Helm(error="helm failed: Error: found in Chart.yaml, but missing in charts/ directory: inner")
    )
    assert _unexpanded(missing)[0][2] == "fetch its dependencies: helm dependency build shelf/porter-1.4.2.tgz"


def test_what_helm_prints_and_nobody_can_read_is_an_error() -> None:
    facts = _read(CHART, _Helm("a: [\n"))
    assert "what shelf/porter-1.4.2.tgz makes cannot be read" in facts.unexpanded[0].message
    assert facts.workloads == ()


def test_without_its_chart_a_model_speaks_for_a_release_and_says_so() -> None:
    facts = _read("  chart: {spec: {chart: metrics-server}}\n", _Helm())
    assert facts.unexpanded == ()
    (assumption,) = {each.assumed for each in facts.workloads}
    assert assumption is not None
    assert "shelf holds no chart metrics-server" in assumption.statement
    unknown = _read("  chart: {spec: {chart: butler}}\n", _Helm())
    assert [each.message for each in unknown.undecided] == [
        "HelmRelease flux-system/front: what the chart butler makes is not known; shelf holds no chart butler"
    ]
