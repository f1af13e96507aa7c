"""The one place that starts other programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

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


class Templating(Struct, frozen=True):
    """What helm is told about a release: its name, its namespace, its values as YAML or JSON, and what the cluster is.

    `kubernetes` is its version; `apis` are the API versions (``group/version/Kind``) that charts may ask for.
    """

    name: str
    namespace: str
    values: bytes
    kubernetes: str
    apis: tuple[str, ...] = ()


def helm_template(chart: Path, of: Templating) -> bytes:
    """The manifests that helm makes of a chart, hooks included, tests left out. Raises ToolError with helm's words."""
    command = ["helm", "template", of.name, str(chart.absolute()), "--namespace", of.namespace, "--values", "-"]
    command += ["--skip-tests", "--kube-version", of.kubernetes]
    command += [part for api in of.apis for part in ("--api-versions", api)]
    return run(command, given=of.values)


class Answer(Struct, frozen=True):
    """What a command printed, what it complained about, and how it ended."""

    output: bytes
    said: str
    code: int


def run(command: Sequence[str], *, given: bytes = b"", remedy: str = "") -> bytes:
    """Standard output of a command that reads `given`. Raises ToolError when it is missing or fails, with its words."""
    found = ask(command, given=given, remedy=remedy)
    if found.code:
        said = found.said or f"exit code {found.code}"
        name = Path(command[0]).name
        raise ToolError(f"{name} failed: {said}", remedy=remedy or "correct what it names, and run again")
    return found.output


def ask(command: Sequence[str], *, given: bytes = b"", remedy: str = "") -> Answer:
    """As `run`, for a command that may fail in part. Raises ToolError only when it cannot be started."""
    try:
        found = subprocess.run(command, capture_output=True, check=False, input=given)
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not on PATH", remedy=f"install {command[0]}") from None
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started: {error.strerror}", remedy=remedy) from None
    return Answer(found.stdout, found.stderr.decode(errors="replace").strip(), found.returncode)
