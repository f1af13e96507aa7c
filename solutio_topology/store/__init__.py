"""Files on disk: written whole or not at all, only ours, and only what changed."""

from solutio_topology.store.inventory import Drift, compare
from solutio_topology.store.replace import Replacement, replace_files
from solutio_topology.store.write import Written, unfinished, write

__all__ = ["Drift", "Replacement", "Written", "compare", "replace_files", "unfinished", "write"]
