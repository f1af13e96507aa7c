"""Reading a HelmRelease: what its chart makes where that is at hand, else what a model of the chart says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solutio_topology.identity import HOOK, PROCESS
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Unreadable

if TYPE_CHECKING:
    from solutio_topology.manifests.collect import Collector
    from solutio_topology.manifests.facts import Object
    from solutio_topology.manifests.helm.expand import Expansion


def read_release(source: Object, at: Cursor, into: Collector) -> None:
    """Add what the release makes. Without its chart a model speaks for it, and what it says is assumed."""
    from solutio_topology.manifests.models import read_made
    from solutio_topology.manifests.models.helm import release_objects

    found = _expanded(source, at, into)
    if isinstance(found, str):
        read_made(source, release_objects(source, at, into.find, found), into)
    else:
        _read(source, found, into)


def _expanded(source: Object, at: Cursor, into: Collector) -> Expansion | str:
    """What the chart at hand makes; else why there is none, which is empty where nobody looked for one."""
    if into.charts is None:
        return ""
    from solutio_topology.manifests.helm.expand import ExpansionError, expand

    try:
        return expand(into.charts, source, at, into.find, into.apis)
    except ExpansionError as error:
        into.unexpanded.append(Unreadable(f"{source.key}: {error.message}", error.remedy, error.place))
        return f"the chart in {into.charts.shown} was not expanded"


def _read(source: Object, found: Expansion, into: Collector) -> None:
    from solutio_topology.manifests.read import read_object, unpacked

    known = len(into.objects)
    with into.speaking_for(source, found.assumption):
        identity = into.identity
        for made in found.objects:
            into.identity = {**identity, PROCESS: HOOK} if made.hook else identity
            for value, place in unpacked(made.body, made.place):
                read_object(Cursor(value, place, into.unreadable), into)
    into.made += into.objects[known:]
    del into.objects[known:]
