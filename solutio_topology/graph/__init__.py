"""The dependency graph: the topology, expanded for one environment and each of its tenant pods."""
