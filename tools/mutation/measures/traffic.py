"""What is open, and where requests are led."""

from __future__ import annotations

import re

from solutio_topology.checks.availability_rules import least
from solutio_topology.checks.platform_rules import asking, with_dns
from solutio_topology.checks.walk import part
from solutio_topology.identity import DOMAIN, PROCESS
from solutio_topology.reach.compare import compare
from solutio_topology.reach.model import ENTITIES, EntityNode, WorkloadNode
from solutio_topology.reach.ports import NO_PORTS, PortSet
from tools.mutation.judge import Trial
from tools.mutation.measures.common import body, damaged_workload, last_step, name_of, namespace, workloads_beside
from tools.mutation.signature import same_answer, same_edges, same_facts
from tools.mutation.tree import GONE, load


def unchanged(trial: Trial) -> bool:
    """Whether all answers are as before; of whole objects this says enough only where they are for traffic alone."""
    whole = trial.mutant.operator.startswith("object-")
    return (not whole or trial.mutant.item.kind in _TRAFFIC) and same_answer(trial)


_TRAFFIC = ("NetworkPolicy", "CiliumNetworkPolicy", "Service")


def label_for_people(trial: Trial) -> bool:
    """Whether the labels are ones that nothing selects by, and whose the pods are stays said on their workload.

    Without a process, a workload is the main one.
    """
    steps = trial.mutant.edit.pointer
    identity = str(steps[-1]).startswith(f"{DOMAIN}/") and trial.mutant.item.kind in _WORKLOADS
    said = identity and (steps[:2] == ("metadata", "labels") or trial.mutant.edit.value is not GONE)
    by_default = steps[-1] == PROCESS and part(body(trial), *steps) == "main" and trial.mutant.edit.value is GONE
    if (said and not by_default) or not ("labels" in steps or steps[-1] == "inheritedMetadata"):
        return False
    # What is open and led is a function of the facts: where these are the same, it need not be computed again.
    return (same_facts(trial) and same_edges(trial)) or same_answer(trial)


_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def asks_no_name(trial: Trial) -> bool:
    """No edge and no component gives the pods a name, so it does not matter whom they ask."""
    workload = damaged_workload(trial)
    return workload is not None and workload.key not in {node.key for node in _asking(trial)}


def _asking(trial: Trial) -> list[WorkloadNode]:
    return asking(load(trial.mutant.tree).intent, trial.after.evidence)


def names_unused(trial: Trial) -> bool:
    """All that is closed is the cluster's DNS, and to pods only that nothing gives a name; nothing is opened."""
    before, dns = with_dns(trial.before.evidence)
    changes = compare(before, with_dns(trial.after.evidence)[0])
    closed = {change.src for change in changes if change.dst == str(dns) and change.before.covers(change.after)}
    asked = {str(node) for node in _asking(trial)}
    only_dns = bool(changes) and len(closed) == len(changes)
    return only_dns and not closed & asked and same_answer(trial, workloads=False)


def alias_of_no_address(trial: Trial) -> bool:
    """No value of the pods' variables holds the aliased host as a host of its own."""
    workload = damaged_workload(trial)
    names = {name for each in trial.mutant.edit.value["hostAliases"] for name in each["hostnames"]}
    values = [each.value or "" for box in (workload.containers if workload else ()) for each in box.env]
    return workload is not None and not any(names & set(re.split(r"[^A-Za-z0-9._-]+", value)) for value in values)


def on_node_network(trial: Trial) -> bool:
    workload = damaged_workload(trial)
    return workload is not None and workload.host_network and same_answer(trial)


def on_the_node(trial: Trial) -> bool:
    workload = damaged_workload(trial)
    return workload is not None and workload.host_network and same_edges(trial)


def pods_of_the_node(trial: Trial) -> bool:
    workload = damaged_workload(trial)
    return workload is not None and workload.host_network and same_answer(trial)


