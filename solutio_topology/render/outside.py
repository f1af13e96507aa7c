"""``outside.md``: what the cluster cannot hold, as a checklist. Hops that rest on it are assumed, not proven."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph, Node
from solutio_topology.identity import PLATFORM, POOL
from solutio_topology.render import platform, routes, secrets
from solutio_topology.render.flux import SOPS_KEY
from solutio_topology.render.model import Placed
from solutio_topology.render.names import FLUX_NAMESPACE, namespaces
from solutio_topology.render.operators import chart_namespace, edge_ranges
from solutio_topology.render.stages import APPS, DATA, MIGRATE, needed_in

Stages = dict[str, dict[str, list[Placed]]]


def outside(graph: EnvironmentGraph, stages: Stages) -> str:
    """The checklist of an environment, as markdown."""
    lines = [
        f"# What stands outside the manifests of {graph.name}",
        "",
        "The proof assumes every line of this list. Tick them off when the environment is set up and when they change.",
    ]
    for title, part in (
        ("Node pools", _pools(graph)),
        ("Firewall", _firewall(graph)),
        ("DNS and the edge", _edge(graph)),
        ("Third parties", _third_parties(graph)),
        ("Bootstrap", _bootstrap(graph)),
        ("Secrets", _secrets(graph, stages)),
    ):
        found = list(part)
        if found:
            lines += ["", f"## {title}", "", *found]
    return "\n".join(lines) + "\n"


def _pools(graph: EnvironmentGraph) -> Iterator[str]:
    yield "| pool | size | nodes | labels | taint |"
    yield "|---|---|---|---|---|"
    for name, pool in graph.platform.pools.items():
        labels = ", ".join(f"`{key}={value}`" for key, value in {POOL: name, **pool.labels}.items())
        taint = f"`{POOL}={name}:NoSchedule`" if pool.dedicated else ""
        yield f"| {name} | {pool.size} | {pool.nodes} | {labels} | {taint} |"


def _firewall(graph: EnvironmentGraph) -> Iterator[str]:
    for node in _nodes(graph):
        for name, port in node.ports.items():
            if port.on_node:
                span = f"{port.port}-{port.end_port}" if port.end_port else str(port.port)
                pool = f" of pool {node.pool}" if node.pool else ""
                edges = [link.key for link in graph.incoming.get(node.ref, ()) if name in link.ports]
                yield f"- [ ] {port.protocol} {span} from anywhere to the nodes{pool}: {node.title}{_resting(edges)}"
    on_node = any(port.on_node for node in _nodes(graph) for port in node.ports.values())
    if graph.platform.orchestrator == "doks" and on_node:
        yield (
            "- [ ] The rules stand in a Cloud Firewall of your own, bound to the tag `k8s:<cluster id>`: "
            "the firewall that DOKS manages is reset within minutes"
        )


def _resting(edges: list[str]) -> str:
    """Which edges are assumed because of a line, for its end."""
    return f" (edges {', '.join(f'`{edge}`' for edge in dict.fromkeys(edges))})" if edges else ""


def _nodes(graph: EnvironmentGraph) -> Iterator[Node]:
    for pod in graph.pods:
        yield from (node for node in pod.nodes.values() if node.in_cluster)


def _edge(graph: EnvironmentGraph) -> Iterator[str]:
    found = graph.hosts
    for host in found:
        yield f"- [ ] `{host}` is served by the zone `{graph.environment.zone}` or a domain of the customer's own"
    if edge_ranges(graph):
        yield "- [ ] TLS mode is Full (strict); WAF rules are on for every proxied host"
        yield "- [ ] Authenticated Origin Pulls with a certificate of your own: its ranges are all its customers'"
        yield "- [ ] The load balancer's firewall lists Cloudflare's ranges and nothing else"


def _third_parties(graph: EnvironmentGraph) -> Iterator[str]:
    for pod in graph.pods:
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
        yield f"- [ ] The Secret `{SOPS_KEY}` in `{FLUX_NAMESPACE}` holds the key that decrypts, as `<name>.agekey`"
    if graph.platform.backups:
        yield f"- [ ] The bucket `{graph.platform.backups.bucket}` exists at `{graph.platform.backups.endpoint}`"
    yield f"- [ ] The StorageClass `{graph.platform.storage_class}` exists and keeps volumes (`reclaimPolicy: Retain`)"
    if graph.platform.scraper:
        yield f"- [ ] Metrics are scraped from the namespace `{graph.platform.scraper.namespace}`"


def _secrets(graph: EnvironmentGraph, stages: Stages) -> Iterator[str]:
    yield "Values never stand in this repository. Each Secret needs the keys that are listed."
    yield ""
    yield "| namespace | Secret | keys | comes from |"
    yield "|---|---|---|---|"
    for namespace, owner, folder, needed in _all_needed(graph, stages):
        for name in sorted(needed):
            keys = ", ".join(f"`{key}`" for key in sorted(needed[name]))
            yield f"| {namespace} | {name} | {keys} | {_origin(graph, owner, folder, name)} |"


def _all_needed(graph: EnvironmentGraph, stages: Stages) -> Iterator[tuple[str, str, str, secrets.Needed]]:
    """Namespace, owner, folder below the owner's (with SOPS) and the Secrets that are needed there."""
    for _, component, node in platform.charts(graph):
        needed = platform.controller_secrets(graph, component)
        if needed:
            where = chart_namespace(component, node)
            yield where, PLATFORM, f"{where}/", needed
    for pod in graph.pods:
        for layer, name in namespaces(graph, pod).items():
            own = [layer] if layer else [DATA, MIGRATE, APPS]
            yield name, pod.pod, f"{layer}/" if layer else "", needed_in(stages[pod.pod], own)


def _origin(graph: EnvironmentGraph, owner: str, folder: str, name: str) -> str:
    settings = graph.platform.secrets
    if settings.provider == "external-secrets":
        return f"`{secrets.entry(graph, owner, name)}` in the store `{settings.store}`"
    if settings.provider == "sops":
        return f"`{settings.folder}/{graph.name}/{owner}/{folder}{name}.yaml`, encrypted with SOPS"
    return "yourself"
