"""Files on disk: written whole or not at all, only ours, and only what changed."""

from solutio_topology.store.answers import Answer, load_answers, save_answer
from solutio_topology.store.drift import Drift, compare_files, compare_unwanted, merged
from solutio_topology.store.index import Index, Part, Seen, every_file, forget, load_index, look, matching, save_index
from solutio_topology.store.inventory import inventory_path, read_inventory
from solutio_topology.store.prints import Known, load_prints, save_prints
from solutio_topology.store.replace import Replacement, replace_files
from solutio_topology.store.write import Session, Staged, Written, refuse_unfinished, session, unfinished

__all__ = [
    "Answer",
    "Drift",
    "Index",
    "Known",
    "Part",
    "Replacement",
    "Seen",
    "Session",
    "Staged",
    "Written",
    "compare_files",
    "compare_unwanted",
    "every_file",
    "forget",
    "inventory_path",
    "load_answers",
    "load_index",
    "load_prints",
    "look",
    "matching",
    "merged",
    "read_inventory",
    "refuse_unfinished",
    "replace_files",
    "save_answer",
    "save_index",
    "save_prints",
    "session",
    "unfinished",
]
