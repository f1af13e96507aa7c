"""A Helm release as the models of charts see it, and what Helm's starter chart makes of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from solutio_topology.manifests.cursor import Cursor

Bodies = list[dict[str, Any]]
_MAX_NAME = 63
BY_HELM = {"app.kubernetes.io/managed-by": "Helm"}
"""A label that some charts give their pods; those with the chart's version are left out: they change with it."""


class Release(Struct, frozen=True):
    """One release: its name, the namespace it installs into, and its values, wrong types in which are noted."""

    name: str
    namespace: str
    values: Cursor


Model = Callable[[Release], Bodies]


def fullname(release: Release, chart: str) -> str:
    """The ``fullname`` helper of Helm's starter chart, which all charts here use."""
    if override := release.values.text("fullnameOverride"):
        return override[:_MAX_NAME].rstrip("-")
    name = short_name(release, chart)
    return (release.name if name in release.name else f"{release.name}-{name}")[:_MAX_NAME].rstrip("-")


def short_name(release: Release, chart: str) -> str:
    """The ``name`` helper of Helm's starter chart."""
    return release.values.text("nameOverride") or chart


def labels(name: str, release: Release, component: str = "") -> dict[str, str]:
    """The selector labels of Helm's starter chart."""
    found = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": release.name}
    return {**found, "app.kubernetes.io/component": component} if component else found
