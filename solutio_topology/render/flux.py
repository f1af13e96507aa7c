"""What Flux reads: one source, and Kustomizations in the order in which things need each other.

All of them live in ``flux-system`` with one source: dependencies compare revisions only within one source, and lockdown
forbids references across namespaces. What a Kustomization may do is its ServiceAccount's to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.render.model import Body
from solutio_topology.render.names import FLUX_NAMESPACE, tenant_labels
from solutio_topology.render.platform import account_name
from solutio_topology.render.stages import APPS, DATA, MIGRATE, SECRETS, is_tenants, stage_of

CONTROLLERS, CONFIGS = "platform-controllers", "platform-configs"
CHAIN = (SECRETS, DATA, MIGRATE, APPS)
"""The stages of a tenant pod that wait for each other."""
SOPS_KEY = "sops-age"
"""The Secret in Flux's namespace with the key that decrypts."""
DECRYPTION = {"decryption": {"provider": "sops", "secretRef": {"name": SOPS_KEY}}}


def source_name(graph: EnvironmentGraph) -> str:
    """The name of the source."""
    return graph.topology.metadata.name


def source(graph: EnvironmentGraph) -> Body:
    """The GitRepository with the rendered tree."""
    repository = graph.platform.repository
    spec: Body = {"interval": repository.interval, "url": repository.url, "ref": {"branch": repository.branch}}
    if repository.secret:
        spec["secretRef"] = {"name": repository.secret}
    spec["ignore"] = _all_but(f"{repository.path}/rendered/{graph.name}")
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {
            "name": source_name(graph),
            "namespace": FLUX_NAMESPACE,
            "labels": tenant_labels(graph, PLATFORM),
        },
        "spec": spec,
    }


def _all_but(path: str) -> str:
    """Ignore rules that leave one folder: a folder inside an ignored one cannot be taken back, so level by level."""
    lines, above = [], ""
    for step in (each for each in path.split("/") if each not in {"", "."}):
        lines += [f"{above}/*", f"!{above}/{step}"]
        above = f"{above}/{step}"
    return "\n".join(lines) + "\n"


def platform_kustomizations(graph: EnvironmentGraph) -> list[Body]:
    """Controllers, then what needs their custom resources."""
    own = tenant_labels(graph, PLATFORM)
    configs = _kustomization(graph, CONFIGS, "platform/configs", [CONTROLLERS], own, "kustomize-controller")
    if graph.platform.secrets.provider == "sops":
        configs["spec"] |= DECRYPTION
    return [_kustomization(graph, CONTROLLERS, "platform/controllers", [], own, "kustomize-controller"), configs]


def pod_kustomizations(graph: EnvironmentGraph, pod: str, stages: list[str]) -> list[Body]:
    """The stages of a tenant pod: secrets, data, migrations, apps in a chain; a layer of its own after the data."""
    own = tenant_labels(graph, pod)
    found = []
    previous = CONFIGS
    for stage in (name for name in CHAIN if name in stages):
        body = _kustomization(graph, f"{pod}-{stage}", f"{pod}/{stage}", [previous], own, account_name(pod))
        found.append(_adapted(body, graph, pod, stage))
        previous = f"{pod}-{stage}"
    after = next((f"{pod}-{stage}" for stage in (DATA, SECRETS) if stage in stages), CONFIGS)
    for stage in (name for name in stages if name not in CHAIN):
        body = _kustomization(graph, f"{pod}-{stage}", f"{pod}/{stage}", [after], own, account_name(pod))
        found.append(_adapted(body, graph, pod, stage))
    return found


def _adapted(body: Body, graph: EnvironmentGraph, pod: str, stage: str) -> Body:
    """What is particular to a stage: what it needs, how long it takes, whether anything waits, how it is decrypted."""
    spec = dict(body["spec"])
    nodes = graph.pod(pod).nodes.values()
    known = [need["name"] for need in spec["dependsOn"]]
    spec["dependsOn"] = [{"name": need} for need in dict.fromkeys([*known, *_needs(graph, pod, stage)])]
    if stage == MIGRATE:
        jobs = [job for node in nodes for job in node.service.jobs.values() if job.before]
        spec["timeout"] = f"{max(10, *(job.deadline // 60 + 5 for job in jobs))}m"
    if any(node.namespace_layer == stage and not node.component.rollout.wait for node in nodes):
        spec["wait"] = False  # Draining takes hours: nothing may hang on it.
    if stage == SECRETS:
        spec |= DECRYPTION
    return {**body, "spec": spec}


def _needs(graph: EnvironmentGraph, pod: str, stage: str) -> Iterator[str]:
    """The stages, beyond the tenant pod's own chain, of services that must be up before those of this stage."""
    for node in graph.pod(pod).nodes.values():
        if not is_tenants(node) or stage_of(node) != stage:
            continue
        for link in graph.outgoing.get(node.ref, ()):
            server = graph.node(link.server)
            is_ordered = server.component.stateful if link.edge.order is None else link.edge.order
            is_own = server.ref.pod == pod and (stage == DATA or stage_of(server) in (*CHAIN, stage))
            if is_ordered and is_tenants(server) and not is_own:
                yield f"{server.ref.pod}-{stage_of(server)}"


def _kustomization(
    graph: EnvironmentGraph, name: str, path: str, needs: list[str], own: dict[str, str], account: str
) -> Body:
    prefix = graph.platform.repository.path.strip("./")
    spec: Body = {"interval": "10m", "retryInterval": "2m", "timeout": "10m"}
    if needs:
        spec["dependsOn"] = [{"name": need} for need in needs]
    spec |= {
        "sourceRef": {"kind": "GitRepository", "name": source_name(graph)},
        "path": f"./{prefix + '/' if prefix else ''}rendered/{graph.name}/{path}",
        "prune": True,
        "wait": True,
        "serviceAccountName": account,
    }
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": own},
        "spec": spec,
    }
