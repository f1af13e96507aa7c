"""All that the manifests leave open, each with its reason and a way to decide it."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.facts import Peer, Policy, Unreadable
from solutio_topology.reach.bits import members
from solutio_topology.reach.model import HostNetwork, Undecided
from solutio_topology.reach.rules import CILIUM_KINDS, GIVEN
from solutio_topology.reach.solution import Solution

_GIVEN_REMEDY = "select by labels of the pod template, or give a live export"
_PLUGIN = "say which network plugin the cluster has, or use Cilium's entities host and remote-node"


def undecided_of(solution: Solution) -> tuple[Undecided, ...]:
    """What is undecided, in the order of the manifests, each once."""
    found = [_object(each) for each in solution.facts.undecided]
    hosts = _host_names(solution)
    for policy in solution.facts.policies:
        found.extend(_policy(solution, policy, hosts))
    found.extend(_subjects(solution))
    return tuple(dict.fromkeys(found))


def _object(item: Unreadable) -> Undecided:
    return Undecided(item.message, item.message, item.remedy, item.place)


def _policy(solution: Solution, policy: Policy, hosts: str) -> Iterator[Undecided]:
    if policy.nodes is not None:
        reason = "it binds nodes, and which nodes and whether the host firewall is on is not in the manifests"
        yield Undecided(str(policy.key), reason, "check it on the cluster", policy.place)
    for rule in (*policy.ingress, *policy.egress):
        for peer in rule.peers or ():
            for reason in _reasons(solution, policy, peer, hosts):
                yield Undecided(str(policy.key), reason, _remedy(solution, peer), peer.place)


def _reasons(solution: Solution, policy: Policy, peer: Peer, hosts: str) -> Iterator[str]:
    """Why it is not decided whom a peer means. Doubts about nodes matter only where hostNetwork pods are."""
    reach = solution.compiler.peer(policy, peer)
    if peer.unknown or reach.perhaps & ~reach.sure & solution.universe.pods:
        for reason in reach.reasons:
            yield f"{reason}: {hosts}" if hosts and not peer.unknown and reason != GIVEN else reason
    elif solution.host_network is HostNetwork.NODE and policy.key.kind not in CILIUM_KINDS and not peer.cidr:
        meant = solution.universe.selected_by(peer, policy.key.namespace) & solution.universe.hosts
        if meant and (peer.pods and peer.pods.requirements):
            yield f"its pod selector is meant for hostNetwork pods, which are nodes to it: {hosts}"


def _remedy(solution: Solution, peer: Peer) -> str:
    if peer.pods and not peer.unknown and not solution.universe.is_sure(peer.pods):
        return _GIVEN_REMEDY
    if peer.unknown:
        return "name the peers by labels, addresses or entities"
    return _PLUGIN if not peer.cidr else "except the addresses of the nodes, or allow them by entity"


def _host_names(solution: Solution) -> str:
    hosts = (each for each in solution.facts.workloads if each.host_network)
    return ", ".join(dict.fromkeys(str(each.key) for each in hosts))


def _subjects(solution: Solution) -> Iterator[Undecided]:
    """Policies that may select pods, where it is not known whether they bind them."""
    for compiled in solution.policies:
        if names := _names(solution, compiled.doubtful):
            yield Undecided(str(compiled.policy.key), f"{GIVEN}: {names}", _GIVEN_REMEDY, compiled.policy.place)
        names = _names(solution, compiled.host_subjects) if solution.host_network is HostNetwork.UNKNOWN else ""
        if names:
            reason = f"whether it binds hostNetwork pods is up to the network plugin: {names}"
            yield Undecided(str(compiled.policy.key), reason, _PLUGIN, compiled.policy.place)


def _names(solution: Solution, classes: int) -> str:
    """The workloads of some classes."""
    of_class, workloads = solution.universe.classes.members, solution.facts.workloads
    return ", ".join(str(workloads[index].key) for number in members(classes) for index in of_class[number])
