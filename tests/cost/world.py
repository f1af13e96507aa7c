"""A topology whose bill can be added up by hand, and pieces to change in it."""

from __future__ import annotations

import copy
from typing import Any

from solutio_topology import catalog
from solutio_topology.cost.derive import bill_of
from solutio_topology.cost.model import Bill
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.spec.topology import Topology

_OWN = {"title": "Own", "kind": "workload", "ports": {"http": {"port": 80}}}

BASE: dict[str, Any] = {
    "apiVersion": "topology.solutio.dev/v1",
    "kind": "Topology",
    "metadata": {"name": "world"},
    "platform": {
        "region": "nyc3",
        "kubernetes": "1.34",
        "registry": "registry.example.com",
        "repository": {"url": "https://git.example.com/x"},
        "secrets": {"provider": "none"},
        "certificates": {"email": "a@example.com"},
        "pools": {"apps": {"size": "s-2vcpu-4gb", "nodes": 2}},
    },
    "layers": {"edge": {"title": "Edge", "drawnIn": "outside"}, "apps": {"title": "Apps"}, "data": {"title": "Data"}},
    "sizes": {"one": {"cpu": "1", "memory": "1Gi"}, "three": {"cpu": "3", "memory": "3Gi"}},
    "components": {
        "app": _OWN,
        "store": {**_OWN, "workload": "StatefulSet", "storage": {"size": "10Gi", "path": "/d"}},
    },
    "services": {
        "web": {"component": "app", "layer": "apps", "image": {"name": "web", "tag": "1"}, "size": "one"},
        "db": {"component": "store", "layer": "data", "image": {"name": "db", "tag": "1"}, "size": "three"},
        "mail": {"component": "external", "layer": "edge", "hosts": ["mail.example.com"]},
        "spaces": {"component": "object-storage", "layer": "data", "hosts": ["s3.example.com"]},
        "sensors": {"component": "client", "layer": "edge"},
    },
    "edges": {"web-db": {"from": "web", "to": "db", "env": "DB"}},
    "tiers": {"basic": {"tenancy": "shared"}, "own": {"tenancy": "dedicated", "dedicates": ["db"]}},
    "pods": {"all": {"tier": "basic", "orgs": ["a", "b"]}},
    "environments": {"prod": {"zone": "example.com"}, "staging": {"zone": "example.com", "suffix": "-staging"}},
    "costs": {"currency": "USD"},
}


def world(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The topology with values at paths (``platform/pools/apps/nodes``); maps on the way are made."""
    data = copy.deepcopy(BASE)
    for path, value in changes:
        *steps, last = path.split("/")
        at = data
        for step in steps:
            at = at.setdefault(step, {})
        at[last] = copy.deepcopy(value)
    return data


def graph(*changes: tuple[str, Any], environment: str = "prod") -> EnvironmentGraph:
    """The environment of a changed topology."""
    topology = Topology.model_validate(world(*changes))
    return expand(topology, environment, lambda name: catalog.component(name, topology.components))


def bill(*changes: tuple[str, Any], environment: str = "prod") -> Bill:
    """The bill of a changed topology."""
    return bill_of(graph(*changes, environment=environment))


def amounts(found: Bill) -> dict[str, str]:
    """Every line with its amount, as text."""
    return {item.name: str(item.monthly) for item in found.items}


DEDICATED: tuple[tuple[str, Any], ...] = (
    ("tiers/own/pool", {"size": "s-4vcpu-8gb", "nodes": 1}),
    ("pods/acme", {"tier": "own", "orgs": ["acme"]}),
)
"""A second tenant pod, with a database and a node of its own."""
