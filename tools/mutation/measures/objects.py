"""Databases, rights, and objects as a whole."""

from __future__ import annotations

from typing import Any

from solutio_topology.checks.rights_rules import plural
from solutio_topology.checks.walk import part
from tools.mutation.judge import Trial
from tools.mutation.measures.common import body, last_step, leaves, name_of, namespace
from tools.mutation.signature import same_answer, same_but_names
from tools.mutation.tree import GONE, load

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
    said = list(leaves(part(body(trial), *steps), steps))
    kind = trial.mutant.item.kind
    return trial.mutant.edit.value is GONE and all(
        (kind, path) in _OPERATOR_DEFAULTS and _OPERATOR_DEFAULTS[kind, path] == value for path, value in said
    )


def reports_on_itself(trial: Trial) -> bool:
    """Whether TimescaleDB sends a report on its use: its pods may reach no address that takes one."""
    steps = trial.mutant.edit.pointer
    said = part(body(trial), *steps)
    only = last_step(trial) == "timescaledb.telemetry_level" or said == {"timescaledb.telemetry_level": "off"}
    pods = [node for node in trial.after.evidence.connections.workloads if node.key.name == name_of(trial)]
    outside = [each for node in pods for each in trial.after.evidence.connections.external(node)]
    return only and trial.mutant.edit.value is GONE and bool(pods) and not any(each.ports for each in outside)


def same_pool_tolerated(trial: Trial) -> bool:
    """A toleration that says no effect is for every effect, of the same key and value."""
    return "tolerations" in trial.mutant.edit.pointer and last_step(trial) == "effect" and same_answer(trial)


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
        if (each.key.namespace, each.key.name) != (namespace(trial), name_of(trial))
    ]
    ours = last_step(trial) == "destinationPath" and backups is not None and path.startswith(f"s3://{backups.bucket}/")
    return ours and not any(path.startswith(each) or each.startswith(path) for each in others)


def _resources_of(trial: Trial) -> set[tuple[str, str]]:
    found = {(each.key.group, plural(each.key.kind)) for each in trial.after.evidence.facts.objects}
    return found | {("", "pods"), ("apps", "replicasets")}


def unused_right(trial: Trial) -> bool:
    """The damaged rule is for resources of which no object is applied."""
    rule = part(body(trial), "rules", trial.mutant.edit.pointer[1])
    if trial.mutant.edit.pointer[2:3] == ("resources",) and len(trial.mutant.edit.pointer) > 3:
        rule = {**rule, "resources": [rule["resources"][int(trial.mutant.edit.pointer[3])]]}
    used = _resources_of(trial)
    return not any((group, name) in used for group in rule["apiGroups"] for name in rule["resources"])


def no_such_resource(trial: Trial) -> bool:
    """None of the groups of the rule has a resource of the added name."""
    groups = part(body(trial), *trial.mutant.edit.pointer[:-1], "apiGroups")
    added = set(trial.mutant.edit.value) - set(part(body(trial), *trial.mutant.edit.pointer))
    return "*" not in groups and not any(_GROUP_OF[each] in groups for each in added)


_GROUP_OF = {"nodes": "", "pods/exec": "", "clusterroles": "rbac.authorization.k8s.io"}


def update_is_unused(trial: Trial) -> bool:
    steps = trial.mutant.edit.pointer
    return bool(part(body(trial), *steps) == "update")


def bound_in_namespaces(trial: Trial) -> bool:
    """A right to what belongs to no namespace, in a role that is bound inside of namespaces only."""
    added = set(trial.mutant.edit.value) - set(part(body(trial), *trial.mutant.edit.pointer))
    name = part(body(trial), "metadata", "name")
    bindings = trial.after.evidence.of_kind("ClusterRoleBinding", "rbac.authorization.k8s.io")
    wide = any(part(each.body, "roleRef", "name") == name for each in bindings)
    return added <= {"nodes", "clusterroles"} and not wide


def keeps_database(trial: Trial) -> bool:
    return bool(part(body(trial), "spec", "databaseReclaimPolicy") == "retain")


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


def made_by_its_reader(trial: Trial) -> bool:
    """A Secret that the controller makes itself, under whatever name it is told."""
    return "privateKeySecretRef" in trial.mutant.edit.pointer
