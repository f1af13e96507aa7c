"""Policies and peers that match no pod of the manifests: pods from elsewhere, or mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.facts import Peer
from solutio_topology.reach.model import Direction, Unmatched
from solutio_topology.reach.rules import CompiledPolicy, Rule
from solutio_topology.reach.solution import Solution
from solutio_topology.reach.wording import say_peer, say_selector


def unmatched_of(solution: Solution) -> tuple[Unmatched, ...]:
    """In the order of the policies; the pods that a policy selects count even where they are hostNetwork."""
    found: list[Unmatched] = []
    for compiled in solution.policies:
        policy = compiled.policy
        if policy.nodes is None and not compiled.subjects | compiled.host_subjects | compiled.doubtful:
            said = f"pods {say_selector(policy.pods)}" if policy.pods.requirements else "every pod"
            statement = f"{policy.key} selects {said}, and there are none"
            found.append(Unmatched(policy.key, None, None, policy.place, statement))
        found += _of_rules(solution, compiled, "ingress", compiled.ingress)
        found += _of_rules(solution, compiled, "egress", compiled.egress)
    return tuple(found)


def _of_rules(
    solution: Solution, compiled: CompiledPolicy, direction: Direction, rules: tuple[Rule, ...]
) -> Iterator[Unmatched]:
    policy = compiled.policy
    for rule in rules:
        for peer in rule.rule.peers or ():
            if _is_of_pods(peer) and not _matched(solution, compiled, peer):
                word = "from" if direction == "ingress" else "to"
                statement = f"{policy.key} speaks of traffic {word} {say_peer(policy, peer)}, and there are none"
                yield Unmatched(policy.key, direction, peer, peer.place, statement)


def _is_of_pods(peer: Peer) -> bool:
    other = peer.cidr or peer.entity or peer.fqdns or peer.unknown or peer.nodes is not None
    return not other and not any(key.startswith("reserved") for key in _keys(peer))


def _keys(peer: Peer) -> list[str]:
    return [requirement.key for requirement in peer.pods.requirements] if peer.pods else []


def _matched(solution: Solution, compiled: CompiledPolicy, peer: Peer) -> bool:
    pods = solution.universe.selected_by(peer, compiled.policy.key.namespace, widest=True)
    return bool(pods & solution.universe.pods)
