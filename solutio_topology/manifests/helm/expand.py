"""What a HelmRelease really makes: its chart, expanded by helm with the release's values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.errors import SolutioError, ToolError
from solutio_topology.external import Templating
from solutio_topology.manifests.facts import Assumption, MadeObject
from solutio_topology.manifests.helm.values import values_of
from solutio_topology.manifests.helm.wanted import Find, Installed, installed, wanted_chart
from solutio_topology.manifests.scopes import is_cluster_scoped
from solutio_topology.yamlio import plain, read_manifests

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Object, Place
    from solutio_topology.manifests.helm.charts import Chart, Charts

_SOURCE = re.compile(rb"^# Source: [^/\n]+/(.+)$", re.MULTILINE)
_HOOK = "helm.sh/hook"
_LEAVING = frozenset({"pre-delete", "post-delete", "pre-rollback", "post-rollback", "test", "test-success"})
"""Hooks that run when a release goes, goes back or is tried: not while it stands."""


class Made(Struct, frozen=True):
    """One object that a release makes; a hook runs for a moment and is not what the release is there for."""

    body: Any
    place: MadeObject
    hook: bool = False


class Expansion(Struct, frozen=True):
    """What a release makes, and the assumption that it rests on where a part of its values is not seen."""

    objects: tuple[Made, ...]
    assumption: Assumption | None


class ExpansionError(SolutioError):
    """Why the chart at hand does not become what the release asks for, what to do, and where the release says it."""

    def __init__(self, message: str, remedy: str, place: Place) -> None:
        super().__init__(message, remedy=remedy)
        self.place = place


def expand(charts: Charts, source: Object, at: Cursor, find: Find, apis: tuple[str, ...]) -> Expansion | str:
    """What a release makes of the chart at hand; the reason where no chart of its name is at hand.

    Raises ExpansionError where the chart's version is wrong, or helm refuses chart or values.
    """
    wanted = wanted_chart(source, at, find)
    try:
        chart = charts.choose(wanted)
    except ValueError as error:
        remedy = f"put the version that the release asks for into {charts.shown}, or correct the release"
        raise ExpansionError(str(error), remedy, wanted.place) from None
    if chart is None:
        return f"{charts.shown} holds no chart {wanted.chart or '(none)'}"
    values, unseen = values_of(source, at, find)
    of = installed(source, at)
    told = Templating(of.name, of.namespace, json.dumps(values, default=str).encode(), charts.kubernetes, apis)
    made = tuple(_objects(_text(charts, chart, told, at), chart, of, source))
    return Expansion(made, _assumption(source, chart, (*unseen, *_unapplied(at.get("spec")))))


def _text(charts: Charts, chart: Chart, told: Templating, at: Cursor) -> bytes:
    """What helm prints for a chart that it accepts."""
    try:
        with chart.on_disk() as path:
            return charts.template(path, told)
    except ToolError as error:
        fetch = "fetch its dependencies: helm dependency build " + chart.shown
        remedy = fetch if "missing in charts/" in error.message else "correct the release's values, or the chart"
        place = at.get("spec", "values").place if at.get("spec", "values") else at.place
        raise ExpansionError(f"helm does not expand {chart.shown}: {_said(error.message)}", remedy, place) from None


def _unapplied(spec: Cursor) -> Iterator[str]:
    """What changes the outcome and is not applied."""
    if spec.get("postRenderers").value:
        yield "what its post-renderers change is not seen"
    if spec.get("chart", "spec").get("valuesFiles").value:
        yield "the chart's own values.yaml was taken instead of its valuesFiles"


def _said(message: str) -> str:
    """Helm's words without the lines that say nothing."""
    lines = [line.strip() for line in message.removeprefix("helm failed: ").splitlines()]
    return " ".join(line for line in lines if line and not line.startswith(("Use --debug", "WARNING")))


def _assumption(source: Object, chart: Chart, unseen: tuple[str, ...]) -> Assumption | None:
    if not unseen:
        return None
    statement = f"{source.key} makes what its chart makes of the values at hand; {'; '.join(unseen)}"
    return Assumption(f"chart-{chart.name}", statement, f"{chart.shown}, expanded by helm")


def _objects(text: bytes, chart: Chart, of: Installed, source: Object) -> Iterator[Made]:
    documents, faults = read_manifests(text)
    if faults:
        message = f"what {chart.shown} makes cannot be read: {faults[0].message}"
        raise ExpansionError(message, "correct the chart or the release's values", source.place)
    for document in documents:
        match = _SOURCE.search(plain(document.text))
        file = match.group(1).decode(errors="replace").strip() if match else "a template"
        via = f"release {of.name}, {chart.shown} {file}"
        hooks = _hooks(document.value)
        if hooks and hooks <= _LEAVING:
            continue
        place = MadeObject(source.place.document, source.place.pointer, via)
        yield Made(_placed(document.value, of.namespace), place, bool(hooks))


def _hooks(body: Any) -> frozenset[str]:
    metadata = body.get("metadata") if isinstance(body, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get(_HOOK) if isinstance(annotations, dict) else None
    return frozenset(each.strip() for each in text.split(",")) if isinstance(text, str) else frozenset()


def _placed(body: Any, namespace: str) -> Any:
    """An object without a namespace goes where the release is installed, as do the items of a List."""
    metadata = body.get("metadata") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(body.get("items"), list):
        return {**body, "items": [_placed(item, namespace) for item in body["items"]]}
    if not isinstance(metadata, dict) or metadata.get("namespace"):
        return body
    if is_cluster_scoped(str(body.get("apiVersion", "")).rpartition("/")[0], str(body.get("kind", ""))):
        return body
    return {**body, "metadata": {**metadata, "namespace": namespace}}
