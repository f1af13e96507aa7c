"""Places of evidence, found when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from solutio_topology.findings import Location

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Place


@dataclass(frozen=True, slots=True)
class Where:
    """A place in the manifests, or one already found. Lines are looked up only when somebody asks for them."""

    place: Place | None
    evidence: Evidence | None = field(default=None, compare=False, repr=False)
    known: Location | None = None

    @property
    def location(self) -> Location:
        """File, line and column."""
        if self.known is not None:
            return self.known
        assert self.evidence is not None
        assert self.place is not None
        return self.evidence.locate(self.place)
