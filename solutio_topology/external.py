"""The one place that starts other programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from solutio_topology.errors import ToolError


def kustomize_build(folder: Path) -> bytes:
    """What kustomize makes of a folder, with ``kustomize`` or ``kubectl kustomize``, whichever is there.

    Raises ToolError when neither is, or when it fails.
    """
    for command in (["kustomize", "build"], ["kubectl", "kustomize"]):
        if shutil.which(command[0]):
            return run([*command, str(folder)])
    raise ToolError(
        "custom/ needs kustomize, and neither kustomize nor kubectl is on PATH",
        remedy="install one of them, or remove the folder custom/",
    )


def run(command: Sequence[str]) -> bytes:
    """Standard output of a command. Raises ToolError with what it said when it fails."""
    found = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if found.returncode:
        said = found.stderr.decode(errors="replace").strip() or f"exit code {found.returncode}"
        raise ToolError(f"{command[0]} failed: {said}", remedy="correct what it names, and run again")
    return found.stdout
