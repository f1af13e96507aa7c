"""Who can talk to whom, from the facts of manifests alone: exact over every port, protocol and address.

connections = solve(facts)
connections.ports(src, dst)
connections.explain(src, dst, "TCP", 5432)
"""

from solutio_topology.reach.connections import Connections
from solutio_topology.reach.engine import host_network_of, solve
from solutio_topology.reach.ports import ALL_PORTS, NO_PORTS, PortSet

__all__ = ["ALL_PORTS", "NO_PORTS", "Connections", "PortSet", "host_network_of", "solve"]
