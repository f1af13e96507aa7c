"""What the tenant pods stand on: namespaces, controllers, certificates' issuer, the Gateway, and who may apply what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.manifests.quantities import quantity
from solutio_topology.render import policies, routes, secrets
from solutio_topology.render.model import Body, Placed
from solutio_topology.render.names import (
    FLUX_NAMESPACE,
    PRUNE_DISABLED,
    chart_selector,
    namespaces,
    platform_labels,
    tenant_labels,
)
from solutio_topology.render.operators import chart_namespace, edge_ranges, release
from solutio_topology.render.stages import is_tenants
from solutio_topology.spec.component import Component
from solutio_topology.spec.tenancy import ContainerLimits, Quota

TENANT_ROLE = "solutio-tenant"
_ENFORCE = "pod-security.kubernetes.io/"


def charts(graph: EnvironmentGraph) -> list[tuple[str, Component, Node | None]]:
    """Every chart to install: the platform's own, and the services that are charts."""
    services = [
        (node.component_name, node.component, node)
        for pod in graph.pods
        for node in pod.nodes.values()
        if node.component.chart and node.in_cluster
    ]
    return [*((name, component, None) for name, component in graph.controllers.items() if component.chart), *services]


def controllers(graph: EnvironmentGraph) -> Iterator[Placed]:
    """What comes first: namespaces that are closed from the start, roles, and the controllers."""
    yield Placed("namespaces", "platform", tuple(_namespaces(graph)))
    yield Placed("roles", "platform", (_tenant_role(graph),))
    yield from _charts_of(graph, "controllers")


def tenant(graph: EnvironmentGraph, pod: PodGraph) -> Placed:
    """What a tenant pod stands on, put there by the platform before anything of the tenant pod itself."""
    return Placed(f"tenant-{pod.pod}", pod.pointer, tuple(_tenant(graph, pod)))


def _charts_of(graph: EnvironmentGraph, stage: str) -> Iterator[Placed]:
    for name, component, node in charts(graph):
        if component.chart is None or component.chart.stage != stage:
            continue
        bodies, _ = release(graph, name, component, node)
        where = chart_namespace(component, node)
        own = [*bodies, *_chart_policies(graph, name, component, node, where)]
        origin = node.pointer if node else f"platform.controllers.{name}"
        yield Placed(name, origin, tuple(own))


def values(graph: EnvironmentGraph) -> dict[str, Body]:
    """The Helm values of every chart, by name."""
    return {name: release(graph, name, component, node)[1] for name, component, node in charts(graph)}


def configs(graph: EnvironmentGraph) -> Iterator[Placed]:
    """What needs the controllers' custom resources: the issuer, the secrets of the controllers, the Gateway."""
    issuer = [_issuer(graph)] if "cert-manager" in graph.controllers else []
    if issuer:
        yield Placed("cluster-issuer", "platform.certificates", tuple(issuer))
    for name, component, _ in charts(graph):
        found = _controller_secrets(graph, name, component)
        if found:
            yield Placed(f"{name}-secrets", f"platform.controllers.{name}", tuple(found))
    yield from _charts_of(graph, "configs")
    gateway = tuple(routes.gateway_objects(graph, edge_ranges(graph)))
    if gateway:
        yield Placed("gateway", "platform.ingress", gateway)


def _namespaces(graph: EnvironmentGraph) -> Iterator[Body]:
    """The namespaces of the controllers."""
    own = tenant_labels(graph, PLATFORM)
    users: dict[str, list[Component]] = {}
    for _, component, node in charts(graph):
        users.setdefault(chart_namespace(component, node), []).append(component)
    for name, components in users.items():
        yield from _namespace(name, own, _level(components))
    if routes.uses_gateway_api(graph) and graph.hosts:
        yield from _namespace(routes.gateway_namespace(graph), own, "restricted")


