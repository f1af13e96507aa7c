"""What a controller would make of a HelmRelease or a custom resource. All of it is assumed, none of it proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solutio_topology.manifests.facts import MadeObject, Unreadable

if TYPE_CHECKING:
    from solutio_topology.manifests.collect import Collector
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Assumption, Object

    Made = tuple[Assumption, list[dict[str, Any]]]

_NO_TEMPLATE = frozenset({"", "apps", "batch"})
"""Groups whose kinds with pod templates are all known."""


def read_modelled(source: Object, at: Cursor, into: Collector) -> None:
    """Add what `source` leads to, if it is of a kind that controllers turn into pods or Services."""
    if (source.key.group, source.key.kind) == ("helm.toolkit.fluxcd.io", "HelmRelease"):
        from solutio_topology.manifests.helm.release import read_release

        read_release(source, at, into)
    else:
        read_made(source, _made(source, at), into)


def read_made(source: Object, made: Made | str | None, into: Collector) -> None:
    """Add what a model says that `source` leads to, or the reason why that is not known."""
    if isinstance(made, str):
        into.undecided.append(Unreadable(f"{source.key}: {made}", "give --charts, or a live export", source.place))
    elif made is not None:
        _read(source, *made, into)


def _made(source: Object, at: Cursor) -> Made | str | None:
    """What a controller makes of an object; a reason where that is not known; None for nothing."""
    kind = (source.key.group, source.key.kind)
    if source.key.group in _NO_TEMPLATE:
        return None
    if kind == ("postgresql.cnpg.io", "Cluster"):
        from solutio_topology.manifests.models.cloudnative_pg import cluster_objects

        return cluster_objects(source, at)
    if kind == ("postgresql.cnpg.io", "Pooler"):
        from solutio_topology.manifests.models.cloudnative_pg import pooler_objects

        return pooler_objects(source, at)
    from solutio_topology.manifests.models.unknown import UNKNOWN, custom_workload

    return UNKNOWN.get(kind) or custom_workload(source, at)


def _read(source: Object, assumption: Assumption, bodies: list[dict[str, Any]], into: Collector) -> None:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.read import read_object

    place = MadeObject(source.place.document, source.place.pointer)
    known = len(into.objects)
    with into.speaking_for(source, assumption):
        for body in bodies:
            read_object(Cursor(body, place, into.unreadable), into)
    del into.objects[known:]
