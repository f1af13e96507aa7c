"""Whether our answer is a real scheduler's, for tests/cost/capacity/scheduler.yaml and for rendered/prod.

Nodes are registered with capacities, labels, taints and volume limits; pods are created one after the other; nothing
runs them. What stays pending is compared with our answer, or with ``--write`` kept.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from control_plane import control_plane, kubectl  # noqa: E402

from solutio_topology.cost.capacity.fit import Fit, Level, fit  # noqa: E402
from solutio_topology.cost.capacity.model import Group, Machine  # noqa: E402
from solutio_topology.cost.capacity.place import Answer, Verdict  # noqa: E402
from solutio_topology.manifests import read_tree  # noqa: E402
from solutio_topology.workflows.project import expand_environment, open_project  # noqa: E402
from tests.cost.capacity import worlds  # noqa: E402

DRIVER = "dobs.csi.digitalocean.com"
SECONDS = 60
_COUNTER = itertools.count()


def main() -> int:
    """Ask the scheduler for every world and for rendered/prod."""
    written = worlds.load()
    with control_plane(scheduler=True) as path:
        kubectl(path, "create", "namespace", "inn")
        wrong = [line for each in written for line in _world(path, each)]
        wrong += _rendered(path)
    if "--write" in sys.argv:
        _keep(written)
    print(
        "\n".join([*wrong, f"{len(written)} worlds and rendered/prod at {len(Level)} levels: {len(wrong)} differences"])
    )
    return 1 if wrong else 0


def _world(path: Path, written: dict[str, Any]) -> Iterator[str]:
    world = worlds.world(written)
    specs = [each.pod_spec for each in world.facts.workloads]
    pending = _ask(path, world.machines, world.groups, [group.usual for group in world.groups], specs)
    told = "" if "--write" in sys.argv or pending == world.pending else f", {world.pending} were kept"
    written["pending"] = pending
    difference = compare(world.answer(), pending)
    print(f"{world.name}: {world.answer().verdict}, the scheduler leaves {pending} pending")
    if told or (difference and not world.differs):
        yield f"{world.name}: {difference or 'as kept'}{told}"


def compare(answer: Answer, pending: int) -> str:
    """How our answer differs from the scheduler's; empty where it does not."""
    if answer.verdict is Verdict.FITS and pending:
        return f"we say that all fit, and {pending} stay pending"
    if answer.verdict is Verdict.SHORT and not pending:
        return "we say that not all fit, and they do"
    return ""


def _rendered(path: Path) -> Iterator[str]:
    """What is rendered for production, on the nodes that it pays for."""
    graph = expand_environment(open_project(ROOT / "topology.yaml"), "prod")
    facts = read_tree(ROOT / "rendered" / "prod", display="rendered/prod")
    found: Fit = fit(graph.platform, facts)
    specs = [each.pod_spec for each in facts.workloads]
    specs += [_plain(group) for group in found.groups[len(specs) :]]
    for level in Level:
        answer = found.levels[level]
        pending = _ask(path, found.machines, found.groups, found.numbers(level), specs)
        print(f"rendered/prod at {level}: {answer.verdict}, the scheduler leaves {pending} pending")
        if difference := compare(answer, pending):
            yield f"rendered/prod at {level}: {difference}"


def _plain(group: Group) -> dict[str, Any]:
    """The pod of something that no manifest holds: what it asks for and nothing else."""
    asked = {"cpu": f"{group.shape.request.cpu}m", "memory": str(group.shape.request.memory)}
    return {"containers": [{"name": "main", "resources": {"requests": asked}}]}


def _ask(
    path: Path,
    machines: Sequence[Machine],
    groups: Sequence[Group],
    numbers: Sequence[int],
    specs: Sequence[dict[str, Any]],
) -> int:
    """How many pods the scheduler leaves pending."""
    _nodes(path, machines)
    pods = [
        body
        for group, number, spec in zip(groups, numbers, specs, strict=True)
        for body in _pods(path, group, number, spec)
    ]
    for body in pods:
        _made(path, body)
    pending = _await(path, len(pods))
    _clear(path)
    return pending


def _nodes(path: Path, machines: Sequence[Machine]) -> None:
    for machine in machines:
        name, room = machine.name, machine.room
        _made(path, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": machine.labels}})
        has = {"cpu": f"{room.cpu}m", "memory": str(room.memory), "pods": str(room.pods), "ephemeral-storage": "500Gi"}
        status = {"capacity": has, "allocatable": has, "conditions": [{"type": "Ready", "status": "True"}]}
        _patched(path, "node", name, {"status": status}, "--subresource=status")
        # The API server taints a new node as not ready, and no controller is here that would take that off.
        taints = [each._asdict() for each in machine.taints]
        _patched(path, "node", name, {"spec": {"taints": taints or None}})
        driver = {"name": DRIVER, "nodeID": name, "allocatable": {"count": room.volumes}}
        _made(
            path,
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "CSINode",
                "metadata": {"name": name},
                "spec": {"drivers": [driver]},
            },
        )


