"""What was chosen and what was rejected."""

from __future__ import annotations

from solutio_topology.spec.base import Model, Names


class Decision(Model):
    """What was chosen and what was rejected."""

    title: str
    """What was decided."""
    chosen: str
    """What was chosen."""
    rejected: dict[str, str | None] = {}
    """Alternative: reason."""
    components: Names = []
    """Components that realize the choice."""