def _tenant(graph: EnvironmentGraph, pod: PodGraph) -> Iterator[Body]:
    """A tenant pod's namespaces, closed and limited, and the account with which Flux writes there and nowhere else."""
    own = tenant_labels(graph, pod.pod)
    account = {"kind": "ServiceAccount", "name": account_name(pod.pod), "namespace": FLUX_NAMESPACE}
    for layer, name in namespaces(graph, pod).items():
        nodes = [node for node in pod.nodes.values() if node.namespace_layer == layer and is_tenants(node)]
        yield from _namespace(name, own, _level(node.component for node in nodes))
        yield from _limits(pod, name, own)
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": account_name(pod.pod), "namespace": FLUX_NAMESPACE, "labels": own},
    }
    for name in namespaces(graph, pod).values():
        yield {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "flux", "namespace": name, "labels": own},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": TENANT_ROLE},
            "subjects": [account],
        }


def _level(components: Iterable[Component]) -> str:
    """The least strict level that any of the components needs."""
    order = ("restricted", "baseline", "privileged")
    return max((component.pod_security for component in components), key=order.index, default="restricted")


def _namespace(name: str, own: dict[str, str], level: str) -> Iterator[Body]:
    levels = {f"{_ENFORCE}{mode}": level for mode in ("enforce", "warn", "audit")}
    yield {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**own, **levels}, "annotations": dict(PRUNE_DISABLED)},
    }
    yield from policies.namespace_policies(name, own)


def _limits(pod: PodGraph, name: str, own: dict[str, str]) -> Iterator[Body]:
    if pod.tier.quota:
        yield {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "tenant", "namespace": name, "labels": own},
            "spec": {"hard": _hard(pod.tier.quota)},
        }
    yield {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "defaults", "namespace": name, "labels": own},
        "spec": {"limits": [_container_limit(pod.tier.isolation.limits)]},
    }


def _hard(quota: Quota) -> dict[str, str]:
    hard = {"requests.cpu": quota.cpu, "requests.memory": quota.memory}
    if quota.storage:
        hard["requests.storage"] = quota.storage
    if quota.pods is not None:
        hard["pods"] = str(quota.pods)
    return hard


def _container_limit(limits: ContainerLimits | None) -> Body:
    """Defaults, because pods that operators make may state no limits and a quota would refuse them; and the most."""
    default = {"memory": "512Mi", "ephemeral-storage": "1Gi"}
    request = {"cpu": "50m", "memory": "128Mi"}
    most = {"memory": limits.memory} if limits else {}
    if limits and limits.cpu:
        most["cpu"] = default["cpu"] = limits.cpu
    found: Body = {"type": "Container", "default": _capped(default, most), "defaultRequest": _capped(request, most)}
    return {**found, "max": most} if most else found


def _capped(amounts: dict[str, str], most: dict[str, str]) -> dict[str, str]:
    """The amounts, none of them more than is allowed: the API server refuses such a default."""
    return {name: min(text, most.get(name, text), key=_number) for name, text in amounts.items()}


def _number(text: str) -> Decimal:
    """A quantity of the topology as a number."""
    return quantity(text) or Decimal(0)


def account_name(pod: str) -> str:
    """The ServiceAccount with which Flux applies a tenant pod: it may write in that pod's namespaces only."""
    return f"flux-{pod}"


def _tenant_role(graph: EnvironmentGraph) -> Body:
    """What a tenant pod consists of, and nothing else: no quotas, no roles, no namespaces."""
    groups = {
        "": ["configmaps", "persistentvolumeclaims", "secrets", "serviceaccounts", "services"],
        "apps": ["daemonsets", "deployments", "statefulsets"],
        "autoscaling": ["horizontalpodautoscalers"],
        "barmancloud.cnpg.io": ["objectstores"],
        "batch": ["cronjobs", "jobs"],
        "cilium.io": ["ciliumnetworkpolicies"],
        "external-secrets.io": ["externalsecrets"],
        "gateway.networking.k8s.io": ["httproutes"],
        "networking.k8s.io": ["ingresses", "networkpolicies"],
        "policy": ["poddisruptionbudgets"],
        "postgresql.cnpg.io": ["clusters", "databases", "imagecatalogs", "poolers", "scheduledbackups"],
    }
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    rules = [{"apiGroups": [group], "resources": kinds, "verbs": verbs} for group, kinds in groups.items()]
    # An operator of one's own brings kinds whose plurals nothing here knows.
    own = sorted(_own_groups(graph) - set(groups))
    rules += [{"apiGroups": [group], "resources": ["*"], "verbs": verbs} for group in own]
    # Health checks look at what the workloads make.
    rules.append({"apiGroups": ["", "apps"], "resources": ["pods", "replicasets"], "verbs": ["get", "list", "watch"]})
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": TENANT_ROLE, "labels": tenant_labels(graph, PLATFORM)},
        "rules": rules,
    }


