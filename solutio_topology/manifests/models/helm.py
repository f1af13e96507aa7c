"""What a HelmRelease makes, for the charts that are known."""

from __future__ import annotations

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Assumption, Object
from solutio_topology.manifests.helm.wanted import Find, installed, wanted_chart
from solutio_topology.manifests.models.charts import SOURCES, TABLE, tabled
from solutio_topology.manifests.models.ingress_nginx import ingress_nginx
from solutio_topology.manifests.models.livekit import livekit_server
from solutio_topology.manifests.models.release import Bodies, Model, Release

CHARTS: dict[str, Model] = {
    "ingress-nginx": ingress_nginx,
    "livekit-server": livekit_server,
    **{chart: tabled(chart) for chart in TABLE},
}
VERSIONS = {"ingress-nginx": "4.15.1", "livekit-server": "1.9.0", **SOURCES}
"""The version of each chart that its model was read from."""


def release_objects(source: Object, at: Cursor, find: Find, missing: str = "") -> tuple[Assumption, Bodies] | str:
    """What the release makes, or why that is not known. `missing` says why its chart is not at hand, if one was looked
    for."""
    spec, wanted = at.get("spec"), wanted_chart(source, at, find)
    chart, version = wanted.chart, wanted.version
    model = CHARTS.get(chart)
    missing = f"; {missing}" if missing else ""
    if model is None:
        return f"what the chart {chart or '(none)'} makes is not known{missing}"
    of = installed(source, at)
    release = Release(of.name, of.namespace, spec.get("values"))
    return (
        Assumption(
            f"chart-{chart}",
            f"{source.key} makes the pods and Services of its chart{_unseen(spec)}{missing}",
            f"templates of the Helm chart {chart} {VERSIONS[chart]}"
            + (f" (the release asks for {version})" if version not in {"", VERSIONS[chart]} else ""),
        ),
        model(release),
    )


def _unseen(spec: Cursor) -> str:
    """What may change the outcome and is not modelled, for the statement of the assumption."""
    values = spec.get("values") if isinstance(spec.get("values").value, dict) else spec.get("no values")
    made = values.get("controller"), values.get("webhook"), values
    own = any(isinstance(each.value, dict) and each.get("networkPolicy").flag("enabled") for each in made)
    unseen = [
        (bool(spec.get("valuesFrom").value), "values from other objects are not seen"),
        (bool(spec.get("postRenderers").value), "what its post-renderers change is not seen"),
        (own, "the NetworkPolicies of the chart are not seen"),
        (bool(values.get("tcp").value or values.get("udp").value), "where its raw streams lead is not followed"),
    ]
    return "".join(f"; {words}" for holds, words in unseen if holds)
