"""What stands in which stage of a tenant pod: data, then its migrations, then the apps, and layers of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph
from solutio_topology.render import policies, routes, secrets, workloads
from solutio_topology.render.alike import Alike
from solutio_topology.render.model import Body, Placed
from solutio_topology.render.names import namespaces, tenant_labels
from solutio_topology.render.operators import custom_resources

SECRETS, DATA, MIGRATE, APPS = "secrets", "data", "migrate", "apps"


def stages(graph: EnvironmentGraph, pod: PodGraph, alike: Alike | None = None) -> dict[str, list[Placed]]:
    """The stages of a tenant pod in their order; those with nothing in them are left out.

    `alike`: how it is like others but for its names.
    """
    found = services(graph, pod.nodes.values(), alike)
    _add_secrets(graph, pod, found)
    return {stage: placed for stage, placed in found.items() if placed}


def services(graph: EnvironmentGraph, nodes: Iterable[Node], alike: Alike | None = None) -> dict[str, list[Placed]]:
    """The stages of some services of a tenant pod, without what brings their Secrets."""
    found: dict[str, list[Placed]] = {DATA: [], MIGRATE: [], APPS: []}
    for node in nodes:
        if not is_tenants(node):
            continue
        for stage, placed in _of_node(graph, node, alike):
            found.setdefault(stage, []).append(placed)
    return found


def is_tenants(node: Node) -> bool:
    """Whether its pods live in the tenant pod: a chart's and a Gateway's belong to the platform."""
    is_gateway = node.component.kind == "objects" and node.component.browser_facing
    return node.in_cluster and node.component.kind != "chart" and not is_gateway


def stage_namespace(graph: EnvironmentGraph, pod: PodGraph, stage: str) -> str:
    """The namespace of a stage's objects."""
    return namespaces(graph, pod).get(stage) or namespaces(graph, pod)[None]


def stage_of(node: Node) -> str:
    """The stage in which a service starts."""
    return node.namespace_layer or (DATA if node.component.stateful else APPS)


def _of_node(graph: EnvironmentGraph, node: Node, alike: Alike | None) -> Iterator[tuple[str, Placed]]:
    stage = stage_of(node)
    where = _namespace_of(graph, node)
    key = node.ref.service
    own = [*_main(graph, node, alike), *policies.service_policies(graph, node), *routes.routes_to(graph, node)]
    if own:
        yield stage, Placed(key, node.pointer, _in(where, own), base=key, alike=alike)
    jobs = [*workloads.migration_objects(graph, node)]
    if jobs:
        names = [name for name, job in node.service.jobs.items() if job.before]
        closed = [body for name in names for body in policies.job_policies(graph, node, name)]
        objects = _in(where, [*jobs, *closed])
        yield MIGRATE, Placed(key, f"{node.pointer}.jobs", objects, base=f"{key}/migrate", alike=alike)


def _main(graph: EnvironmentGraph, node: Node, alike: Alike | None) -> list[Body]:
    if node.component.kind == "objects":
        return custom_resources(graph, node, alike)
    return list(workloads.main_objects(graph, node))


def _namespace_of(graph: EnvironmentGraph, node: Node) -> str:
    from solutio_topology.render.names import namespace

    return namespace(graph, node.ref)


def _in(namespace: str, objects: list[Body]) -> tuple[Body, ...]:
    """The objects with their namespace right behind their name."""
    found = []
    for body in objects:
        metadata = {"name": body["metadata"]["name"], "namespace": namespace}
        metadata |= {key: value for key, value in body["metadata"].items() if key not in metadata}
        found.append({**body, "metadata": metadata})
    return tuple(found)


def _add_secrets(graph: EnvironmentGraph, pod: PodGraph, found: dict[str, list[Placed]]) -> None:
    """Put what brings a namespace's Secrets in front of its first stage."""
    for layer, name in namespaces(graph, pod).items():
        own = [layer] if layer else [DATA, MIGRATE, APPS]
        needed = needed_in(found, own)
        made = secrets.external_secrets(graph, name, pod.pod, needed, tenant_labels(graph, pod.pod))
        if made:
            found[own[0]].insert(0, Placed("secrets", "platform.secrets", tuple(made)))


def needed_in(found: dict[str, list[Placed]], names: list[str]) -> secrets.Needed:
    """The Secrets that some stages refer to."""
    needed: secrets.Needed = {}
    for stage in names:
        for placed in found.get(stage, []):
            for secret, keys in placed.needed.items():
                needed.setdefault(secret, set()).update(keys)
    return needed
