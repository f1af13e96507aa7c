"""Files on disk: written whole or not at all, only ours, and only what changed."""

from solutio_topology.store.drift import Drift, compare_files, compare_unwanted, merged
from solutio_topology.store.index import Index, Seen, forget, load_index, look, matching, save_index
from solutio_topology.store.inventory import inventory_path, read_inventory
from solutio_topology.store.replace import Replacement, replace_files
from solutio_topology.store.write import Session, Staged, Written, session, unfinished

__all__ = [
    "Drift",
    "Index",
    "Replacement",
    "Seen",
    "Session",
    "Staged",
    "Written",
    "compare_files",
    "compare_unwanted",
    "forget",
    "inventory_path",
    "load_index",
    "look",
    "matching",
    "merged",
    "read_inventory",
    "replace_files",
    "save_index",
    "session",
    "unfinished",
]
