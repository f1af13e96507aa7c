"""Small worlds of nodes and workloads: read from YAML, as groups and machines, and as the objects of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from solutio_topology.cost.capacity.demand import demand
from solutio_topology.cost.capacity.model import Amounts, Group, Machine, Taint
from solutio_topology.cost.capacity.nodes import millicores, whole
from solutio_topology.cost.capacity.place import Answer, place
from solutio_topology.manifests import Facts, read_files

FILE = Path(__file__).with_name("scheduler.yaml")


@dataclass(frozen=True)
class World:
    """Nodes, and workloads that are to stand on them."""

    name: str
    machines: tuple[Machine, ...]
    facts: Facts
    pending: int
    """Pods that the real scheduler left over."""
    differs: str
    """Why our answer is another one."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of pods, in the order of the workloads."""
        return demand(self.facts)

    def answer(self) -> Answer:
        """Our answer, at the number of replicas that is written."""
        groups = self.groups
        return place(groups, [group.usual for group in groups], self.machines)


def load() -> list[dict[str, Any]]:
    """The worlds as they are written."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())
    return found


def world(written: dict[str, Any]) -> World:
    """A world that can be asked."""
    objects = [_workload(each) for each in written["workloads"]]
    facts = read_files({"world.yaml": yaml.safe_dump_all(objects).encode()})
    machines = tuple(machine(name, node or {}) for name, node in written["nodes"].items())
    return World(written["name"], machines, facts, written.get("pending", 0), written.get("differs", ""))


def machine(name: str, node: dict[str, Any]) -> Machine:
    """A node: 4 CPU and 8Gi, 110 pods and 7 volumes, where nothing else is said."""
    room = Amounts(
        millicores(node.get("cpu", 4)), whole(node.get("memory", "8Gi")), node.get("pods", 110), node.get("volumes", 7)
    )
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **node.get("labels", {})}
    taints = tuple(Taint(*each) for each in node.get("taints", ()))
    return Machine(name, node.get("pool", "all"), labels, taints, room, room)


def _workload(written: dict[str, Any]) -> dict[str, Any]:
    """A Deployment (or another kind) from its name, number, requests, claims and the rest of its pod spec."""
    name = written["name"]
    labels = {"app": name, **written.get("labels", {})}
    container = {"name": "main", "image": "registry.example.com/main:1", "ports": written.get("ports", [])}
    container["resources"] = {"requests": {key: str(value) for key, value in written.get("asks", {}).items()}}
    claims = [{"name": f"v{at}", "ephemeral": {}} for at in range(written.get("claims", 0))]
    pod = {"containers": [container], "volumes": claims, **written.get("pod", {})}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": written.get("kind", "Deployment"),
        "metadata": {"name": name, "namespace": "inn"},
        "spec": {"replicas": written.get("number", 1), "selector": {"matchLabels": labels}, "template": template},
    }
