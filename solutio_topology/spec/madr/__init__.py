"""Decisions as MADR files (Markdown Architectural Decision Records, template 4.0), and back."""

from solutio_topology.spec.madr.read import Imported, read_record
from solutio_topology.spec.madr.write import edited_by_hand, file_name, is_ours, records

__all__ = ["Imported", "edited_by_hand", "file_name", "is_ours", "read_record", "records"]
