"""Places of evidence, found when somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.findings import Location

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Place


class Where(Struct, frozen=True, eq=False):
    """A place in the manifests, or one already found. Lines are looked up only when somebody asks for them."""

    place: Place | None
    evidence: Evidence | None = None
    known: Location | None = None

    def __eq__(self, other: object) -> bool:
        # Which evidence it is looked up in makes no difference, and comparing that would take long.
        return isinstance(other, Where) and (self.place, self.known) == (other.place, other.known)

    def __hash__(self) -> int:
        return hash((self.place, self.known))

    @property
    def location(self) -> Location:
        """File, line and column."""
        if self.known is not None:
            return self.known
        assert self.evidence is not None
        assert self.place is not None
        return self.evidence.locate(self.place)
