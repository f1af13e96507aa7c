"""NetworkPolicies, with the defaults that the API server fills in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Object, Peer, Policy, PolicyPort, PolicyRule
from solutio_topology.manifests.ports import LAST_PORT, PROTOCOLS, is_port, is_port_name
from solutio_topology.manifests.selectors import optional_selector, selector

_SPEC = frozenset({"podSelector", "policyTypes", "ingress", "egress"})
_RULE = {direction: frozenset({direction, "ports"}) for direction in ("from", "to")}
_PEER = frozenset({"podSelector", "namespaceSelector", "ipBlock"})
_BLOCK = frozenset({"cidr", "except"})
_PORT = frozenset({"protocol", "port", "endPort"})


def read_network_policy(source: Object, at: Cursor, into: Collector) -> None:
    """A NetworkPolicy. Without policyTypes it isolates ingress, and egress only where egress rules are written."""
    spec = at.get("spec")
    spec.only(_SPEC)
    types = _types(spec)
    into.policies.append(
        Policy(
            key=source.key,
            labels=source.labels,
            pods=selector(spec.get("podSelector")),
            namespaces=None,
            nodes=None,
            isolates_ingress="Ingress" in types,
            isolates_egress="Egress" in types,
            ingress=tuple(_rule(rule, "from") for rule in spec.items("ingress")) if "Ingress" in types else (),
            egress=tuple(_rule(rule, "to") for rule in spec.items("egress")) if "Egress" in types else (),
            priority=0,
            place=source.place,
        )
    )


def _types(spec: Cursor) -> tuple[str, ...]:
    declared = spec.texts("policyTypes")
    for kind in declared:
        if kind not in {"Ingress", "Egress"}:
            spec.get("policyTypes").note(f"{kind!r} is no policy type", "use Ingress or Egress")
    if declared:
        return declared
    return ("Ingress", "Egress") if list(spec.items("egress")) else ("Ingress",)


def _rule(at: Cursor, direction: str) -> PolicyRule:
    """Missing and empty ``from``/``to`` both admit everyone; so do missing and empty ``ports``."""
    at.only(_RULE[direction])
    peers = tuple(peer for item in at.items(direction) for peer in _peer(item))
    ports = tuple(port for item in at.items("ports") for port in _port(item))
    everyone = not at.get(direction).value
    every_port = not at.get("ports").value
    return PolicyRule("Allow", None if everyone else peers, None if every_port else ports, at.place)


def _peer(at: Cursor) -> Iterator[Peer]:
    at.only(_PEER)
    block = at.get("ipBlock")
    block.only(_BLOCK)
    pods, namespaces = optional_selector(at.get("podSelector")), optional_selector(at.get("namespaceSelector"))
    if block:
        if pods is not None or namespaces is not None:
            at.note("ipBlock and a selector stand in one peer: the API server refuses it", "write two peers")
        yield from address_peer(block, block.text("cidr"), block.texts("except"), at)
        return
    if pods is None and namespaces is None:
        at.note("an empty peer: the API server refuses it", "select pods, namespaces or an ipBlock")
        return
    yield Peer(pods=pods, namespaces=namespaces, place=at.place)


def address_peer(
    block: Cursor, cidr: str, except_: tuple[str, ...], at: Cursor, *, bare: bool = False
) -> Iterator[Peer]:
    """A peer that is a range of addresses, when the range is one; `bare` addresses count where they may stand."""
    allowed = address_range(block, cidr, bare=bare)
    excepted = [address_range(block, text) for text in except_]
    if allowed is None or None in excepted:
        return
    for network in excepted:
        if network is not None and not _within(network, allowed):
            block.note(f"except {network} is not inside {cidr}: the API server refuses it", "except a part of it")
    yield Peer(cidr=cidr, except_=except_, place=at.place)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_range(block: Cursor, text: str, *, bare: bool = False) -> Network | None:
    """The range that a text means; None, and said at `block`, for one that means none."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        network = None
    prefix = text.rpartition("/")[2]
    odd = "%" in text or (not bare and "/" not in text) or not (prefix.isdecimal() or "/" not in text)
    if network is None or odd:
        block.note(f"{text!r} is no address range: the API server refuses it", "write it as 10.0.0.0/8")
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        block.note(f"{text!r} is a range of IPv4 written as IPv6: network plugins disagree on it", "write it as IPv4")
        return None
    return network


def _within(inner: Network, outer: Network) -> bool:
    """Whether `inner` is a part of `outer`; of one that is not of the same version it is none."""
    same = inner.version == outer.version
    return same and inner.prefixlen > outer.prefixlen and inner.network_address in outer


def _port(at: Cursor) -> Iterator[PolicyPort]:
    at.only(_PORT)
    protocol = at.text("protocol", "TCP")
    if protocol not in PROTOCOLS:
        at.get("protocol").note(f"{protocol!r} is no protocol of a policy", "use TCP, UDP or SCTP")
        return
    port = at.number_or_name("port")
    end = at.number("endPort") if at.get("endPort") else None
    if port is None and at.get("port"):
        return
    if isinstance(port, str) and not is_port_name(port):
        at.get("port").note(
            f"{port!r} cannot name a port: the API server refuses it", "write the container port's name"
        )
        return
    if any(isinstance(number, int) and not is_port(number) for number in (port, end)):
        at.note(f"ports are 1 to {LAST_PORT}: the API server refuses this one", "correct the number")
        return
    if end is not None and (not isinstance(port, int) or end < port):
        at.get("endPort").note("endPort needs a numeric port that is not larger", "correct the range")
        return
    yield PolicyPort(protocol, port, end, at.place)
