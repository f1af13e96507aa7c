"""What the renderer returns: files as objects, never as text on disk."""

from __future__ import annotations

import marshal
from functools import cached_property
from typing import Any

from msgspec import Struct

Body = dict[str, Any]


class Rendered(Struct, frozen=True, dict=True):
    """One file: its objects, or its text, and the place in the topology that it comes from."""

    origin: str
    objects: tuple[Body, ...] = ()
    text: str | None = None
    copy_from: str | None = None
    """A file of the user's, relative to the topology, that is copied as it is (an encrypted Secret)."""

    @cached_property
    def plain(self) -> bytes | None:
        """The objects as `marshal` writes them; None where something is of a type of its own."""
        try:
            return marshal.dumps(self.objects, 2)
        except ValueError:
            return None


class Placed(Struct, frozen=True, dict=True):
    """The objects of one service (or of the platform) in one stage of one tenant pod, before they become files."""

    file: str
    """Name of the file in the stage's folder, without its ending."""
    origin: str
    objects: tuple[Body, ...]
    base: str | None = None
    """Folder below ``base/`` for what the tenant pods have in common; None: the tenant pod's own."""

    @cached_property
    def needed(self) -> dict[str, set[str]]:
        """The Secrets that the objects refer to, with the keys of each: asked for several times."""
        from solutio_topology.render.secrets import needed_by

        return needed_by(self.objects)
