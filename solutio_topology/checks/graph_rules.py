"""``G``: rules over the graph."""

from __future__ import annotations

from solutio_topology.checks.check import GraphCheck

CHECKS: tuple[GraphCheck, ...] = ()
