"""What the renderer returns: files as objects, never as text on disk."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from solutio_topology.render.alike import Alike

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
    alike: Alike | None = None
    """How its tenant pod is like others but for its names."""

    @cached_property
    def rendered(self) -> Rendered:
        """The objects as one file."""
        return Rendered(self.origin, self.objects)

    @cached_property
    def needed(self) -> Mapping[str, Collection[str]]:
        """The Secrets that the objects refer to, with the keys of each: asked for several times."""
        from solutio_topology.render.secrets import needed_by

        if self.alike is None:
            return needed_by(self.objects)
        return self.alike.made(needed_by, self.objects, "Secrets", self.rendered.plain)
