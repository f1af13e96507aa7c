"""A decision, resolved: the parts of its choice, and its alternatives, each with the marks that give it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.catalog.technologies import says_discontinued

if TYPE_CHECKING:
    from solutio_topology.catalog.technologies import Technology
    from solutio_topology.spec.decisions import Decision, Recognition, Rejected

COMPONENT, TITLE, PROVIDER = "component", "title", "provider"
"""Kinds of what only a topology says, beside the kinds of traces."""

FIELDS = {
    COMPONENT: "components",
    PROVIDER: "providers",
    "image": "images",
    "chart": "charts",
    "extension": "extensions",
    "preload": "preload",
    "host": "hosts",
    "key": "keys",
    "scheme": "schemes",
    "package": "packages",
    "variable": "variables",
    "port": "ports",
    TITLE: "titles",
}
"""Kind → the field of a recognition that holds its marks, the surest kind first."""
SURE = ("image", "chart", "extension", "preload", "host", "key")
"""Kinds that whoever uses a technology cannot but leave in manifests. Of an image of one's own there are none."""


class Member(Struct, frozen=True):
    """One technology of a choice. `version` is what the choice says of it; empty for none."""

    name: str
    marks: Recognition
    technology: Technology | None = None
    version: str = ""

    @property
    def components(self) -> frozenset[str]:
        """Components that are it."""
        return frozenset(self.marks.components)

    @property
    def sure(self) -> bool:
        """Whether manifests that hold it cannot but show it."""
        hidden = self.technology is not None and self.technology.unseen is not None
        return not hidden and any(getattr(self.marks, FIELDS[kind]) for kind in SURE)


class Part(Struct, frozen=True):
    """What must be realized of a choice: any one of its members."""

    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        """Its members, for people."""
        return " or ".join(member.name for member in self.members)

    @property
    def components(self) -> frozenset[str]:
        """Components that are one of its members."""
        return frozenset().union(*(member.components for member in self.members))

    @property
    def sure(self) -> bool:
        """Whether manifests that hold any of it cannot but show it."""
        return all(member.sure for member in self.members)


class Alternative(Struct, frozen=True):
    """What a decision rejected."""

    decision: str
    name: str
    rejected: Rejected
    marks: tuple[Recognition, ...]
    technology: Technology | None = None

    @property
    def discontinued(self) -> bool:
        """Whether it was rejected because it is at its end."""
        return says_discontinued(self.rejected.reason)

    @property
    def unseen(self) -> str | None:
        """Why nothing, or not everything, can show it."""
        return self.rejected.unseen or (self.technology.unseen if self.technology else None)

    @property
    def why(self) -> str:
        """``, which decision db rejected: no joins``."""
        reason = f": {self.rejected.reason}" if self.rejected.reason else " (without a reason)"
        name = "" if self.technology and self.name.lower() in _names(self.technology) else f" as {self.name!r}"
        return f"decision {self.decision} rejected{name}{reason}"

    @property
    def pointer(self) -> str:
        """Where it stands."""
        return f"decisions.{self.decision}.rejected.{self.name}"


def _names(technology: Technology) -> set[str]:
    return {name.lower() for name in technology.names}


class Held(Struct, frozen=True):
    """A decision with its key."""

    key: str
    decision: Decision
    parts: tuple[Part, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def in_force(self) -> bool:
        """Whether it holds."""
        return self.decision.status == "accepted"

    @property
    def pointer(self) -> str:
        """Where it stands."""
        return f"decisions.{self.key}"

    @property
    def covers(self) -> frozenset[str]:
        """Components that it decides about: those of the choice, and what comes with them."""
        with_it = (member.technology.covers for part in self.parts for member in part.members if member.technology)
        return frozenset().union(*(part.components for part in self.parts), *with_it)


def any_marks(marks: Recognition) -> bool:
    """Whether there is anything that could give it away."""
    return any(getattr(marks, field) for field in FIELDS.values())
