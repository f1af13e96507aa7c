"""From documents to facts, through the real reader."""

from __future__ import annotations

from typing import Any

import yaml

from solutio_topology.manifests import read_files
from solutio_topology.manifests.facts import Facts
from solutio_topology.reach import Connections, solve
from solutio_topology.reach.model import HostNetwork, WorkloadNode


def facts_of(manifests: str) -> Facts:
    """The facts of YAML text."""
    return read_files({"world.yaml": manifests.encode()})


def facts_of_docs(docs: list[dict[str, Any]]) -> Facts:
    """The facts of parsed documents."""
    return facts_of(yaml.safe_dump_all(docs, sort_keys=False))


def solved(manifests: str, host_network: HostNetwork | None = None) -> Connections:
    """The connections of YAML text."""
    return solve(facts_of(manifests), host_network)


def node(connections: Connections, name: str) -> WorkloadNode:
    """The only workload of a name, ``namespace/name`` or ``name`` in default."""
    namespace, _, short = name.rpartition("/")
    found = [
        each for each in connections.workloads if (each.key.namespace, each.key.name) == (namespace or "default", short)
    ]
    assert len(found) == 1, (name, connections.workloads)
    return found[0]


def ports(connections: Connections, src: str, dst: str) -> str:
    """What one workload surely may open to another, in words."""
    return str(connections.ports(node(connections, src), node(connections, dst)))
