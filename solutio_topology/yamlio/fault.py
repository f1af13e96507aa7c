"""What is wrong with a file as YAML, before anyone asks what it means."""

from __future__ import annotations

from msgspec import Struct

Pointer = tuple[str | int, ...]

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 1_000_000
"""Values that a document may stand for once its aliases are followed."""


class Fault(Struct, frozen=True):
    """A place (line and column from 1), what is wrong there, and what to do."""

    line: int
    column: int
    message: str
    remedy: str = ""


def undecodable(data: bytes) -> Fault | None:
    """The fault of bytes that are no text, or more than anyone writes; None when they can be parsed."""
    if len(data) > MAX_BYTES:
        return Fault(0, 0, f"the file has {len(data):,} bytes; {MAX_BYTES:,} is the limit", "split it")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return Fault(1, 1, "the file is UTF-16; YAML for Kubernetes is UTF-8", "save it as UTF-8")
    if (at := data.find(b"\0")) >= 0:
        return Fault(*_position(data, at), "the file is binary: it holds a NUL byte", "name a YAML file")
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return Fault(*_position(data, error.start), f"byte 0x{data[error.start]:02x} is not UTF-8", "save it as UTF-8")
    return None


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    return before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1
