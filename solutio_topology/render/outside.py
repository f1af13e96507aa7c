"""``outside.md``: what the cluster cannot hold, as a checklist. Hops that rest on it are assumed, not proven."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph
from solutio_topology.identity import PLATFORM, POOL
from solutio_topology.render import platform, routes, secrets
from solutio_topology.render.flux import SHARD_KEY, push_command
from solutio_topology.render.model import Placed
from solutio_topology.render.names import FLUX_NAMESPACE, namespaces
from solutio_topology.render.operators import chart_namespace, edge_ranges
from solutio_topology.render.stages import APPS, DATA, MIGRATE, needed_in

Stages = dict[str, dict[str, list[Placed]]]
Needs = tuple[str, str, str, secrets.Needed]
"""Namespace, owner, folder below the owner's (with SOPS) and the Secrets that are needed there."""


def outside(graph: EnvironmentGraph, stages: Stages) -> str:
    """The checklist of an environment, as markdown: what the platform needs, and the tenant pods in `stages`."""
    pods = [graph.pod(name) for name in stages]
    own = {pod.pod for pod in graph.pods} - stages.keys()
    return _checklist(
        f"# What stands outside the manifests of {graph.name}",
        ("Node pools", _pools(graph, [name for name in graph.platform.pools if name not in own])),
        ("Firewall", _firewall(graph, pods)),
        ("DNS and the edge", _edge(graph, stages)),
        ("Third parties", _third_parties(graph, pods)),
        ("Bootstrap", _bootstrap(graph)),
        ("Shards", _shards(graph)),
        ("Artifacts", _artifacts(graph, [PLATFORM, *stages])),
        ("Secrets", _secrets(graph, [*_platform_needs(graph), *_pod_needs(graph, stages)])),
        ("Tenant pods", _lists(graph, own)),
    )


def pod_outside(graph: EnvironmentGraph, pod: PodGraph, found: dict[str, list[Placed]]) -> str:
    """The checklist of a tenant pod that serves no other."""
    return _checklist(
        f"# What stands outside the manifests of {pod.pod} in {graph.name}",
        ("Node pools", _pools(graph, [pod.pod]) if pod.pod in graph.platform.pools else iter(())),
        ("Firewall", _rules(graph, [pod])),
        ("DNS and the edge", _hosts(graph, {pod.pod})),
        ("Third parties", _third_parties(graph, [pod])),
        ("Artifacts", _artifacts(graph, [pod.pod])),
        ("Secrets", _secrets(graph, _pod_needs(graph, {pod.pod: found}))),
    )


def _checklist(title: str, *sections: tuple[str, Iterator[str]]) -> str:
    lines = [
        title,
        "",
        "The proof assumes every line of this list. Tick them off when the environment is set up and when they change.",
    ]
    for name, part in sections:
        found = list(part)
        if found:
            lines += ["", f"## {name}", "", *found]
    return "\n".join(lines) + "\n"


def _lists(graph: EnvironmentGraph, own: set[str]) -> Iterator[str]:
    if own:
        yield f"Each of these has a list of its own, `rendered/{graph.name}/<tenant pod>/outside.md`:"
        yield ", ".join(f"`{pod.pod}`" for pod in graph.pods if pod.pod in own)


def _pools(graph: EnvironmentGraph, names: Iterable[str]) -> Iterator[str]:
    yield "| pool | size | nodes | labels | taint |"
    yield "|---|---|---|---|---|"
    for name in names:
        pool = graph.platform.pools[name]
        labels = ", ".join(f"`{key}={value}`" for key, value in {POOL: name, **pool.labels}.items())
        taint = f"`{POOL}={name}:NoSchedule`" if pool.dedicated else ""
        yield f"| {name} | {pool.size} | {pool.nodes} | {labels} | {taint} |"


def _firewall(graph: EnvironmentGraph, pods: list[PodGraph]) -> Iterator[str]:
    found = list(_rules(graph, pods))
    yield from found
    if graph.platform.orchestrator == "doks" and found:
        yield (
            "- [ ] The rules stand in a Cloud Firewall of your own, bound to the tag `k8s:<cluster id>`: "
            "the firewall that DOKS manages is reset within minutes"
        )


def _rules(graph: EnvironmentGraph, pods: list[PodGraph]) -> Iterator[str]:
    for node in _nodes(pods):
        for name, port in node.ports.items():
            if port.on_node:
                span = f"{port.port}-{port.end_port}" if port.end_port else str(port.port)
                pool = f" of pool {node.pool}" if node.pool else ""
                edges = [link.key for link in graph.incoming.get(node.ref, ()) if name in link.ports]
                yield f"- [ ] {port.protocol} {span} from anywhere to the nodes{pool}: {node.title}{_resting(edges)}"


def _resting(edges: list[str]) -> str:
    """Which edges are assumed because of a line, for its end."""
    return f" (edges {', '.join(f'`{edge}`' for edge in dict.fromkeys(edges))})" if edges else ""


def _nodes(pods: list[PodGraph]) -> Iterator[Node]:
    for pod in pods:
        yield from (node for node in pod.nodes.values() if node.in_cluster)


def _hosts(graph: EnvironmentGraph, pods: Container[str]) -> Iterator[str]:
    for host in (host for host, links in graph.hosts.items() if any(link.owner in pods for link in links)):
        yield f"- [ ] `{host}` is served by the zone `{graph.environment.zone}` or a domain of the customer's own"


