"""Names for the shell's completion, without loading anything heavy and without ever failing."""

from __future__ import annotations

from solutio_topology.errors import SolutioError


def environment_names() -> list[str]:
    """The environments of the topology here or in a parent; none when there is none or it cannot be read."""
    from solutio_topology.workflows.project import find_topology
    from solutio_topology.yamlio import read_document

    try:
        value, _, _ = read_document(find_topology(None).read_bytes())
    except (SolutioError, OSError):
        return []
    environments = value.get("environments") if isinstance(value, dict) else None
    return list(environments) if isinstance(environments, dict) else []
