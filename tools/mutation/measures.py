"""What a mutant left as it was: predicates over a trial, measured wherever something can be measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.checks.paths.clients import declared_names
from solutio_topology.checks.rights_rules import plural
from solutio_topology.checks.walk import maps, part
from solutio_topology.identity import DOMAIN
from solutio_topology.manifests.facts import Workload
from solutio_topology.reach.compare import compare
from solutio_topology.reach.model import EntityNode
from tools.mutation.judge import Trial
from tools.mutation.signature import same_answer, same_edges
from tools.mutation.tree import GONE, load


def _last(trial: Trial) -> str:
    """The field that was changed."""
    return str(trial.mutant.edit.pointer[-1]) if trial.mutant.edit.pointer else ""


def _body(trial: Trial) -> dict[str, Any]:
    return trial.mutant.item.body


def _space(trial: Trial) -> str:
    return str(part(_body(trial), "metadata", "namespace") or "")


def _workload(trial: Trial) -> Workload | None:
    """The workload that was damaged, as it is after it."""
    named = (trial.mutant.item.kind, _space(trial), part(_body(trial), "metadata", "name"))
    found = (
        each for each in trial.after.evidence.written if (each.key.kind, each.key.namespace, each.key.name) == named
    )
    return next(found, None)


def _beside(trial: Trial) -> Iterator[Workload]:
    """The workloads of the damaged object's namespace."""
    return (each for each in trial.after.evidence.written if each.key.namespace == _space(trial))


def label_for_people(trial: Trial) -> bool:
    """Whether the label is one that nothing selects by; whose an object is counts only on workloads."""
    steps = trial.mutant.edit.pointer
    key = str(steps[-1])
    on_pods = trial.mutant.operator.startswith("pod-") or trial.mutant.item.kind in _WORKLOADS
    return "labels" in steps and not (on_pods and key.startswith(f"{DOMAIN}/")) and same_answer(trial)


_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def reports_only(trial: Trial) -> bool:
    return _last(trial) in ("pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/audit")


def asks_no_name(trial: Trial) -> bool:
    """No edge gives the pods a name, so it does not matter whom they ask."""
    workload, tree = _workload(trial), load(trial.mutant.tree)
    nodes = [each for each in trial.after.evidence.connections.workloads if workload and each.key == workload.key]
    owners = {trial.after.evidence.owner(node) for node in nodes}
    processes = {trial.after.evidence.process(node) for node in nodes}
    return not any(
        (link.client.pod, link.client.service) in owners and declared_names(link)
        and link.direct and tree.intent.graph.node(link.server).in_cluster
        and (not link.processes or processes & set(link.processes))
        for link in tree.intent.graph.links
    )  # fmt: skip


def alias_of_no_address(trial: Trial) -> bool:
    workload = _workload(trial)
    values = [each.value or "" for box in (workload.containers if workload else ()) for each in box.env]
    return workload is not None and not any("api" in value.replace("/", " ").split() for value in values)


def filled_in(trial: Trial) -> bool:
    """A LimitRange of the namespace has a default for what is no longer said, or the limit stands for the request."""
    ranges = [each for each in trial.after.evidence.of_kind("LimitRange") if each.key.namespace == _space(trial)]
    fields = {"default", "defaultRequest"} if "limits" in trial.mutant.edit.pointer else {"defaultRequest"}
    return any(
        _last(trial) in (part(limit, field) or {})
        for each in ranges
        for _, limit in maps(part(each.body, "spec", "limits"))
        for field in fields
    )


def says_own_limits(trial: Trial) -> bool:
    """Every container of the namespace says its own requests and limits: the default is for none of them."""
    return all(
        part(box.body, "resources", "requests", "memory") and part(box.body, "resources", "limits", "memory")
        for workload in _beside(trial)
        for box in workload.containers
    )


def _account(trial: Trial) -> list[Workload]:
    name = part(_body(trial), "metadata", "name")
    return [each for each in _beside(trial) if each.service_account == name]


def pods_say_no_token(trial: Trial) -> bool:
    return all(each.pod_spec.get("automountServiceAccountToken") is False for each in _account(trial))


def account_without_rights(trial: Trial) -> bool:
    """No token is mounted, and nothing is bound to the namespace's default account."""
    workload = _workload(trial)
    bound = any(
        subject.get("kind") == "ServiceAccount" and subject.get("name") == "default"
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for binding in trial.after.evidence.of_kind(kind, "rbac.authorization.k8s.io")
        for _, subject in maps(binding.body.get("subjects"))
    )
    return workload is not None and workload.pod_spec.get("automountServiceAccountToken") is False and not bound


