"""What a mutant left as it was: predicates over a trial, measured wherever something can be measured."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from solutio_topology.checks.availability_rules import least
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.platform_rules import asking, with_dns
from solutio_topology.checks.rights_rules import plural
from solutio_topology.checks.walk import maps, part
from solutio_topology.checks.wiring_rules import selected
from solutio_topology.graph.model import Node
from solutio_topology.identity import DOMAIN, SERVICE, TENANT_POD
from solutio_topology.manifests.facts import Container, Workload
from solutio_topology.reach.compare import compare
from solutio_topology.reach.model import ENTITIES, EntityNode, WorkloadNode
from solutio_topology.reach.ports import NO_PORTS, PortSet
from tools.mutation.judge import Trial
from tools.mutation.signature import same_answer, same_but_names, same_edges
from tools.mutation.tree import GONE, Pointer, load


def _last(trial: Trial) -> str:
    """The field that was changed."""
    return str(trial.mutant.edit.pointer[-1]) if trial.mutant.edit.pointer else ""


def _body(trial: Trial) -> dict[str, Any]:
    return trial.mutant.item.body


def _space(trial: Trial) -> str:
    return str(part(_body(trial), "metadata", "namespace") or "")


def _name(trial: Trial) -> str:
    return str(part(_body(trial), "metadata", "name") or "")


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
    """Whether the labels are ones that nothing selects by, and whose the pods are stays said on their workload."""
    steps = trial.mutant.edit.pointer
    identity = str(steps[-1]).startswith(f"{DOMAIN}/") and trial.mutant.item.kind in _WORKLOADS
    said = identity and (steps[:2] == ("metadata", "labels") or trial.mutant.edit.value is not GONE)
    return ("labels" in steps or steps[-1] == "inheritedMetadata") and not said and same_answer(trial)


_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def reports_only(trial: Trial) -> bool:
    return _last(trial) in ("pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/audit")


def asks_no_name(trial: Trial) -> bool:
    """No edge and no component gives the pods a name, so it does not matter whom they ask."""
    workload = _workload(trial)
    return workload is not None and workload.key not in {node.key for node in _asking(trial)}


def _asking(trial: Trial) -> list[WorkloadNode]:
    return asking(load(trial.mutant.tree).intent, trial.after.evidence)


def names_unused(trial: Trial) -> bool:
    """All that is closed is the cluster's DNS, and to pods only that nothing gives a name; nothing is opened."""
    before, dns = with_dns(trial.before.evidence)
    changes = compare(before, with_dns(trial.after.evidence)[0])
    closed = {change.src for change in changes if change.dst == str(dns) and change.before.covers(change.after)}
    asked = {str(node) for node in _asking(trial)}
    return len(closed) == len(changes) and not closed & asked and same_answer(trial, workloads=False)


def alias_of_no_address(trial: Trial) -> bool:
    """No value of the pods' variables holds the aliased host as a host of its own."""
    workload = _workload(trial)
    names = {name for each in trial.mutant.edit.value["hostAliases"] for name in each["hostnames"]}
    values = [each.value or "" for box in (workload.containers if workload else ()) for each in box.env]
    return workload is not None and not any(names & set(re.split(r"[^A-Za-z0-9._-]+", value)) for value in values)


def filled_in(trial: Trial) -> bool:
    """What is no longer said the API server or the namespace's LimitRange fills in with the very same amount."""
    pointer = trial.mutant.edit.pointer
    at = pointer.index("resources") if "resources" in pointer else 0
    given = part(_body(trial), *pointer[: at + 1])
    damaged = copy.deepcopy(given)
    steps = pointer[at + 1 :]
    if not at or not steps:
        return False
    del part(damaged, *steps[:-1])[steps[-1]]
    return _effective(trial, given) == _effective(trial, damaged)


def _effective(trial: Trial, resources: Any) -> dict[str, dict[str, Any]]:
    """Limits and requests as pods get them: from the LimitRange, from the limits, as they are said; the last wins."""
    default, requested = {}, {}
    for each in trial.after.evidence.of_kind("LimitRange"):
        for _, limit in maps(part(each.body, "spec", "limits")) if each.key.namespace == _space(trial) else ():
            default |= limit.get("default") or {}
            requested |= (limit.get("default") or {}) | (limit.get("defaultRequest") or {})
    limits = part(resources, "limits") or {}
    return {
        "limits": default | limits,
        "requests": requested | limits | (part(resources, "requests") or {}),
    }


