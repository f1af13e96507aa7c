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


def run(command: Sequence[str], *, given: bytes = b"", remedy: str = "") -> bytes:
    """Standard output of a command that reads `given`. Raises ToolError when it is missing or fails, with its words."""
    try:
        found = subprocess.run(command, capture_output=True, check=False, input=given)
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not on PATH", remedy=remedy or f"install {command[0]}") from None
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started: {error.strerror}", remedy=remedy) from None
    if found.returncode:
        said = found.stderr.decode(errors="replace").strip() or f"exit code {found.returncode}"
        raise ToolError(
            f"{Path(command[0]).name} failed: {said}", remedy=remedy or "correct what it names, and run again"
        )
    return found.stdout
