"""From the graph to files: pure, no reading and no writing."""

from solutio_topology.render.model import Rendered
from solutio_topology.render.tree import base_files, bases_of, is_list, render, render_part

__all__ = ["Rendered", "base_files", "bases_of", "is_list", "render", "render_part"]
