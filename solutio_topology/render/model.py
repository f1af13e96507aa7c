"""What the renderer returns: files as objects, never as text on disk."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Body = dict[str, Any]


class Rendered(Struct, frozen=True):
    """One file: its objects, or its text, and the place in the topology that it comes from."""

    origin: str
    objects: tuple[Body, ...] = ()
    text: str | None = None
    copy_from: str | None = None
    """A file of the user's, relative to the topology, that is copied as it is (an encrypted Secret)."""


class Placed(Struct, frozen=True):
    """The objects of one service (or of the platform) in one stage of one tenant pod, before they become files."""

    file: str
    """Name of the file in the stage's folder, without its ending."""
    origin: str
    objects: tuple[Body, ...]
    base: str | None = None
    """Folder below ``base/`` for what the tenant pods have in common; None: the tenant pod's own."""
