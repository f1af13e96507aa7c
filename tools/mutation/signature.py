"""Everything that a tree answers about traffic, as plain values: two trees with one signature connect the same."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import structs

from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.platform_rules import with_dns
from solutio_topology.manifests.facts import Policy
from solutio_topology.reach import Connections
from solutio_topology.reach.compare import compare
from solutio_topology.reach.model import WorkloadNode
from tools.mutation.judge import Judgement, Trial, sound


def same_answer(trial: Trial, *, entities: bool = True, workloads: bool = True) -> bool:
    """Whether nothing is opened, closed, led elsewhere or proved otherwise: pods, names, doors, routes, edges.

    Without `entities`, what is open to and from the identities of nodes and of the API server may differ; without
    `workloads`, what is open between pods.
    """
    before, after = trial.before, trial.after
    return (
        (not workloads or not compare(_with_dns(trial.mutant.tree), with_dns(after.evidence)[0]))
        and (not entities or _sound_entities(trial.mutant.tree) == _entities(after.evidence))
        and _sound_rest(trial.mutant.tree) == _rest(after)
        and before.evidence.facts.undecided == after.evidence.facts.undecided
    )


def same_facts(trial: Trial) -> bool:
    """Whether all that was read of the manifests is the same but for the objects as they are written.

    What policies are labelled with themselves selects nothing.
    """
    before, after = trial.before.evidence.facts, trial.after.evidence.facts
    return all(
        getattr(before, name) == getattr(after, name)
        for name in before.__struct_fields__
        if name not in ("documents", "objects", "policies")
    ) and _unlabelled(before.policies) == _unlabelled(after.policies)


def _unlabelled(policies: Iterable[Policy]) -> list[Policy]:
    return [structs.replace(each, labels={}) for each in policies]


def same_edges(trial: Trial) -> bool:
    """Whether every edge has the verdict that it had."""
    return _edges(trial.before) == _edges(trial.after)


def same_but_names(trial: Trial) -> bool:
    """The same for something that is called otherwise: workloads stand for themselves by their place in the facts."""
    metadata = trial.mutant.item.body["metadata"]
    space, name = metadata.get("namespace", ""), trial.mutant.edit.value
    after = [sorted(_renamed(each, space, name, metadata["name"]) for each in part) for part in _rest(trial.after)]
    return (
        _by_place(trial.before.evidence) == _by_place(trial.after.evidence)
        and [sorted(str(each) for each in part) for part in _rest(trial.before)] == after
        and trial.before.evidence.facts.undecided == trial.after.evidence.facts.undecided
    )


def _renamed(value: Any, space: str, new: str, old: str) -> str:
    """A value as text, with what is called otherwise under its old name."""
    return str(value).replace(f"{space}/{new}", f"{space}/{old}")


def _by_place(evidence: Evidence) -> list[Any]:
    connections = evidence.connections
    found: list[Any] = [
        (each.src.index, each.dst.index, str(each.ports), str(each.undecided))
        for each in connections.pairs()
        if isinstance(each.src, WorkloadNode) and isinstance(each.dst, WorkloadNode)
    ]
    for node in connections.workloads:
        found += [
            (node.index, str(each.dst), str(each.ports), str(each.undecided)) for each in connections.external(node)
        ]
        found += [
            (node.index, str(each.src), str(each.ports), str(each.undecided))
            for each in connections.from_external(node)
        ]
        found += [(node.index, str(each.dst), str(each.ports)) for each in connections.entities(node)]
        found += [(node.index, str(each.src), str(each.ports)) for each in connections.from_entities(node)]
    return found


@cache
def _with_dns(tree: str) -> Connections:
    return with_dns(sound(tree).evidence)[0]


@cache
def _sound_rest(tree: str) -> tuple[Any, ...]:
    return _rest(sound(tree))


@cache
def _sound_entities(tree: str) -> list[Any]:
    return _entities(sound(tree).evidence)


def _rest(judgement: Judgement) -> tuple[Any, ...]:
    evidence = judgement.evidence
    return (_names(evidence), _doors(evidence), _routes(evidence), _edges(judgement))


def _names(evidence: Evidence) -> list[Any]:
    connections = evidence.connections
    return sorted(
        (str(node), each.pattern, str(each.ports), each.live)
        for node in connections.workloads
        for each in connections.fqdn(node)
    )


def _entities(evidence: Evidence) -> list[Any]:
    connections = evidence.connections
    return sorted(
        (str(each.src), str(each.dst), str(each.ports), str(each.undecided))
        for node in connections.workloads
        for each in (*connections.entities(node), *connections.from_entities(node))
    )


def _doors(evidence: Evidence) -> list[Any]:
    return sorted(
        (
            *(each.kind, each.name, each.port, each.protocol, each.internal, sorted(set(each.source_ranges))),
            sorted((str(target.workload), target.port, target.protocol) for target in each.targets),
        )
        for each in evidence.entries
    )


def _routes(evidence: Evidence) -> list[Any]:
    return sorted(
        (
            *(each.host, each.path, each.path_type, each.tls_secret, each.controller.name),
            each.backend,
            sorted((str(target.workload), target.port, target.protocol) for target in each.targets),
            sorted(problem.kind for problem in each.problems),
        )
        for each in evidence.routes
    )


def _edges(judgement: Judgement) -> list[Any]:
    return sorted((each.pod, each.link.key, str(each.verdict)) for each in judgement.edges)
