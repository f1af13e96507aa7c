"""Rings: a release reaches the tenant pods of a ring when all of those before it run it.

Between two rings stands one gate, a Kustomization that waits for every tenant pod of its ring; the tenant pods of the
next ring wait for the gate. So a fleet has one dependency more per tenant pod, and not one per pair of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.graph.rings import rings
from solutio_topology.identity import PLATFORM
from solutio_topology.render.model import Body, Placed
from solutio_topology.render.names import FLUX_NAMESPACE, tenant_labels

ByPod = Mapping[str, list[Body]]
"""The Flux Kustomizations of each tenant pod."""


def gate_name(ring: str) -> str:
    """The stage of the platform, and with it the Kustomization, that ends a ring."""
    return f"ring-{ring}"


def members(graph: EnvironmentGraph) -> dict[str, list[str]]:
    """The tenant pods of each ring that has any in this environment, in the order of the rings."""
    found = {ring: [pod.pod for pod in graph.pods if pod.ring == ring] for ring in rings(graph.topology)}
    return {ring: pods for ring, pods in found.items() if pods}


def gates(graph: EnvironmentGraph) -> Iterator[tuple[str, Placed]]:
    """What each gate applies, by its stage: a record of who is in the ring. The last ring needs no gate."""
    for ring, pods in list(members(graph).items())[:-1]:
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": gate_name(ring),
                "namespace": FLUX_NAMESPACE,
                "labels": tenant_labels(graph, PLATFORM),
            },
            "data": {"tenant-pods": "\n".join(pods)},
        }
        yield gate_name(ring), Placed("ring", f"rings.{ring}", (body,))


def gated(graph: EnvironmentGraph, by_pod: ByPod) -> tuple[dict[str, list[Body]], dict[str, list[str]]]:
    """The Kustomizations with the gates that they wait for, and what each gate itself waits for, by its ring.

    What a ring before needs waits for no gate: it would wait for itself.
    """
    found = dict(by_pod)
    waits: dict[str, list[str]] = {}
    needed: set[str] = set()
    needs = {body["metadata"]["name"]: _needs(body) for bodies in by_pod.values() for body in bodies}
    before: list[str] = []
    for ring, pods in members(graph).items():
        for pod in pods:
            found[pod] = behind(by_pod[pod], before, needed)
        for pod in pods:
            _add_needed((body["metadata"]["name"] for body in by_pod[pod]), needs, needed)
        waits[ring] = [*before, *(name for pod in pods for name in _last(by_pod[pod]))]
        before = [f"{PLATFORM}-{gate_name(ring)}"]
    return found, dict(list(waits.items())[:-1])


def _needs(body: Body) -> list[str]:
    return [need["name"] for need in body["spec"].get("dependsOn", ())]


def _add_needed(names: Iterable[str], needs: Mapping[str, list[str]], found: set[str]) -> None:
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += needs.get(name, ())


def gates_before(graph: EnvironmentGraph, pod: str) -> list[str]:
    """The gate that a tenant pod waits for: that of the nearest ring before its own that has anybody."""
    own = graph.pod(pod).ring
    before = graph.rings[: graph.rings.index(own)] if own in graph.rings else ()
    return [f"{PLATFORM}-{gate_name(ring)}" for ring in before[-1:]]


def behind(bodies: list[Body], gates: list[str], needed: set[str]) -> list[Body]:
    """A tenant pod's Kustomizations: the first of each chain that nothing before needs waits for the gates."""
    held: set[str] = set()
    out = []
    for body in bodies:
        name = body["metadata"]["name"]
        is_held = any(need in held for need in _needs(body))
        if is_held or name not in needed:
            held.add(name)
        more = [] if is_held or name not in held else [{"name": gate} for gate in gates]
        depends = [*body["spec"].get("dependsOn", ()), *more]
        out.append({**body, "spec": {**body["spec"], "dependsOn": depends}} if more else body)
    return out


def _last(bodies: list[Body]) -> list[str]:
    """The Kustomizations of a tenant pod that no other one of it waits for."""
    inner = {need for body in bodies for need in _needs(body)}
    return [name for body in bodies if (name := body["metadata"]["name"]) not in inner]
