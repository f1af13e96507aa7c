"""A topology small enough to read, and components without the catalogue."""

from __future__ import annotations

import copy
from typing import Any

from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.spec.component import Component
from solutio_topology.spec.topology import Topology
from solutio_topology.spec.workload import Port

COMPONENTS = {
    "edge": Component(title="edge", kind="edge", placement="edge"),
    "router": Component(
        title="router", kind="chart", browser_facing=True, ports={"https": Port(port=443)}, primary="https"
    ),
    "app": Component(title="app", kind="workload", ports={"http": Port(port=3000)}, primary="http"),
    "store": Component(
        title="store",
        kind="objects",
        stateful=True,
        ports={"sql": Port(port=5432)},
        primary="sql",
        operators=["operator"],
    ),
    "operator": Component(title="operator", kind="chart"),
    "external-secrets": Component(title="external-secrets", kind="chart"),
    "cert-manager": Component(title="cert-manager", kind="chart"),
    "metrics-server": Component(title="metrics-server", kind="chart"),
}

BASE: dict[str, Any] = {
    "apiVersion": "topology.solutio.dev/v1",
    "kind": "Topology",
    "metadata": {"name": "sample"},
    "platform": {
        "region": "here",
        "kubernetes": "1.34",
        "registry": "registry.example.com",
        "repository": {"url": "https://git.example.com/x"},
        "secrets": {"provider": "external-secrets", "store": "s"},
        "certificates": {"email": "a@example.com"},
        "pools": {"apps": {"size": "s", "nodes": 2}},
    },
    "layers": {"edge": {"title": "Edge"}, "apps": {"title": "Apps"}, "data": {"title": "Data"}},
    "services": {
        "cf": {"component": "edge", "layer": "edge"},
        "ing": {"component": "router", "layer": "apps"},
        "api": {"component": "app", "layer": "apps", "env": {"A": "1"}, "replicas": {"min": 2, "max": 4}},
        "job": {"component": "app", "layer": "apps"},
        "pg": {"component": "store", "layer": "data", "pool": "apps"},
    },
    "edges": {
        "cf-ing": {"from": "cf", "to": "ing"},
        "ing-api": {"from": "ing", "to": "api", "host": "api{-pod}.{zone}"},
        "api-pg": {"from": "api", "to": "pg"},
        "job-pg": {"from": "job", "to": "pg"},
    },
    "tiers": {
        "basic": {"tenancy": "shared"},
        "own": {"tenancy": "dedicated", "dedicates": ["api", "pg"], "pool": {"size": "s", "nodes": 1}},
    },
    "pods": {"one": {"tier": "own", "orgs": ["o"]}, "all": {"tier": "basic"}},
    "environments": {"prod": {"zone": "example.com"}},
}


def graph(environment: str = "prod", **changes: Any) -> EnvironmentGraph:
    """The sample, with top-level keys replaced, expanded."""
    data = {**copy.deepcopy(BASE), **changes}
    return expand(Topology.model_validate(data), environment, COMPONENTS.__getitem__)