def _own_groups(graph: EnvironmentGraph) -> set[str]:
    """The API groups of the custom resources that services consist of."""
    texts = [node.component.objects for pod in graph.pods for node in pod.nodes.values() if is_tenants(node)]
    return {group for text in texts for group in re.findall(r"^apiVersion: ([\w.-]+)/", text, re.MULTILINE)}


def _chart_policies(
    graph: EnvironmentGraph, name: str, component: Component, node: Node | None, where: str
) -> list[Body]:
    if node is not None:
        return policies.service_policies(graph, node)
    selected = chart_selector(component, name, node)
    own = policies.Peer(namespace=where, selector=selected)
    ingress = [rule for rule in component.ingress if _is_installed(graph, rule.component)]
    egress = [rule for rule in component.egress if _is_installed(graph, rule.component)]
    return [
        body
        for pods in _pod_groups(component)
        for body in policies.policy_objects(
            graph,
            namespace=where,
            name="-".join(
                [name, *("core" if value == name else value.removeprefix(f"{name}-") for value in pods.values())]
            ),
            labels=platform_labels(graph, name),
            selector={**selected, **pods},
            ingress=[policies.platform_ingress(graph, None, rule, own) for rule in ingress if rule.pods == pods],
            egress=[policies.platform_egress(rule, own) for rule in egress if rule.pods == pods],
        )
    ]


def _is_installed(graph: EnvironmentGraph, component: str | None) -> bool:
    return component is None or component in graph.controllers


def _pod_groups(component: Component) -> list[dict[str, str]]:
    """The sets of pods that the component's rules speak of: all of them first."""
    spoken = [*(rule.pods for rule in component.ingress), *(rule.pods for rule in component.egress)]
    return [{}, *(pods for index, pods in enumerate(spoken) if pods and pods not in spoken[:index])]


def controller_secrets(graph: EnvironmentGraph, component: Component) -> secrets.Needed:
    """The Secrets that a chart reads, by name."""
    needed: secrets.Needed = {}
    for reference in component.secrets.values():
        secret, _, key = reference.partition("/")
        needed.setdefault(secret, set()).add(key)
    if component.chart and component.chart.name == "cert-manager":
        secret, _, key = graph.platform.certificates.secret.partition("/")
        needed.setdefault(secret, set()).add(key)
    return needed


def _controller_secrets(graph: EnvironmentGraph, name: str, component: Component) -> list[Body]:
    return secrets.external_secrets(
        graph,
        chart_namespace(component, None),
        PLATFORM,
        controller_secrets(graph, component),
        platform_labels(graph, name),
    )


def _issuer(graph: EnvironmentGraph) -> Body:
    """DNS-01, because the origin lets nobody in but the edge: an HTTP challenge for other hosts would not arrive."""
    settings = graph.platform.certificates
    secret, _, key = settings.secret.partition("/")
    solver = {"dns01": {"cloudflare": {"apiTokenSecretRef": {"name": secret, "key": key}}}}
    return {
        "apiVersion": "cert-manager.io/v1",
        "kind": "ClusterIssuer",
        "metadata": {"name": settings.issuer, "labels": tenant_labels(graph, PLATFORM)},
        "spec": {
            "acme": {
                "email": settings.email,
                "server": settings.server,
                "privateKeySecretRef": {"name": f"{settings.issuer}-account"},
                "solvers": [solver],
            }
        },
    }
