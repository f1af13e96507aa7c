"""From a place to file, line and column: slow, for findings only, one document at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.findings import Location
from solutio_topology.manifests.places import MadeObject, Place
from solutio_topology.yamlio import Positions, positions

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Facts
    from solutio_topology.manifests.places import Document


def locate(facts: Facts, place: Place) -> Location:
    """The file, line and column of a fact. A fact without a document of its own has an empty file."""
    if not 0 <= place.document < len(facts.documents):
        return Location("")
    document = facts.documents[place.document]
    if isinstance(place, MadeObject):
        return replace(locate(facts, Place(place.document, place.pointer)), via=_via(place))
    if not document.held:
        return Location(document.file, document.line, document.column if document.line else 0)
    line, column = _positions(document).find(place.pointer)
    return Location(document.file, line, column, "/".join(["", *map(_escape, place.pointer)]))


def _via(place: MadeObject) -> str:
    """Where an object comes from that stands in no file, and the place inside it."""
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place.inside)
    return f"{place.via} {steps.removeprefix('.')}".strip()


def _escape(step: str | int) -> str:
    """One step of a JSON pointer."""
    return str(step).replace("~", "~0").replace("/", "~1")


@lru_cache(maxsize=64)
def _positions(document: Document) -> Positions:
    return positions(document.text, document.line)