def _pods(path: Path, group: Group, number: int, spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for _ in range(number):
        name = f"pod-{next(_COUNTER)}"
        claims = [_claim(path, f"{name}-{at}") for at in range(group.shape.request.volumes)]
        labels = {**dict(group.shape.labels), "inn": "guest"}
        metadata = {"name": name, "namespace": "inn", "labels": labels}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": _stripped(spec, claims)}


_KEPT = (
    "affinity", "hostNetwork", "nodeName", "nodeSelector", "overhead", "resources", "tolerations",
    "topologySpreadConstraints",
)  # fmt: skip


def _stripped(spec: dict[str, Any], claims: list[str]) -> dict[str, Any]:
    """What of a pod spec the scheduler looks at; its volumes are claims that are bound."""
    kept = {key: spec[key] for key in _KEPT if spec.get(key)}
    for kind in ("initContainers", "containers"):
        kept[kind] = [_container(each, at) for at, each in enumerate(spec.get(kind) or [])]
    volumes = [{"name": f"v{at}", "persistentVolumeClaim": {"claimName": name}} for at, name in enumerate(claims)]
    return {**kept, "volumes": volumes}


def _container(written: dict[str, Any], at: int) -> dict[str, Any]:
    kept = {key: written[key] for key in ("resources", "ports", "restartPolicy") if written.get(key)}
    return {"name": f"{written.get('name', 'c')[:40]}-{at}", "image": "registry.example.com/any:1", **kept}


def _claim(path: Path, name: str) -> str:
    """A claim and its volume, bound to each other as the controller would."""
    size = {"storage": "1Gi"}
    csi = {"driver": DRIVER, "volumeHandle": name}
    claim = {"kind": "PersistentVolumeClaim", "namespace": "inn", "name": name}
    common = {"accessModes": ["ReadWriteOnce"], "storageClassName": ""}
    _made(path, {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name},
                 "spec": {**common, "capacity": size, "csi": csi, "claimRef": claim}})  # fmt: skip
    annotations = {"pv.kubernetes.io/bind-completed": "yes"}
    _made(path, {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                 "metadata": {"name": name, "namespace": "inn", "annotations": annotations},
                 "spec": {**common, "resources": {"requests": size}, "volumeName": name}})  # fmt: skip
    return name


def _made(path: Path, body: dict[str, Any]) -> None:
    found = kubectl(path, "create", "-f", "-", given=body)
    if found.returncode:
        raise SystemExit(f"{body['kind']} {body['metadata']['name']}: {found.stderr}")


def _patched(path: Path, kind: str, name: str, patch: dict[str, Any], *options: str) -> None:
    found = kubectl(path, "patch", kind, name, "--type=merge", "-p", json.dumps(patch), *options)
    if found.returncode:
        raise SystemExit(f"{kind} {name}: {found.stderr}")


def _await(path: Path, number: int) -> int:
    """Wait until the scheduler has said something of every pod; how many it could not place."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        items = json.loads(kubectl(path, "get", "pods", "-n", "inn", "-o", "json").stdout)["items"]
        waiting = [each for each in items if not each["spec"].get("nodeName")]
        told = [
            each for each in waiting
            if any(one["type"] == "PodScheduled" for one in each.get("status", {}).get("conditions", []))
        ]  # fmt: skip
        if len(items) == number and len(told) == len(waiting):
            return len(waiting)
        time.sleep(0.3)
    raise RuntimeError("the scheduler says nothing")


def _clear(path: Path) -> None:
    kubectl(path, "delete", "pods", "-n", "inn", "--all", "--force", "--grace-period=0")
    for kind in ("pvc", "pv"):
        names = kubectl(path, "get", kind, "-n", "inn", "-o", "name").stdout.split()
        for name in names:
            kubectl(path, "patch", name, "-n", "inn", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        kubectl(path, "delete", kind, "-n", "inn", "--all", "--wait=false")
    kubectl(path, "delete", "nodes,csinodes", "--all")


def _keep(written: list[dict[str, Any]]) -> None:
    """Write the answers into the file, each behind the name of its world."""
    lines, answers = [], {each["name"]: each["pending"] for each in written}
    for line in worlds.FILE.read_text().splitlines():
        if line.startswith("  pending: "):
            continue
        lines.append(line)
        if line.startswith("- name: "):
            lines.append(f"  pending: {answers[line.removeprefix('- name: ')]}")
    worlds.FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