def says_own_limits(trial: Trial) -> bool:
    """Every container of the namespace says itself what the default would fill in: it is for none of them."""
    field = "requests" if _last(trial) == "defaultRequest" else "limits"
    filled = part(_body(trial), *trial.mutant.edit.pointer)
    return all(
        part(box.body, "resources", field, name) is not None or (field == "requests" and name in _limits(box))
        for workload in _beside(trial)
        for box in workload.containers
        for name in filled
    )


def _limits(container: Container) -> dict[str, Any]:
    return part(container.body, "resources", "limits") or {}


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


def goes_first_anyway(trial: Trial) -> bool:
    """One pod, and its component's own way of rolling out takes it down before the new one starts, too."""
    node = _declared(trial)
    return one_replica(trial) and node is not None and node.component.rollout.max_surge in (0, "0", "0%")


def _declared(trial: Trial) -> Node | None:
    """The service that the damaged object says it belongs to."""
    labels = part(_body(trial), "metadata", "labels") or {}
    owner = (str(labels.get(TENANT_POD)), str(labels.get(SERVICE)))
    return Declared(load(trial.mutant.tree).intent, trial.after.evidence).node(owner)


def one_pool_takes_it(trial: Trial) -> bool:
    """One pool alone takes pods that tolerate no taint, and these tolerate none (R037 holds)."""
    if "nodeSelector" not in trial.mutant.edit.pointer:
        return False
    own = part(_body(trial), *trial.mutant.edit.pointer[: trial.mutant.edit.pointer.index("nodeSelector")])
    pools = load(trial.mutant.tree).intent.graph.platform.pools
    return sum(not pool.dedicated for pool in pools.values()) == 1 and not part(own, "tolerations")


