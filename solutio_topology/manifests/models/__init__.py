"""What a controller would make of a HelmRelease or a custom resource. All of it is assumed, none of it proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from solutio_topology.manifests.facts import Place, Unreadable

if TYPE_CHECKING:
    from solutio_topology.manifests.collect import Collector
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Assumption, Object

    Made = tuple[Assumption, list[dict[str, Any]]]

_NO_TEMPLATE = frozenset({"", "apps", "batch"})
"""Groups whose kinds with pod templates are all known."""


@dataclass(frozen=True, slots=True)
class WholeObject(Place):
    """The place of something that a controller makes: the object that it makes it from, as a whole."""

    def at(self, *_steps: str | int) -> Place:
        """Nothing below it stands in a file."""
        return self


def read_modelled(source: Object, at: Cursor, into: Collector) -> None:
    """Add what `source` leads to, if it is of a kind that controllers turn into pods or Services."""
    made = _made(source, at)
    if isinstance(made, str):
        into.undecided.append(Unreadable(f"{source.key}: {made}", "give --charts, or a live export", source.place))
    elif made is not None:
        _read(source, *made, into)


def _made(source: Object, at: Cursor) -> Made | str | None:
    """What a controller makes of an object; a reason where that is not known; None for nothing."""
    kind = (source.key.group, source.key.kind)
    if source.key.group in _NO_TEMPLATE:
        return None
    if kind == ("helm.toolkit.fluxcd.io", "HelmRelease"):
        from solutio_topology.manifests.models.helm import release_objects

        return release_objects(source, at)
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

    into.assumption, into.maker = assumption, str(source.key)
    into.identity = source.labels
    place = WholeObject(source.place.document, source.place.pointer)
    known = len(into.objects)
    for body in bodies:
        read_object(Cursor(body, place, into.unreadable), into)
    del into.objects[known:]
    into.assumption, into.maker, into.identity = None, "", {}
