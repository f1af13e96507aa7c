"""Parsed files as few bytes: what one process reads for another."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import astuple

from solutio_topology.manifests.interned import Interned
from solutio_topology.manifests.read import Documents
from solutio_topology.yamlio import Fault, Packed, Parsed, packed, read_manifests

_File = tuple[str, bytes, list[tuple[int, int, int, Any]], list[tuple[Any, ...]]]
"""Name, compressed text, of each document begin, end, line and value, and the faults."""


def parcel(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Parse files (name, content). What their documents have in common is in the result once."""
    kept = Interned()
    # No format is as fast; it is read by the very program that wrote it.
    return marshal.dumps([_parsed(name, data, kept) for name, data in files])


def _parsed(name: str, data: bytes, kept: Interned) -> _File:
    documents, faults = read_manifests(data)
    found, at = [], 0
    for each in documents:
        text = each.text if isinstance(each.text, bytes) else b""
        begin = data.index(text, at)
        at = begin + len(text)
        found.append((begin, at, each.line, kept.intern(each.value)))
    return name, packed(data) if found else b"", found, [astuple(fault) for fault in faults]


def unparcel(data: bytes, kept: Interned) -> Iterator[tuple[str, Documents]]:
    """The files, as `read_parsed` takes them. What they have in common with others that are kept is theirs."""
    files: list[_File] = marshal.loads(data)
    done: dict[int, Any] = {}
    for name, text, documents, faults in files:
        parsed = [
            Parsed(Packed(text, begin, end), line, kept.intern(value, done)) for begin, end, line, value in documents
        ]
        yield name, (parsed, [Fault(*fault) for fault in faults])
