"""``solutio init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[Path, typer.Argument(help="File to start.", metavar="[FILE]")]


def command(file: Target = Path("topology.yaml")) -> None:
    """Start a topology: small, complete, and commented."""
    from solutio_topology.workflows.init import start

    start(file)
    sys.stdout.write(f"wrote {file}; next: solutio render prod --topology {file}\n")
