"""Decisions as they can be held: what gives each choice and each rejected alternative away, and where it is found."""

from solutio_topology.checks.decisions.found import Decided, decided
from solutio_topology.checks.decisions.model import Alternative, Held, Member, Part
from solutio_topology.checks.decisions.resolve import held
from solutio_topology.checks.decisions.uses import Found

__all__ = ["Alternative", "Decided", "Found", "Held", "Member", "Part", "decided", "held"]
