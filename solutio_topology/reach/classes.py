"""Classes of pods that no policy can tell apart: the engine computes with these, not with pods."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.facts import Facts, Labels, Peer, Policy, PolicyRule, Selector, Workload
from solutio_topology.reach.labels import SOME_VALUE
from solutio_topology.reach.ports import PortSet

# Cilium gives its endpoints labels that are not in the pod's metadata.
_SERVICE_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_POD_NAMESPACE = "io.kubernetes.pod.namespace"
_JOB_LABELS = ("job-name", "batch.kubernetes.io/job-name")
_CONTROLLER_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_OF_ITS_NAME = frozenset({*_JOB_LABELS, _POD_NAME})
"""Labels with values that begin with the name of the workload."""
_GIVEN = {
    "CronJob": (*_JOB_LABELS, *_CONTROLLER_UID),
    "DaemonSet": ("controller-revision-hash", "pod-template-generation"),
    "Deployment": ("pod-template-hash",),
    "Job": _CONTROLLER_UID,
    "StatefulSet": ("controller-revision-hash", "apps.kubernetes.io/pod-index", _POD_NAME),
}
"""Labels that controllers give to their pods, with values that no manifest holds.

Source: kubernetes.io, Well-Known Labels, Annotations and Taints; Deployment, "Pod-template-hash label".
"""

NamedPort = tuple[str, str]
"""(protocol, port name)."""


class PodClass(Struct, frozen=True):
    """Pods alike in all that policies look at. `labels` holds only the keys that some selector names."""

    namespace: str
    labels: tuple[tuple[str, str], ...]
    host_network: bool
    named: tuple[tuple[NamedPort, PortSet], ...]
    """The ports behind the names that policies use."""


class Classes(Struct, frozen=True):
    """All classes, the class of every workload, and the workloads of every class."""

    classes: tuple[PodClass, ...]
    of_workload: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]


def classify(facts: Facts) -> Classes:
    """Group the workloads into classes, in order of first appearance."""
    keys, names = _vocabulary(facts.policies)
    numbers: dict[PodClass, int] = {}
    of_workload = []
    for workload in facts.workloads:
        pod_class = _class_of(workload, keys, names)
        of_workload.append(numbers.setdefault(pod_class, len(numbers)))
    members: list[list[int]] = [[] for _ in numbers]
    for index, number in enumerate(of_workload):
        members[number].append(index)
    return Classes(tuple(numbers), tuple(of_workload), tuple(map(tuple, members)))


def _class_of(workload: Workload, keys: frozenset[str], names: frozenset[NamedPort]) -> PodClass:
    labels = policy_labels(workload)
    seen = tuple(sorted((key, labels[key]) for key in keys & labels.keys()))
    named = tuple(sorted((name, ports) for name, ports in named_ports(workload).items() if name in names))
    return PodClass(workload.key.namespace, seen, workload.host_network, named)


def policy_labels(workload: Workload) -> Labels:
    """The labels by which policies know a pod: its own, its controller's, and the two that Cilium derives."""
    derived = {_SERVICE_ACCOUNT: workload.service_account or "default", _POD_NAMESPACE: workload.key.namespace}
    for label in _GIVEN.get(workload.key.kind, ()):
        derived[label] = SOME_VALUE + (f"{workload.key.name}-" if label in _OF_ITS_NAME else "")
    return derived | pod_labels(workload)


def pod_labels(workload: Workload) -> Labels:
    """The labels of the running pods: those of the template, and those that a Job puts on its pods."""
    if workload.key.kind != "Job":
        return workload.labels
    return dict.fromkeys(_JOB_LABELS, workload.key.name) | workload.labels


def named_ports(workload: Workload) -> dict[NamedPort, PortSet]:
    """The ports of a workload by protocol and name, of its containers and sidecars that run with them."""
    found: dict[NamedPort, PortSet] = {}
    for container in workload.containers:
        if container.init and container.body.get("restartPolicy") != "Always":
            continue
        for port in container.ports:
            if port.name:
                name = (port.protocol, port.name)
                found[name] = found.get(name, PortSet()) | PortSet.of(port.protocol, port.number)
    return found


def _vocabulary(policies: tuple[Policy, ...]) -> tuple[frozenset[str], frozenset[NamedPort]]:
    """The label keys and the port names that policies speak of."""
    keys: set[str] = set()
    names: set[NamedPort] = set()
    for policy in policies:
        keys.update(_keys(policy.pods))
        for rule in (*policy.ingress, *policy.egress):
            names.update(rule_names(rule))
            for peer in rule.peers or ():
                keys.update(_peer_keys(peer))
    return frozenset(keys), frozenset(names)


def _peer_keys(peer: Peer) -> set[str]:
    return _keys(peer.pods) if peer.pods else set()


def _keys(selector: Selector) -> set[str]:
    return {requirement.key for requirement in selector.requirements}


def rule_names(rule: PolicyRule) -> list[NamedPort]:
    """The port names that a rule admits, per protocol (no protocol: all three)."""
    return [
        (protocol, port.port)
        for port in rule.ports or ()
        if isinstance(port.port, str)
        for protocol in ((port.protocol,) if port.protocol else ("TCP", "UDP", "SCTP"))
    ]
