"""Reading the manifests of a fleet: files are parsed by several processes, and nobody holds the bytes of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from solutio_topology.manifests import read_files
from solutio_topology.manifests.interned import Interned
from solutio_topology.manifests.parcels import parcel, unparcel
from solutio_topology.manifests.read import Documents, read_parsed
from solutio_topology.workflows.render import Tell, quiet
from solutio_topology.workflows.spread import spread

if TYPE_CHECKING:
    from solutio_topology.manifests import Facts
    from solutio_topology.manifests.helm.charts import Charts

MANY = 512
"""Files from which on other processes parse them."""
_FILES = 64
"""Files that a process parses at a time: enough of them to have much in common."""


def read_all(files: Mapping[str, bytes], charts: Charts | None = None, tell: Tell = quiet) -> Facts:
    """The facts in `files`, as `read_files` finds them; the content of each is looked up when its turn comes."""
    if len(files) < MANY:
        return read_files(files, charts=charts)
    return read_parsed(_parsed(files, tell), charts=charts)


def _parsed(files: Mapping[str, bytes], tell: Tell) -> Iterator[tuple[str, Documents]]:
    names = sorted(files)
    parts = [names[at : at + _FILES] for at in range(0, len(names), _FILES)]
    kept = Interned()
    parsed = spread(lambda part: parcel((name, files[name]) for name in part), parts, chunk=1)
    for number, found in enumerate(parsed, 1):
        tell("reading manifests", number, len(parts))
        yield from unparcel(found, kept)
