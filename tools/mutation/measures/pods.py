"""Pods, and what sizes, spreads and protects them."""

from __future__ import annotations

import copy
from typing import Any

from solutio_topology.checks.availability_rules import least
from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.walk import maps, part
from solutio_topology.checks.wiring_rules import selected
from solutio_topology.manifests.facts import Container, Workload
from tools.mutation.judge import Trial
from tools.mutation.measures.common import (
    body,
    damaged_workload,
    declared_service,
    last_step,
    name_of,
    namespace,
    workloads_beside,
)
from tools.mutation.tree import load


def reports_only(trial: Trial) -> bool:
    return last_step(trial) in ("pod-security.kubernetes.io/warn", "pod-security.kubernetes.io/audit")


def filled_in(trial: Trial) -> bool:
    """What is no longer said the API server or the namespace's LimitRange fills in with the very same amount."""
    pointer = trial.mutant.edit.pointer
    at = pointer.index("resources") if "resources" in pointer else 0
    given = part(body(trial), *pointer[: at + 1])
    damaged = copy.deepcopy(given)
    steps = pointer[at + 1 :]
    if not at or not steps:
        return False
    del part(damaged, *steps[:-1])[steps[-1]]
    return _effective(trial, given) == _effective(trial, damaged)


def _effective(trial: Trial, resources: Any) -> dict[str, dict[str, Any]]:
    """Limits and requests as pods get them: from the LimitRange, from the limits, as they are said; the last wins."""
    default: dict[str, Any] = {}
    requested: dict[str, Any] = {}
    for each in trial.after.evidence.of_kind("LimitRange"):
        for _, limit in maps(part(each.body, "spec", "limits")) if each.key.namespace == namespace(trial) else ():
            default |= limit.get("default") or {}
            requested |= (limit.get("default") or {}) | (limit.get("defaultRequest") or {})
    limits = part(resources, "limits") or {}
    return {
        "limits": default | limits,
        "requests": requested | limits | (part(resources, "requests") or {}),
    }


def says_own_limits(trial: Trial) -> bool:
    """Every container of the namespace says itself what the default would fill in: it is for none of them."""
    limits = [limit for _, limit in maps(part(body(trial), "spec", "limits"))]
    gone = [each for each in ("default", "defaultRequest") if last_step(trial) in (each, "spec", "")]
    said = [(field, name) for field in gone for limit in limits for name in limit.get(field) or ()]
    return trial.mutant.item.kind == "LimitRange" and all(
        part(box.body, "resources", "requests" if field == "defaultRequest" else "limits", name) is not None
        or (field == "defaultRequest" and name in _limits(box))
        for workload in workloads_beside(trial)
        for box in workload.containers
        for field, name in said
    )


def _limits(container: Container) -> dict[str, Any]:
    return part(container.body, "resources", "limits") or {}


def _account(trial: Trial) -> list[Workload]:
    name = part(body(trial), "metadata", "name")
    return [each for each in workloads_beside(trial) if each.service_account == name]


def pods_say_no_token(trial: Trial) -> bool:
    return all(each.pod_spec.get("automountServiceAccountToken") is False for each in _account(trial))


def account_without_rights(trial: Trial) -> bool:
    """No token is mounted, and nothing is bound to the namespace's default account."""
    workload = damaged_workload(trial)
    bound = any(
        subject.get("kind") == "ServiceAccount" and subject.get("name") == "default"
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for binding in trial.after.evidence.of_kind(kind, "rbac.authorization.k8s.io")
        for _, subject in maps(binding.body.get("subjects"))
    )
    return workload is not None and workload.pod_spec.get("automountServiceAccountToken") is False and not bound


def one_replica(trial: Trial) -> bool:
    workload = damaged_workload(trial)
    return workload is not None and workload.replicas <= 1


def goes_first_anyway(trial: Trial) -> bool:
    """One pod, and its component's own way of rolling out takes it down before the new one starts, too."""
    node = declared_service(trial)
    return one_replica(trial) and node is not None and node.component.rollout.max_surge in (0, "0", "0%")


def one_pool_takes_it(trial: Trial) -> bool:
    """One pool alone takes pods that tolerate no taint, and these tolerate none (R037 holds)."""
    if "nodeSelector" not in trial.mutant.edit.pointer:
        return False
    own = part(body(trial), *trial.mutant.edit.pointer[: trial.mutant.edit.pointer.index("nodeSelector")])
    pools = load(trial.mutant.tree).intent.graph.platform.pools
    return sum(not pool.dedicated for pool in pools.values()) == 1 and not part(own, "tolerations")


def user_of_its_own(trial: Trial) -> bool:
    """The pods still run as a user that is not root, and no container says another."""
    workload = damaged_workload(trial)
    users = [part(box.body, "securityContext", "runAsUser") for box in (workload.containers if workload else ())]
    own = part(workload.pod_spec, "securityContext", "runAsUser") if workload else 0
    return bool(own) and all(user is None or user for user in users)


def on_every_node(trial: Trial) -> bool:
    """A DaemonSet: what runs on every node is to run there whatever the node's taint."""
    return trial.mutant.item.kind == "DaemonSet"


def nothing_connects(trial: Trial) -> bool:
    """A budget of pods that no Service leads to: what drains their nodes cuts no path."""
    if trial.mutant.item.kind != "PodDisruptionBudget":
        return False
    evidence = trial.before.evidence
    selector = part(body(trial), "spec", "selector", "matchLabels") or {}
    held = [
        node
        for node in evidence.connections.workloads
        if node.key.namespace == namespace(trial) and selector.items() <= evidence.workload(node).labels.items()
    ]
    led = (node in evidence.services.selected(each) for each in evidence.facts.services for node in held)
    return bool(held) and not any(led)


def one_pod_held(trial: Trial) -> bool:
    """A budget of a single pod: it keeps none of several up."""
    if trial.mutant.item.kind != "PodDisruptionBudget":
        return False
    selector = part(body(trial), "spec", "selector", "matchLabels") or {}
    held = [each for each in workloads_beside(trial) if selector.items() <= each.labels.items()]
    return bool(held) and sum(least(trial.after.evidence, each) for each in held) <= 1


def holds_the_same(trial: Trial) -> bool:
    """The budget selects the same pods as before."""
    before, after = (_held(each.evidence, trial) for each in (trial.before, trial.after))
    return bool(before) and before == after


def _held(evidence: Evidence, trial: Trial) -> list[str]:
    budgets = evidence.of_kind("PodDisruptionBudget", "policy")
    own = [each for each in budgets if (each.key.namespace, each.key.name) == (namespace(trial), name_of(trial))]
    return sorted(str(workload.key) for each in own for workload in selected(evidence, each))


def no_pods_run(trial: Trial) -> bool:
    """A process that is switched off: it opens nothing until somebody switches it on."""
    if trial.mutant.operator == "object-drop":
        return trial.mutant.item.kind == "Deployment" and part(body(trial), "spec", "replicas") == 0
    workload = damaged_workload(trial)
    return workload is not None and workload.replicas == 0


def namespace_without_pods(trial: Trial) -> bool:
    """No pods stand in the namespace, neither written nor made by a controller that is known."""
    name = part(body(trial), "metadata", "name")
    pods = any(each.key.namespace == name for each in trial.after.evidence.facts.workloads)
    return trial.mutant.item.kind == "Namespace" and not pods