def on_the_node(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.host_network and same_edges(trial)


def pods_of_the_node(trial: Trial) -> bool:
    workload = _workload(trial)
    return workload is not None and workload.host_network and same_answer(trial)


_OPERATOR_DEFAULTS: dict[tuple[str, str], Any] = {
    ("Cluster", "spec.enableSuperuserAccess"): False,
    ("Cluster", "spec.affinity.topologyKey"): "kubernetes.io/hostname",
    ("Cluster", "spec.affinity.enablePodAntiAffinity"): True,
    ("Cluster", "spec.affinity.nodeSelector"): {},
    ("Cluster", "spec.affinity.tolerations"): [],
    ("Cluster", "spec.affinity.tolerations.*.operator"): "Equal",
    ("Cluster", "spec.managed.roles.*.ensure"): "present",
    ("Database", "spec.databaseReclaimPolicy"): "retain",
    ("Database", "spec.extensions.*.ensure"): "present",
}
"""What CloudNativePG takes for a field that is not said (its API reference; tolerations: the API of Kubernetes)."""


def operator_default(trial: Trial) -> bool:
    """All that is gone is what the operator takes anyway."""
    steps = trial.mutant.edit.pointer
    said = list(_leaves(part(_body(trial), *steps), steps))
    kind = trial.mutant.item.kind
    return trial.mutant.edit.value is GONE and all(
        (kind, path) in _OPERATOR_DEFAULTS and _OPERATOR_DEFAULTS[kind, path] == value for path, value in said
    )


def _leaves(value: Any, steps: Pointer) -> Iterator[tuple[str, Any]]:
    """The values below a place that are no maps, each with its path; positions of lists are stars."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _leaves(child, (*steps, key))
    else:
        yield ".".join("*" if isinstance(step, int) else step for step in steps), value


def reports_on_itself(trial: Trial) -> bool:
    """Whether TimescaleDB sends a report on its use: its pods may reach no address that takes one."""
    steps = trial.mutant.edit.pointer
    said = part(_body(trial), *steps)
    only = _last(trial) == "timescaledb.telemetry_level" or said == {"timescaledb.telemetry_level": "off"}
    pods = [node for node in trial.after.evidence.connections.workloads if node.key.name == _name(trial)]
    outside = [each for node in pods for each in trial.after.evidence.connections.external(node)]
    return only and trial.mutant.edit.value is GONE and bool(pods) and not any(each.ports for each in outside)


def same_pool_tolerated(trial: Trial) -> bool:
    """A toleration that says no effect is for every effect, of the same key and value."""
    return "tolerations" in trial.mutant.edit.pointer and _last(trial) == "effect" and same_answer(trial)


def stored_otherwise(trial: Trial) -> bool:
    """How a backup is packed, and who owns its record: it is taken and kept as before."""
    steps = trial.mutant.edit.pointer
    packed = trial.mutant.item.kind == "ObjectStore" and steps[:2] == ("spec", "configuration") and steps[2] in _PACKED
    owned = trial.mutant.item.kind == "ScheduledBackup" and steps == ("spec", "backupOwnerReference")
    return trial.mutant.edit.value is GONE and (packed or owned)


_PACKED = ("wal", "data")


def folder_of_its_own(trial: Trial) -> bool:
    """Another folder of the declared bucket, into which no other database is backed up."""
    backups = load(trial.mutant.tree).intent.graph.platform.backups
    path = str(trial.mutant.edit.value)
    others = [
        str(part(each.body, "spec", "configuration", "destinationPath"))
        for each in trial.after.evidence.of_kind("ObjectStore", "barmancloud.cnpg.io")
        if (each.key.namespace, each.key.name) != (_space(trial), _name(trial))
    ]
    ours = _last(trial) == "destinationPath" and backups is not None and path.startswith(f"s3://{backups.bucket}/")
    return ours and not any(path.startswith(each) or each.startswith(path) for each in others)


def user_of_its_own(trial: Trial) -> bool:
    """The pods still run as a user that is not root, and no container says another."""
    workload = _workload(trial)
    users = [part(box.body, "securityContext", "runAsUser") for box in (workload.containers if workload else ())]
    own = part(workload.pod_spec, "securityContext", "runAsUser") if workload else 0
    return bool(own) and all(user is None or user for user in users)


def on_every_node(trial: Trial) -> bool:
    """A DaemonSet: what runs on every node is to run there whatever the node's taint."""
    return trial.mutant.item.kind == "DaemonSet"


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


def no_such_resource(trial: Trial) -> bool:
    """None of the groups of the rule has a resource of the added name."""
    groups = part(_body(trial), *trial.mutant.edit.pointer[:-1], "apiGroups")
    added = set(trial.mutant.edit.value) - set(part(_body(trial), *trial.mutant.edit.pointer))
    return "*" not in groups and not any(_GROUP_OF[each] in groups for each in added)


_GROUP_OF = {"nodes": "", "pods/exec": "", "clusterroles": "rbac.authorization.k8s.io"}


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
    """A budget of pods that no Service leads to: what drains their nodes cuts no path."""
    if trial.mutant.item.kind != "PodDisruptionBudget":
        return False
    evidence = trial.before.evidence
    selector = part(_body(trial), "spec", "selector", "matchLabels") or {}
    held = [
        node
        for node in evidence.connections.workloads
        if node.key.namespace == _space(trial) and selector.items() <= evidence.workload(node).labels.items()
    ]
    led = (node in evidence.services.selected(each) for each in evidence.facts.services for node in held)
    return bool(held) and not any(led)


def one_pod_held(trial: Trial) -> bool:
    """A budget of a single pod: it keeps none of several up."""
    if trial.mutant.item.kind != "PodDisruptionBudget":
        return False
    selector = part(_body(trial), "spec", "selector", "matchLabels") or {}
    held = [each for each in _beside(trial) if selector.items() <= each.labels.items()]
    return bool(held) and sum(least(trial.after.evidence, each) for each in held) <= 1


def holds_the_same(trial: Trial) -> bool:
    """The budget selects the same pods as before."""
    before, after = (_held(each.evidence, trial) for each in (trial.before, trial.after))
    return bool(before) and before == after


def _held(evidence: Evidence, trial: Trial) -> list[str]:
    budgets = evidence.of_kind("PodDisruptionBudget", "policy")
    own = [each for each in budgets if (each.key.namespace, each.key.name) == (_space(trial), _name(trial))]
    return sorted(str(workload.key) for each in own for workload in selected(evidence, each))


def one_pod_answers(trial: Trial) -> bool:
    """There is one pod behind the Service: while it is not ready, no other one answers."""
    evidence = trial.after.evidence
    service = evidence.services.find(_space(trial), _name(trial))
    behind = list(evidence.services.selected(service)) if service else []
    return bool(behind) and sum(least(evidence, evidence.workload(node)) for node in behind) <= 1


def another_name(trial: Trial) -> bool:
    """Nothing names it (rules of references hold), and all is open, led and proved as before but for its name."""
    return same_answer(trial) or same_but_names(trial)


def copied_in_vain(trial: Trial) -> bool:
    """A copy that nothing names: no work of its own, and it opens, leads and grants what the first one does."""
    return trial.mutant.item.kind in _IDLE and same_answer(trial)


_IDLE = frozenset({
    "NetworkPolicy", "CiliumNetworkPolicy", "Service", "ServiceAccount", "ConfigMap", "Secret", "Namespace",
    "LimitRange", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ImageCatalog", "ObjectStore",
    "HelmRepository", "GitRepository", "ClusterIssuer", "PersistentVolumeClaim", "ResourceQuota", "Certificate",
})  # fmt: skip
"""Kinds whose objects do nothing unless something names them, or do the same as often as it is said."""


def chart_default(trial: Trial) -> bool:
    """All that is gone is what the chart takes anyway (values.yaml of the versions that the catalogue names)."""
    chart = _chart(trial)
    said = _leaves(part(_body(trial), *trial.mutant.edit.pointer), trial.mutant.edit.pointer[2:])
    return trial.mutant.edit.value is GONE and all(
        path in _CHART_DEFAULTS.get(chart, {}) and _CHART_DEFAULTS[chart][path] == value for path, value in said
    )


_CHART_DEFAULTS: dict[str, dict[str, Any]] = {
    "cert-manager": {"crds.keep": True},
    "cloudnative-pg": {"crds.create": True, "config.clusterWide": True, "monitoring.podMonitorEnabled": False},
    "plugin-barman-cloud": {"crds.create": True},
    "external-secrets": {"installCRDs": True},
    "external-dns": {"registry": "txt", "annotationPrefix": "external-dns.alpha.kubernetes.io/"},
    "metrics-server": {"replicas": 1, "resources.requests.cpu": "100m", "resources.requests.memory": "200Mi"},
    "ingress-nginx": {
        "controller.allowSnippetAnnotations": False,
        "controller.enableAnnotationValidations": True,
        "controller.ingressClass": "nginx",
        "controller.ingressClassResource.name": "nginx",
        "controller.ingressClassResource.controllerValue": "k8s.io/ingress-nginx",
        "controller.ingressClassResource.default": False,
        "controller.watchIngressWithoutClass": False,
        "controller.minAvailable": 1,
        "controller.tolerations": [],
        "controller.service.type": "LoadBalancer",
        "controller.resources.requests.cpu": "100m",
        "controller.config.server-tokens": "false",
        "controller.config.strict-validate-path-type": "true",
    },
}


def _chart(trial: Trial) -> str:
    return str(part(_body(trial), "spec", "chart", "spec", "chart"))


def inner_value(trial: Trial) -> bool:
    """One of the values that only the chart's own pods read, each with what it does."""
    path = ".".join(str(step) for step in trial.mutant.edit.pointer[2:])
    return (_chart(trial), path) in _INNER and same_edges(trial)


_INNER = {
    ("cert-manager", "global"): "where the lease of the leader lies",
    ("cert-manager", "global.leaderElection"): "where the lease of the leader lies",
    ("cert-manager", "global.leaderElection.namespace"): "where the lease of the leader lies",
    ("cert-manager", "prometheus"): "a port for metrics, closed by the policies",
    ("cert-manager", "prometheus.enabled"): "a port for metrics, closed by the policies",
    ("external-dns", "sources"): "Services are read by default, too; the declared hosts get their records (N017)",
    ("external-dns", "policy"): "upsert-only: every record is made, and none is taken back",
    ("external-dns", "txtOwnerId"): "any id will do, as long as no other cluster has it",
    ("metrics-server", "replicas"): "two of them answer the same",
    ("ingress-nginx", "controller.replicaCount"): "more than declared",
    ("ingress-nginx", "controller.ingressClass"): "for Ingresses that name a class by annotation",
    ("ingress-nginx", "controller.ingressClassResource.controllerValue"): "class and controller read the same value",
    ("ingress-nginx", "controller.config.annotations-risk-level"): "below Critical, so snippets stay refused",
    (
        "ingress-nginx",
        "controller.service.annotations.service.beta.kubernetes.io/do-loadbalancer-name",
    ): "what the provider calls it",
}


def one_pod_of_chart(trial: Trial) -> bool:
    """The chart makes one pod: nothing to spread, and no budget."""
    made = _made(trial)
    field = {"topologySpreadConstraints", "minAvailable"} & set(trial.mutant.edit.pointer)
    return bool(field) and len(made) == 1 and made[0].replicas <= 1


def _made(trial: Trial) -> list[Workload]:
    maker = f"HelmRelease {_space(trial)}/{_name(trial)}"
    return [each for each in trial.after.evidence.facts.workloads if each.maker == maker]


def spreads_the_same(trial: Trial) -> bool:
    """The constraint still means the chart's pods (A004 holds), and no others stand in their namespace."""
    made = _made(trial)
    spaces = {each.key.namespace for each in made}
    beside = [each for each in trial.after.evidence.facts.workloads if each.key.namespace in spaces]
    gone = trial.mutant.edit.value is GONE and "matchLabels" in trial.mutant.edit.pointer
    return gone and len(made) == 1 and beside == made


def no_gateway_asks(trial: Trial) -> bool:
    """No Gateway asks cert-manager for certificates: its Certificates are objects of their own."""
    gateways = trial.after.evidence.facts.gateways
    asked = any(key.startswith("cert-manager.io/") for each in gateways for key in each.annotations)
    return _chart(trial) == "cert-manager" and _last(trial) in ("config", "enableGatewayAPI") and not asked


def every_ingress_has_a_class(trial: Trial) -> bool:
    """Whether a default class matters: no Ingress leaves its class out."""
    return _last(trial) in ("default", "watchIngressWithoutClass") and all(
        each.ingress_class for each in trial.after.evidence.facts.ingresses
    )


def no_definitions_in_folder(trial: Trial) -> bool:
    """The chart has no `crds` folder, or nothing is applied of the kinds in it."""
    chart = _chart(trial)
    records = trial.after.evidence.of_kind("DNSEndpoint", "externaldns.k8s.io")
    return chart in _BY_TEMPLATE or (chart == "external-dns" and not records)


_BY_TEMPLATE = frozenset({
    "cert-manager", "cloudnative-pg", "plugin-barman-cloud", "external-secrets", "ingress-nginx", "metrics-server",
})  # fmt: skip
"""Charts whose definitions come from their templates, by a value, or that have none."""


def scratch_unbounded(trial: Trial) -> bool:
    """The topology says no limit of ephemeral storage of its own for the service."""
    node = _declared(trial)
    said = node.resources.model_fields_set if node and node.resources else set()
    return _last(trial) == "ephemeral-storage" and "ephemeral" not in said


def open_to_the_world_already(trial: Trial) -> bool:
    """What identities, and pods that no policy closes outward, may open now, every address outside could before."""
    before, after = trial.before.evidence.connections, trial.after.evidence.connections
    world: dict[str, PortSet] = {}
    for old, new in zip(before.workloads, after.workloads, strict=True):
        world[str(old)] = PortSet.union_of(each.ports for each in before.from_external(old))
        for name in ENTITIES:
            more = after.ports(EntityNode(name), new) - before.ports(EntityNode(name), old)
            if more - world[str(old)]:
                return False
    changes = compare(with_dns(trial.before.evidence)[0], with_dns(trial.after.evidence)[0])
    opened = all(
        world.get(each.dst, NO_PORTS).covers(each.after) and each.after.covers(each.before) for each in changes
    )
    return opened and same_answer(trial, entities=False, workloads=False)


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
