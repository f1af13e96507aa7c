"""Which kind of hop an edge is, and the proofs of all of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from solutio_topology.checks.paths.inside import prove_from_pods
from solutio_topology.checks.paths.model import Gathering, HopProof, PathProof
from solutio_topology.checks.paths.outside import (
    prove_between_others,
    prove_from_browser,
    prove_from_clients,
    prove_from_edge,
    prove_from_ingress,
    prove_to_node,
)

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link

Proofs = dict[tuple[str, str], HopProof]
"""By tenant pod and edge."""
Hops = dict[tuple[str, str, str], HopProof]
"""By tenant pod and the services that an edge is drawn from and to."""


def prove_edges(intent: Intent, evidence: Evidence) -> Proofs:
    """A proof of every edge of every tenant pod."""
    links = {(link.owner, link.key): link for link in intent.graph.links}
    found = {
        place: _guarded(intent, evidence, link).proof(link)
        for place, link in links.items()
        if not link.edge.realized_by
    }
    first = intent.graph.pods[0].pod
    made = {place: _composed(intent, link, first, found) for place, link in links.items() if link.edge.realized_by}
    return {place: found.get(place) or made[place] for place in links}


def _guarded(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    """The proof of an edge; one that crashes is undecided and says so, and the others still stand."""
    try:
        return _gather(intent, evidence, link)
    except Exception as error:
        into = Gathering()
        what = f"the proof failed: {type(error).__name__}: {error}"
        into.doubt(what, intent.where(link.pointer), "this is a defect in solutio: please report it")
        return into


def _gather(intent: Intent, evidence: Evidence, link: Link) -> Gathering:
    client, server = intent.graph.node(link.client), intent.graph.node(link.server)
    if link.edge.via == "browser":
        return prove_from_browser(intent, evidence, link)
    if client.in_cluster and client.component.browser_facing and link.host:
        return prove_from_ingress(intent, evidence, link)
    if client.in_cluster:
        return prove_from_pods(intent, evidence, link)
    if not server.in_cluster:
        return prove_between_others(link)
    if link.edge.via == "node":
        return prove_to_node(intent, evidence, link)
    if server.component.browser_facing:
        return prove_from_edge(intent, evidence, link)
    return prove_from_clients(intent, evidence, link)


def _composed(intent: Intent, link: Link, first: str, found: Proofs) -> HopProof:
    """An arrow of the drawing that several edges make: as strong as the weakest of them."""
    into = Gathering()
    for key in link.edge.realized_by:
        proof = found.get((link.owner, key)) or found.get((first, key))
        if proof is None:
            where = intent.where(link.pointer)
            into.refute(
                f"edge {key}, which is to make it real, is not there", where, "name edges that connect something"
            )
            continue
        for fact in proof.facts:
            into.say(f"{key}: {fact.statement}", fact.where)
        for assumption in proof.assumptions:
            into.assume(assumption)
        if proof.cause and proof.verdict == "refuted":
            into.cause = into.cause or proof.cause
        elif proof.cause:
            into.undecided = into.undecided or proof.cause
    return into.proof(link)


def prove_paths(intent: Intent, proofs: Proofs) -> tuple[PathProof, ...]:
    """A proof of every declared path in every tenant pod that has a part in it."""
    from solutio_topology.spec.references import split_path

    found = []
    hops = hops_of(proofs)
    for name, path in intent.graph.topology.paths.items():
        services = split_path(path) if isinstance(path, str) else list(path)
        for pod in intent.graph.pods:
            proof = _path(intent, name, pod.pod, services, hops)
            if proof is not None:
                found.append(proof)
    return tuple(found)


def _path(intent: Intent, name: str, pod: str, services: list[str], known: Hops) -> PathProof | None:
    first = intent.graph.pods[0].pod
    if pod != first and not any(service in intent.graph.pod(pod).nodes for service in services):
        return None
    hops: list[HopProof] = []
    for a, b in pairwise(services):
        hop = known.get((pod, a, b)) or known.get((first, a, b))
        if hop is None:
            return PathProof(name, pod, (), f"no edge leads from {a} to {b}")
        hops.append(hop)
    return PathProof(name, pod, tuple(hops))


def hops_of(proofs: Proofs) -> Hops:
    """The proofs by tenant pod and by the two services between which the edge is drawn; of several the first."""
    found: Hops = {}
    for (owner, _), proof in proofs.items():
        found.setdefault((owner, proof.link.drawn[0].service, proof.link.drawn[1].service), proof)
    return found
