"""``solutio schema``."""

from __future__ import annotations

import sys


def command() -> None:
    """Print the JSON Schema of topology.yaml."""
    from solutio_topology.spec.json_schema import schema_text

    sys.stdout.write(schema_text())
