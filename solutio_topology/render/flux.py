"""What Flux reads: sources, and Kustomizations in the order in which things need each other.

All of them live in ``flux-system``: lockdown forbids references across namespaces. There is one source where that is
enough, because dependencies compare revisions only within one; a fleet has one for each shard, or for each tenant pod.
What a Kustomization may do is its ServiceAccount's to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.render.model import Body
from solutio_topology.render.names import FLUX_NAMESPACE, tenant_labels
from solutio_topology.render.platform import account_name
from solutio_topology.render.rings import gate_name
from solutio_topology.render.stages import APPS, DATA, MIGRATE, SECRETS, is_tenants, stage_of

CONTROLLERS, CONFIGS = "platform-controllers", "platform-configs"
SHARD_KEY = "sharding.fluxcd.io/key"
"""The label by which Flux's controllers share their work."""
CHAIN = (SECRETS, DATA, MIGRATE, APPS)
"""The stages of a tenant pod that wait for each other."""


def decryption(graph: EnvironmentGraph) -> Body:
    """What decrypts the Secrets of a folder: SOPS, with the key that the platform names."""
    return {"decryption": {"provider": "sops", "secretRef": {"name": graph.platform.secrets.key}}}


def source_name(graph: EnvironmentGraph) -> str:
    """The name of the platform's source."""
    return graph.topology.metadata.name


def shard_of(graph: EnvironmentGraph, pod: str) -> str | None:
    """The shard that reconciles a tenant pod; None where there are none.

    Each pair of shard and tenant pod has a rank of its own, and the highest wins (rendezvous hashing): another tenant
    pod moves nobody, and another shard takes its share and moves nobody else.
    """
    ranked = ((hashlib.sha256(f"{shard} {pod}".encode()).digest(), shard) for shard in graph.platform.flux.shards)
    return max(ranked, default=(b"", None))[1]


def _sharded(labels: dict[str, str], shard: str | None) -> dict[str, str]:
    return {**labels, SHARD_KEY: shard} if shard else labels


def _source_ref(graph: EnvironmentGraph, pod: str) -> dict[str, str]:
    """What the Kustomizations of the platform or of a tenant pod read."""
    name = source_name(graph)
    if graph.platform.repository.kind == "oci":
        return {"kind": "OCIRepository", "name": f"{name}-{pod}"}
    shard = None if pod == PLATFORM else shard_of(graph, pod)
    return {"kind": "GitRepository", "name": f"{name}-{shard}" if shard else name}


def sources(graph: EnvironmentGraph) -> list[Body]:
    """The platform's source; with git, one for each shard too: a shard's controllers see what carries its key."""
    if graph.platform.repository.kind == "oci":
        return [_artifact(graph, PLATFORM, None)]
    return [_git(graph, shard) for shard in (None, *graph.platform.flux.shards)]


def pod_sources(graph: EnvironmentGraph, pod: str) -> list[Body]:
    """The tenant pod's own source, where each has one."""
    return [_artifact(graph, pod, shard_of(graph, pod))] if graph.platform.repository.kind == "oci" else []


def _git(graph: EnvironmentGraph, shard: str | None) -> Body:
    """The GitRepository with the rendered tree."""
    repository = graph.platform.repository
    spec: Body = {"interval": repository.interval, "url": repository.url, "ref": {"branch": repository.branch}}
    if repository.secret:
        spec["secretRef"] = {"name": repository.secret}
    spec["ignore"] = "\n".join(all_but(f"{repository.path}/rendered/{graph.name}")) + "\n"
    name = f"{source_name(graph)}-{shard}" if shard else source_name(graph)
    return _source("GitRepository", name, _sharded(tenant_labels(graph, PLATFORM), shard), spec)


def _artifact(graph: EnvironmentGraph, pod: str, shard: str | None) -> Body:
    """The OCIRepository of the platform or of a tenant pod."""
    repository = graph.platform.repository
    spec: Body = {"interval": repository.interval, "url": artifact_url(graph, pod), "ref": {"tag": repository.tag}}
    if repository.secret:
        spec["secretRef"] = {"name": repository.secret}
    labels = _sharded(tenant_labels(graph, pod), shard)
    return _source("OCIRepository", f"{source_name(graph)}-{pod}", labels, spec)


