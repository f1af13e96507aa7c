"""AdminNetworkPolicy and BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1).

Source: sigs.k8s.io/network-policy-api, apis/v1alpha1.
"""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Object, Peer, Policy, PolicyPort, PolicyRule, Selector
from solutio_topology.manifests.policies import address_peer
from solutio_topology.manifests.ports import LAST_PORT, is_port
from solutio_topology.manifests.selectors import selector

_ACTIONS = ("Allow", "Deny", "Pass")
_RULE = {direction: frozenset({"name", "action", direction, "ports"}) for direction in ("from", "to")}


def read_admin_policy(source: Object, at: Cursor, into: Collector) -> None:
    """An AdminNetworkPolicy or its baseline. It isolates nothing: its rules go before, or after, the others."""
    spec = at.get("spec")
    subject = spec.get("subject")
    pods = subject.get("pods")
    if bool(subject.get("namespaces")) == bool(pods):
        subject.note("a subject is either namespaces or pods: the API server refuses this one", "write one of them")
    into.policies.append(
        Policy(
            key=source.key,
            labels=source.labels,
            pods=selector(pods.get("podSelector")) if pods else Selector(),
            namespaces=selector(pods.get("namespaceSelector") if pods else subject.get("namespaces")),
            nodes=None,
            isolates_ingress=False,
            isolates_egress=False,
            ingress=tuple(_rule(rule, "from") for rule in spec.items("ingress")),
            egress=tuple(_rule(rule, "to") for rule in spec.items("egress")),
            priority=spec.number("priority"),
            place=source.place,
        )
    )


def _rule(at: Cursor, direction: str) -> PolicyRule:
    at.only(_RULE[direction])
    if at.text("action") not in _ACTIONS:
        at.note(f"{at.text('action')!r} is no action: the API server refuses it", "use Allow, Deny or Pass")
    if not at.get(direction).value:
        at.note(f"a rule needs {direction}: the API server refuses one without", "say whom it speaks of")
    ports = tuple(port for item in at.items("ports") for port in _port(item))
    return PolicyRule(
        action=at.text("action"),
        peers=tuple(peer for item in at.items(direction) for peer in _peer(item)),
        ports=ports if at.get("ports").value else None,
        place=at.place,
    )


def _peer(at: Cursor) -> Iterator[Peer]:
    if at.get("namespaces"):
        yield Peer(pods=Selector(), namespaces=selector(at.get("namespaces")), place=at.place)
    if at.get("pods"):
        pods = at.get("pods")
        namespaces = selector(pods.get("namespaceSelector"))
        yield Peer(pods=selector(pods.get("podSelector")), namespaces=namespaces, place=at.place)
    for index, cidr in enumerate(at.texts("networks")):
        for peer in address_peer(at, cidr, (), at):
            yield Peer(cidr=peer.cidr, place=at.get("networks").place.at(index))
    names = at.texts("domainNames")
    if names:
        yield Peer(fqdns=tuple(name.lower().rstrip(".") for name in names), place=at.place)
    if at.get("nodes"):
        yield Peer(nodes=selector(at.get("nodes")), unknown="nodes", place=at.place)


def _port(at: Cursor) -> Iterator[PolicyPort]:
    number, span = at.get("portNumber"), at.get("portRange")
    first, last = span.number("start"), span.number("end")
    if (number and not is_port(number.number("port"))) or (span and not 1 <= first < last <= LAST_PORT):
        at.note(f"ports are 1 to {LAST_PORT}, and a range ends behind its start", "correct the numbers")
        return
    if number:
        yield PolicyPort(number.text("protocol", "TCP"), number.number("port"), None, at.place)
    if span:
        yield PolicyPort(span.text("protocol", "TCP"), first, last, at.place)
    name = at.text("namedPort")
    if name:
        yield PolicyPort("", name, None, at.place)
