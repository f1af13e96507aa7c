"""One place in which the isolation of a tenant pod does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from solutio_topology.checks.paths.model import Fact
    from solutio_topology.checks.places import Where


class Breach(Struct, frozen=True):
    """What of a dedicated tenant pod is shared, or open, without being declared. `related`: the other side of it."""

    pod: str
    message: str
    where: Where
    subject: str
    related: tuple[Fact, ...] = ()
    remedy: str = ""
    """What to do here, where the rule's own remedy is too general."""
