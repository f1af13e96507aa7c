"""From the graph to files: pure, no reading and no writing."""

from solutio_topology.render.model import Rendered
from solutio_topology.render.tree import render

__all__ = ["Rendered", "render"]
