"""What a controller would make of a HelmRelease or a custom resource. All of it is assumed, none of it proven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from solutio_topology.manifests.facts import Place, Unreadable

if TYPE_CHECKING:
    from solutio_topology.manifests.collect import Collector
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Object

IDENTITY_DOMAIN = "topology.solutio.dev/"


@dataclass(frozen=True, slots=True)
class WholeObject(Place):
    """The place of something that a controller makes: the object that it makes it from, as a whole."""

    def at(self, *_steps: str | int) -> Place:
        """Nothing below it stands in a file."""
        return self


def read_modelled(source: Object, at: Cursor, into: Collector) -> None:
    """Add what `source` leads to, if it is a kind that controllers turn into pods or Services."""
    if (source.key.group, source.key.kind) == ("helm.toolkit.fluxcd.io", "HelmRelease"):
        from solutio_topology.manifests.models.helm import release_objects

        modelled = release_objects(source, at)
    elif source.key.group == "postgresql.cnpg.io" and source.key.kind in {"Cluster", "Pooler"}:
        from solutio_topology.manifests.models.cloudnative_pg import cluster_objects, pooler_objects

        modelled = (cluster_objects if source.key.kind == "Cluster" else pooler_objects)(source, at)
    else:
        return
    if isinstance(modelled, str):
        into.undecided.append(Unreadable(f"{source.key}: {modelled}", "give --charts, or a live export", source.place))
        return
    _read(source, *modelled, into)


def _read(source: Object, assumption: object, bodies: list[dict[str, object]], into: Collector) -> None:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Assumption
    from solutio_topology.manifests.read import read_object

    assert isinstance(assumption, Assumption)
    into.assumption, into.maker = assumption, str(source.key)
    into.identity = {key: value for key, value in source.labels.items() if key.startswith(IDENTITY_DOMAIN)}
    place = WholeObject(source.place.document, source.place.pointer)
    known = len(into.objects)
    for body in bodies:
        read_object(Cursor(body, place, into.unreadable), into)
    del into.objects[known:]
    into.assumption, into.maker, into.identity = None, "", {}