def artifact_url(graph: EnvironmentGraph, pod: str) -> str:
    """Where the artifact of the platform or of a tenant pod is pushed to."""
    return f"{graph.platform.repository.url.rstrip('/')}/{graph.name}/{pod}"


def push_command(graph: EnvironmentGraph, pod: str) -> str:
    """The command that pushes an artifact, from the folder that holds ``rendered/``.

    The artifact keeps the paths of the tree, so that a Kustomization's path says the same wherever it is read from.
    """
    own = [f"rendered/{graph.name}/{pod}", *([f"rendered/{graph.name}/flux"] if pod == PLATFORM else [])]
    ignored = ",".join(dict.fromkeys(line for path in own for line in all_but(path)))
    return (
        f"flux push artifact {artifact_url(graph, pod)}:{graph.platform.repository.tag} --path=. "
        f"--ignore-paths='{ignored}' --source=\"$(git config --get remote.origin.url)\" "
        '--revision="$(git branch --show-current)@sha1:$(git rev-parse HEAD)"'
    )


def _source(kind: str, name: str, labels: dict[str, str], spec: Body) -> Body:
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": labels},
        "spec": spec,
    }


def all_but(path: str) -> list[str]:
    """Ignore rules that leave one folder: a folder inside an ignored one cannot be taken back, so level by level."""
    lines, above = [], ""
    for step in (each for each in path.split("/") if each not in {"", "."}):
        lines += [f"{above}/*", f"!{above}/{step}"]
        above = f"{above}/{step}"
    return lines


def platform_kustomizations(graph: EnvironmentGraph) -> list[Body]:
    """Controllers, then what needs their custom resources."""
    configs = _kustomization(graph, CONFIGS, PLATFORM, "configs", [CONTROLLERS], "kustomize-controller")
    if graph.platform.secrets.provider == "sops":
        configs["spec"] |= decryption(graph)
    return [_kustomization(graph, CONTROLLERS, PLATFORM, "controllers", [], "kustomize-controller"), configs]


def ring_kustomizations(graph: EnvironmentGraph, waits: dict[str, list[str]]) -> list[Body]:
    """The gates between rings; `waits` says what each waits for, by its ring."""
    found = []
    for ring, needs in waits.items():
        stage = gate_name(ring)
        body = _kustomization(graph, f"{PLATFORM}-{stage}", PLATFORM, stage, needs, "kustomize-controller")
        found.append(body)
    return found


def pod_kustomizations(graph: EnvironmentGraph, pod: str, stages: list[str]) -> list[Body]:
    """The stages of a tenant pod: secrets, data, migrations, apps in a chain; a layer of its own after the data."""
    found = []
    previous = CONFIGS
    for stage in (name for name in CHAIN if name in stages):
        body = _kustomization(graph, f"{pod}-{stage}", pod, stage, [previous], account_name(pod))
        found.append(_adapted(body, graph, pod, stage))
        previous = f"{pod}-{stage}"
    after = next((f"{pod}-{stage}" for stage in (DATA, SECRETS) if stage in stages), CONFIGS)
    for stage in (name for name in stages if name not in CHAIN):
        body = _kustomization(graph, f"{pod}-{stage}", pod, stage, [after], account_name(pod))
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
        spec |= decryption(graph)
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


def _kustomization(graph: EnvironmentGraph, name: str, pod: str, stage: str, needs: list[str], account: str) -> Body:
    """A Kustomization of the platform or of a tenant pod, in the shard of its source."""
    shard = None if pod == PLATFORM else shard_of(graph, pod)
    prefix = graph.platform.repository.path.strip("./")
    spec: Body = {"interval": "10m", "retryInterval": "2m", "timeout": "10m"}
    if needs:
        spec["dependsOn"] = [{"name": need} for need in needs]
    spec |= {
        "sourceRef": _source_ref(graph, pod),
        "path": f"./{prefix + '/' if prefix else ''}rendered/{graph.name}/{pod}/{stage}",
        "prune": True,
        "wait": True,
        "serviceAccountName": account,
    }
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": _sharded(tenant_labels(graph, pod), shard)},
        "spec": spec,
    }