def on_node_network(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.host_network and same_answer(trial)


def one_replica(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.replicas <= 1


def _set_aside(trial: Trial) -> bool:
    """A process with no replicas, or something that runs to its end."""
    workload = _workload(trial)
    return workload is not None and (workload.replicas == 0 or workload.key.kind in ("Job", "CronJob"))


def one_pool_takes_it(trial: Trial) -> bool:
    """One pool alone takes pods that tolerate no taint, and the selector named that pool."""
    if trial.mutant.operator.startswith("database-") and _last(trial) != "nodeSelector":
        return False
    pools = load(trial.mutant.tree).intent.graph.platform.pools
    return sum(not pool.dedicated for pool in pools.values()) == 1


def on_the_node(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.host_network and same_edges(trial)


def pods_of_the_node(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.host_network and same_answer(trial)


_OPERATOR_DEFAULTS = {"topologyKey": "kubernetes.io/hostname", "databaseReclaimPolicy": "retain"}


def operator_default(trial: Trial) -> bool:
    """What is gone is what CloudNativePG takes anyway (its API reference), or how TimescaleDB reports on itself."""
    if _last(trial) == "timescaledb.telemetry_level":
        return same_answer(trial)
    said = part(_body(trial), *trial.mutant.edit.pointer)
    return trial.mutant.operator == "database-drop" and said == _OPERATOR_DEFAULTS.get(_last(trial), GONE)


def scratch_of_init(trial: Trial) -> bool:
    """The mount of an emptyDir in an init container."""
    pointer = trial.mutant.edit.pointer
    if "initContainers" not in pointer:
        return False
    mount = part(_body(trial), *pointer) or {}
    at = pointer.index("initContainers")
    volumes = part(_body(trial), *pointer[:at], "volumes")
    return any(each.get("name") == mount.get("name") and "emptyDir" in each for _, each in maps(volumes))


def still_selects_its_pool(trial: Trial) -> bool:
    """Tolerating every taint, the pods still go nowhere but to nodes of their own pool."""
    workload = _workload(trial)
    pools = load(trial.mutant.tree).intent.graph.platform.pools
    return workload is not None and (
        bool(workload.pod_spec.get("nodeSelector")) or not any(p.dedicated for p in pools.values())
    )


def told(trial: Trial) -> bool:
    return bool(trial.new) and all(each.severity == "info" for each in trial.new)


def _resources_of(trial: Trial) -> set[tuple[str, str]]:
    found = {(each.key.group, plural(each.key.kind)) for each in trial.after.evidence.facts.objects}
    return found | {("", "pods"), ("apps", "replicasets")}


def unused_right(trial: Trial) -> bool:
    """The damaged rule is for resources of which no object is applied."""
    rule = part(_body(trial), "rules", trial.mutant.edit.pointer[1])
    if trial.mutant.edit.pointer[2:3] == ("resources",) and len(trial.mutant.edit.pointer) > 3:
        rule = {**rule, "resources": [rule["resources"][int(trial.mutant.edit.pointer[3])]]}
    used = _resources_of(trial)
    return not any((group, name) in used for group in rule["apiGroups"] for name in rule["resources"])


def update_is_unused(trial: Trial) -> bool:
    steps = trial.mutant.edit.pointer
    return part(_body(trial), *steps) == "update"


def bound_in_namespaces(trial: Trial) -> bool:
    """A right to what belongs to no namespace, in a role that is bound inside of namespaces only."""
    added = set(trial.mutant.edit.value) - set(part(_body(trial), *trial.mutant.edit.pointer))
    name = part(_body(trial), "metadata", "name")
    bindings = trial.after.evidence.of_kind("ClusterRoleBinding", "rbac.authorization.k8s.io")
    wide = any(part(each.body, "roleRef", "name") == name for each in bindings)
    return added <= {"nodes", "clusterroles"} and not wide


def bootstrapped(trial: Trial) -> bool:
    """A Secret that no manifest made before either: whoever bootstraps Flux puts it there."""
    old = part(_body(trial), *trial.mutant.edit.pointer)
    return not any(each.key.name == old for each in trial.before.evidence.facts.keyed)


def nothing_waits(trial: Trial) -> bool:
    """The rules of order (F010, F029) hold: nothing that comes after needs what is no longer waited for."""
    return same_answer(trial) and not any(each.code in ("F010", "F029") for each in trial.new)


def tried_again(trial: Trial) -> bool:
    return part(_body(trial), "spec", "install", "strategy", "name") == "RetryOnFailure"


def issued_under_any_name(trial: Trial) -> bool:
    notes = part(_body(trial), "metadata", "annotations") or {}
    return any(key in notes for key in ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer"))


def default_holds(trial: Trial) -> bool:
    """Without the annotation, or with a value that is no truth value, the controller's own default is the same."""
    gone = trial.mutant.edit.value is GONE
    if _last(trial) == "external-dns.alpha.kubernetes.io/hostname":
        return gone and same_answer(trial)
    if _last(trial) == "nginx.ingress.kubernetes.io/ssl-redirect":
        return gone or trial.mutant.edit.value not in ("true", "false")
    old = part(_body(trial), *trial.mutant.edit.pointer)
    return gone and (_last(trial), old) == ("service.beta.kubernetes.io/do-loadbalancer-type", "REGIONAL_NETWORK")


def measures_another(trial: Trial) -> bool:
    """The autoscaler still measures something that every container requests; without metrics it measures cpu."""
    name = trial.mutant.edit.value if isinstance(trial.mutant.edit.value, str) else "cpu"
    target = part(_body(trial), "spec", "scaleTargetRef", "name")
    scaled = [each for each in _beside(trial) if each.key.name == target]
    boxes = [box for each in scaled for box in each.containers if not box.init]
    return bool(boxes) and all(part(box.body, "resources", "requests", name) for box in boxes)


def keeps_database(trial: Trial) -> bool:
    return part(_body(trial), "spec", "databaseReclaimPolicy") == "retain"


def nothing_connects(trial: Trial) -> bool:
    """No Service selects the pods that the budget was for."""
    evidence = trial.after.evidence
    name = part(_body(trial), "metadata", "name")
    pods = [
        node for node in evidence.connections.workloads if (node.key.namespace, node.key.name) == (_space(trial), name)
    ]
    return not any(node in evidence.services.selected(each) for each in evidence.facts.services for node in pods)


def inner_value(trial: Trial) -> bool:
    """One of the values that only the chart's own pods read."""
    text = ".".join(str(step) for step in trial.mutant.edit.pointer[2:])
    return text.startswith(_INNER) and same_answer(trial)


_INNER = (
    "replicas", "prometheus", "config", "global.leaderElection", "crds.keep",
    "controller.resources", "controller.topologySpreadConstraints", "controller.minAvailable",
    "controller.config.server-tokens",
    "controller.config.annotations-risk-level", "controller.config.strict-validate-path-type",
    "controller.allowSnippetAnnotations", "controller.enableAnnotationValidations", "controller.tolerations",
    "controller.nodeSelector", "controller.replicaCount", "controller.ingressClass",
    "controller.watchIngressWithoutClass", "controller.admissionWebhooks",
    "controller.service.annotations.service.beta.kubernetes.io/do-loadbalancer-name", "monitoring", "txtOwnerId",
    "global", "crds", "installCRDs", "annotationPrefix", "domainFilters",
)  # fmt: skip


def closes_only(trial: Trial) -> bool:
    """No connection is opened, and every edge is as real as before: only what nobody declares is closed."""
    before, after = trial.before.evidence.connections, trial.after.evidence.connections
    changes = compare(before, after)
    return all(change.before.covers(change.after) for change in changes) and same_edges(trial) and not api_lost(trial)


def no_pods_run(trial: Trial) -> bool:
    """A process that is switched off: it opens nothing until somebody switches it on."""
    workload = _workload(trial)
    return workload is not None and workload.replicas == 0


def namespace_without_pods(trial: Trial) -> bool:
    """No pods stand in the namespace, neither written nor made by a controller that is known."""
    name = part(_body(trial), "metadata", "name")
    return not any(each.key.namespace == name for each in trial.after.evidence.facts.workloads)


def only_a_timeout(trial: Trial) -> bool:
    """How long the ingress waits on an idle connection."""
    return _last(trial).endswith(("proxy-read-timeout", "proxy-send-timeout"))


def made_by_its_reader(trial: Trial) -> bool:
    """A Secret that the controller makes itself, under whatever name it is told."""
    return "privateKeySecretRef" in trial.mutant.edit.pointer


def never_on_one_node(trial: Trial) -> bool:
    """The identity `host` is one's own node; the servers on node networks run on other nodes than these pods."""
    old = part(_body(trial), *trial.mutant.edit.pointer)
    selector = part(_body(trial), "spec", "endpointSelector", "matchLabels") or {}
    clients = [each for each in _beside(trial) if selector.items() <= each.labels.items()]
    servers = [each for each in trial.after.evidence.written if each.host_network]
    apart = all(
        one.pod_spec.get("nodeSelector") != two.pod_spec.get("nodeSelector") for one in clients for two in servers
    )
    return old == "host" and bool(clients) and apart


def api_server_still_reached(trial: Trial) -> bool:
    """Only what is open to or from the cluster's own identities is less, and the API server's own is enough (P005)."""
    return same_answer(trial, entities=False) and not api_lost(trial)


def api_lost(trial: Trial) -> bool:
    """Whether some pods could talk with the API server, one way or the other, and no longer can at all."""
    after = {str(node): node for node in trial.after.evidence.connections.workloads}
    api = EntityNode("kube-apiserver")
    for node in trial.before.evidence.connections.workloads:
        now = after.get(str(node))
        before, connections = trial.before.evidence.connections, trial.after.evidence.connections
        for ends in ((node, api), (api, node)):
            then = tuple(now if end is node else end for end in ends)
            if now is None or (before.ports(*ends) and not before.ports(*ends) & connections.ports(*then)):
                return True
    return False
