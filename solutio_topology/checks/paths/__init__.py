"""Whether every declared edge and path is real, hop by hop, with the objects that make it so."""

from solutio_topology.checks.paths.model import Fact, HopProof, PathProof
from solutio_topology.checks.paths.prove import prove_edges, prove_paths

__all__ = ["Fact", "HopProof", "PathProof", "prove_edges", "prove_paths"]
