"""Names for the shell's completion, without loading anything heavy and without ever failing."""

from __future__ import annotations

from solutio_topology.errors import SolutioError


def names(field: str) -> list[str]:
    """What the topology here or in a parent declares: its environments, pods, tiers; none when it cannot be read."""
    from solutio_topology.workflows.project import find_topology
    from solutio_topology.yamlio import read_document

    try:
        value, _, _ = read_document(find_topology(None).read_bytes())
    except (SolutioError, OSError):
        return []
    found = value.get(field) if isinstance(value, dict) else None
    return [name for name in found if isinstance(name, str)] if isinstance(found, (dict, list)) else []
