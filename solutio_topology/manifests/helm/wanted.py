"""Which chart a HelmRelease asks for, in which version, and by which name it installs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Object, Place

SOURCES = "source.toolkit.fluxcd.io"
_MOVING = frozenset({"", "*", "latest"})
"""What names no version."""

Find = Callable[[Key], "Cursor | None"]
"""The object of a key among the manifests."""


class Wanted(Struct, frozen=True):
    """A chart as a release asks for it. `version`: a version or a range, empty where none is said; `place` says it."""

    chart: str
    version: str
    digest: str
    place: Place


class Installed(Struct, frozen=True):
    """The name that a release has in the cluster, and the namespace of what it makes."""

    name: str
    namespace: str


def wanted_chart(source: Object, at: Cursor, find: Find) -> Wanted:
    """The chart that a release names itself (``chart.spec``), or through another object (``chartRef``)."""
    inline, ref = at.get("spec", "chart", "spec"), at.get("spec", "chartRef")
    if inline or not ref:
        return _named(inline)
    kind, name = ref.text("kind"), ref.text("name")
    other = find(Key(SOURCES, kind, ref.text("namespace") or source.key.namespace, name))
    if other is None:
        return Wanted(name, "", "", ref.place)
    return _named(other.get("spec")) if kind == "HelmChart" else _artifact(other.get("spec"), name)


def _named(spec: Cursor) -> Wanted:
    name, version = spec.text("chart").rstrip("/").rpartition("/")[2], spec.text("version")
    place = spec.get("version").place if version else spec.place
    return Wanted(name, "" if version in _MOVING else version, "", place)


def _artifact(spec: Cursor, default: str) -> Wanted:
    """A chart in a registry: the last part of its address is its name; a digest counts before a range, that before a
    tag."""
    name = spec.text("url").rstrip("/").rpartition("/")[2] or default
    ref = spec.get("ref")
    if digest := ref.text("digest"):
        return Wanted(name, "", digest, ref.get("digest").place)
    field = "semver" if ref.text("semver") else "tag"
    # A tag cannot hold a plus: registries keep 1.2.3+build as 1.2.3_build.
    version = ref.text(field).replace("_", "+")
    return Wanted(name, "" if version in _MOVING else version, "", ref.get(field).place)


def installed(source: Object, at: Cursor) -> Installed:
    """How Flux names a release: after the HelmRelease, with the target namespace in front where one is given."""
    spec = at.get("spec")
    target = spec.text("targetNamespace")
    default = f"{target}-{source.key.name}" if target else source.key.name
    return Installed(spec.text("releaseName") or default, target or source.key.namespace)