def _edge(graph: EnvironmentGraph, pods: Container[str]) -> Iterator[str]:
    yield from _hosts(graph, pods)
    if edge_ranges(graph):
        yield "- [ ] TLS mode is Full (strict); WAF rules are on for every proxied host"
        yield "- [ ] Authenticated Origin Pulls with a certificate of your own: its ranges are all its customers'"
        yield "- [ ] The load balancer's firewall lists Cloudflare's ranges and nothing else"


def _third_parties(graph: EnvironmentGraph, pods: list[PodGraph]) -> Iterator[str]:
    for pod in pods:
        for node in pod.nodes.values():
            if node.placement in {"external", "managed", "droplet"}:
                hosts = [*node.service.hosts, *node.component.hosts, *node.service.ranges]
                where = ", ".join(f"`{host}`" for host in hosts) or "**no address is declared**"
                edges = [link.key for link in graph.incoming.get(node.ref, ()) if link.owner == pod.pod]
                yield f"- [ ] {node.title}: {where}{_resting(edges)}"


def _bootstrap(graph: EnvironmentGraph) -> Iterator[str]:
    flux = FLUX_NAMESPACE
    yield f"- [ ] Flux runs in `{flux}`, with multi-tenancy lockdown, and applies `rendered/{graph.name}/flux`"
    yield f"- [ ] The ServiceAccounts `kustomize-controller` and `helm-controller` of `{flux}` may install controllers"
    yield f"- [ ] Kubernetes {graph.platform.kubernetes} with a CNI that enforces NetworkPolicy"
    if graph.platform.network.policies == "cilium":
        yield "- [ ] Cilium enforces CiliumNetworkPolicy, with its DNS proxy on (`toFQDNs`)"
    if routes.uses_gateway_api(graph):
        gateway_class = graph.platform.ingress.ingress_class
        yield f"- [ ] The GatewayClass `{gateway_class}` and the Gateway API's kinds are installed"
    if graph.platform.secrets.provider == "external-secrets":
        yield f"- [ ] The ClusterSecretStore `{graph.platform.secrets.store}` exists and can be read"
    if graph.platform.secrets.provider == "sops":
        key = f"`{graph.platform.secrets.key}` in `{FLUX_NAMESPACE}`"
        yield f"- [ ] The Secret {key} holds the key that decrypts, as `<name>.agekey`"
    if graph.platform.backups:
        yield f"- [ ] The bucket `{graph.platform.backups.bucket}` exists at `{graph.platform.backups.endpoint}`"
    yield f"- [ ] The StorageClass `{graph.platform.storage_class}` exists and keeps volumes (`reclaimPolicy: Retain`)"
    if graph.platform.scraper:
        yield f"- [ ] Metrics are scraped from the namespace `{graph.platform.scraper.namespace}`"


def _shards(graph: EnvironmentGraph) -> Iterator[str]:
    shards = graph.platform.flux.shards
    if not shards:
        return
    yield (
        f"- [ ] Flux's own source-controller and kustomize-controller run with `--watch-label-selector=!{SHARD_KEY}`, "
        "in version 2.5 or later: before, a dependency in another shard is not found"
    )
    for shard in shards:
        yield (
            f"- [ ] A source-controller and a kustomize-controller of their own run with "
            f"`--watch-label-selector={SHARD_KEY}={shard}`"
        )


def _artifacts(graph: EnvironmentGraph, names: Iterable[str]) -> Iterator[str]:
    if graph.platform.repository.kind != "oci":
        return
    yield "Pushed by CI whenever the folder changes, from the folder that holds `rendered/`:"
    yield ""
    yield "```sh"
    yield from (push_command(graph, name) for name in names)
    yield "```"


def _secrets(graph: EnvironmentGraph, found: Iterable[Needs]) -> Iterator[str]:
    yield "Values never stand in this repository. Each Secret needs the keys that are listed."
    yield ""
    yield "| namespace | Secret | keys | comes from |"
    yield "|---|---|---|---|"
    for namespace, owner, folder, needed in found:
        for name in sorted(needed):
            keys = ", ".join(f"`{key}`" for key in sorted(needed[name]))
            yield f"| {namespace} | {name} | {keys} | {_origin(graph, owner, folder, name)} |"


def _platform_needs(graph: EnvironmentGraph) -> Iterator[Needs]:
    for _, component, node in platform.charts(graph):
        needed = platform.controller_secrets(graph, component)
        if needed:
            where = chart_namespace(component, node)
            yield where, PLATFORM, f"{where}/", needed


def _pod_needs(graph: EnvironmentGraph, stages: Stages) -> Iterator[Needs]:
    for pod in stages:
        for layer, name in namespaces(graph, graph.pod(pod)).items():
            own = [layer] if layer else [DATA, MIGRATE, APPS]
            yield name, pod, f"{layer}/" if layer else "", needed_in(stages[pod], own)


def _origin(graph: EnvironmentGraph, owner: str, folder: str, name: str) -> str:
    settings = graph.platform.secrets
    if settings.provider == "external-secrets":
        return f"`{secrets.entry(graph, owner, name)}` in the store `{settings.store}`"
    if settings.provider == "sops":
        return f"`{settings.folder}/{graph.name}/{owner}/{folder}{name}.yaml`, encrypted with SOPS"
    return "yourself"
