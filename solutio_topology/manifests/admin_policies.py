"""AdminNetworkPolicy and BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1).

Source: sigs.k8s.io/network-policy-api, apis/v1alpha1.
"""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Object, Peer, Policy, PolicyPort, PolicyRule, Selector
from solutio_topology.manifests.policies import address_peer
from solutio_topology.manifests.selectors import selector


def read_admin_policy(source: Object, at: Cursor, into: Collector) -> None:
    """An AdminNetworkPolicy or its baseline. It isolates nothing: its rules go before, or after, the others."""
    spec = at.get("spec")
    subject = spec.get("subject")
    pods = subject.get("pods")
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
    if number:
        yield PolicyPort(number.text("protocol", "TCP"), number.number("port"), None, at.place)
    if span:
        yield PolicyPort(span.text("protocol", "TCP"), span.number("start"), span.number("end"), at.place)
    name = at.text("namedPort")
    if name:
        yield PolicyPort("", name, None, at.place)
