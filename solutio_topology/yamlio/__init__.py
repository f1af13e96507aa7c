"""The YAML doors: a fast writer that every reader agrees on, kubectl's reading, people's files with places."""

from solutio_topology.yamlio.emit import emit
from solutio_topology.yamlio.fault import Fault, Pointer
from solutio_topology.yamlio.packed import Packed, Text, packed, plain
from solutio_topology.yamlio.read import Parsed, Positions, positions, read_document, read_manifests, read_value

__all__ = [
    "Fault",
    "Packed",
    "Parsed",
    "Pointer",
    "Positions",
    "Text",
    "emit",
    "packed",
    "plain",
    "positions",
    "read_document",
    "read_manifests",
    "read_value",
]
