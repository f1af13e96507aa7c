"""Manifests as facts: YAML read the way kubectl reads it, typed, with the place of everything. Knows no topology."""

from solutio_topology.manifests.facts import Facts
from solutio_topology.manifests.positions import locate
from solutio_topology.manifests.read import read_files, read_tree

__all__ = ["Facts", "locate", "read_files", "read_tree"]
