"""Texts of documents, held small: only findings look into them, and of a fleet they are most of the bytes."""

from __future__ import annotations

import zlib

from msgspec import Struct

_FAST = 1


class Packed(Struct, frozen=True, gc=False):
    """A part of a file, which is held compressed."""

    file: bytes
    begin: int
    end: int


Text = bytes | Packed


def packed(data: bytes) -> bytes:
    """A file, compressed as `Packed` holds it."""
    return zlib.compress(data, _FAST)


def plain(text: Text) -> bytes:
    """The text itself."""
    return text if isinstance(text, bytes) else zlib.decompress(text.file)[text.begin : text.end]