def issued_under_any_name(trial: Trial) -> bool:
    notes = part(body(trial), "metadata", "annotations") or {}
    return any(key in notes for key in ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer"))


def default_holds(trial: Trial) -> bool:
    """Without the annotation, or with a value that is no truth value, the controller's own default is the same."""
    gone = trial.mutant.edit.value is GONE
    if last_step(trial) == "external-dns.alpha.kubernetes.io/hostname":
        return gone and same_answer(trial)
    if last_step(trial) == "nginx.ingress.kubernetes.io/ssl-redirect":
        return gone or trial.mutant.edit.value not in ("true", "false")
    old = part(body(trial), *trial.mutant.edit.pointer)
    return gone and (last_step(trial), old) == ("service.beta.kubernetes.io/do-loadbalancer-type", "REGIONAL_NETWORK")


def one_pod_answers(trial: Trial) -> bool:
    """There is one pod behind the Service: while it is not ready, no other one answers."""
    evidence = trial.after.evidence
    service = evidence.services.find(namespace(trial), name_of(trial))
    behind = list(evidence.services.selected(service)) if service else []
    return bool(behind) and sum(least(evidence, evidence.workload(node)) for node in behind) <= 1


def open_to_the_world_already(trial: Trial) -> bool:
    """What identities, and pods that no policy closes outward, may open now, every address outside could before."""
    before, after = trial.before.evidence.connections, trial.after.evidence.connections
    world: dict[str, PortSet] = {}
    for old, new in zip(before.workloads, after.workloads, strict=True):
        world[str(old)] = PortSet.union_of(each.ports for each in before.from_external(old))
        for name in ENTITIES:
            then, now = before.ports(EntityNode(name), old), after.ports(EntityNode(name), new)
            if (now - then) - world[str(old)] or then - now:
                return False
    changes = compare(with_dns(trial.before.evidence)[0], with_dns(trial.after.evidence)[0])
    opened = all(
        world.get(each.dst, NO_PORTS).covers(each.after) and each.after.covers(each.before) for each in changes
    )
    return opened and same_answer(trial, entities=False, workloads=False)


def only_a_timeout(trial: Trial) -> bool:
    """How long the ingress waits on an idle connection."""
    return last_step(trial).endswith(("proxy-read-timeout", "proxy-send-timeout"))


def never_on_one_node(trial: Trial) -> bool:
    """The identity `host` is one's own node; the servers on node networks run on other nodes than these pods."""
    old = part(body(trial), *trial.mutant.edit.pointer)
    selector = part(body(trial), "spec", "endpointSelector", "matchLabels") or {}
    clients = [each for each in workloads_beside(trial) if selector.items() <= each.labels.items()]
    servers = [each for each in trial.after.evidence.written if each.host_network]
    apart = all(
        one.pod_spec.get("nodeSelector") != two.pod_spec.get("nodeSelector") for one in clients for two in servers
    )
    return old == "host" and bool(clients) and apart


def api_server_still_reached(trial: Trial) -> bool:
    """Only what is open to or from the cluster's own identities, and pods that have them, is less (P005 holds)."""
    evidence = trial.before.evidence
    on_nodes = {str(node) for node in evidence.connections.workloads if evidence.workload(node).host_network}
    changes = compare(with_dns(evidence)[0], with_dns(trial.after.evidence)[0])
    less = all({each.src, each.dst} & on_nodes and each.before.covers(each.after) for each in changes)
    return less and same_answer(trial, entities=False, workloads=False) and not api_lost(trial)


def no_client_there(trial: Trial) -> bool:
    """All that is closed are addresses outside which no load balancer lets in and no edge's client has (P001, P005)."""
    pods = {str(node) for node in trial.before.evidence.connections.workloads}
    changes = compare(with_dns(trial.before.evidence)[0], with_dns(trial.after.evidence)[0])
    closed = [each for each in changes if each.src not in pods and each.before.covers(each.after)]
    return bool(changes) and closed == list(changes) and same_answer(trial, workloads=False)


def api_lost(trial: Trial) -> bool:
    """Whether some pods could talk with the API server, one way or the other, and no longer can at all."""
    after = {str(node): node for node in trial.after.evidence.connections.workloads}
    api = EntityNode("kube-apiserver")
    for node in trial.before.evidence.connections.workloads:
        now = after.get(str(node))
        if now is None:
            return True
        before, connections = trial.before.evidence.connections, trial.after.evidence.connections
        to_api, from_api = before.ports(node, api), before.ports(api, node)
        if (to_api and not to_api & connections.ports(now, api)) or (
            from_api and not from_api & connections.ports(api, now)
        ):
            return True
    return False
