"""What the renderer hands over: objects or text for a path, and where in the topology they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from solutio_topology.errors import SolutioError

Object = dict[str, Any]
"""A Kubernetes object (or a kustomization), in the conventional order of its keys."""


class RenderError(SolutioError):
    """A topology that cannot be rendered, though each part of it is well-formed."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of one generated file: objects, or text, or a copy of a file of the user's."""

    origin: str
    """Pointer into ``topology.yaml``: ``services.api``. Never a line number."""
    objects: tuple[Object, ...] = ()
    text: str | None = None
    copy_from: str | None = None
    """Path, relative to the topology's folder, of an encrypted file that is copied byte for byte."""

    def __str__(self) -> str:
        return f"{len(self.objects)} objects from {self.origin}"


@dataclass(frozen=True, slots=True)
class Part:
    """The objects that one service (or the tenant pod itself) has in one stage."""

    stage: str
    """Folder of the stage below the environment: ``default/apps``, ``platform/controllers``."""
    file: str
    """Name of the file without its ending: a service, or ``_namespace``."""
    origin: str
    objects: tuple[Object, ...]
    early: bool = False
    """Needed before the stage in which the service runs: what a migration needs."""
