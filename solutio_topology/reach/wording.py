"""Policies in words: peers, ports and selectors as a person would say them."""

from __future__ import annotations

from collections.abc import Mapping

from solutio_topology.manifests.facts import (
    Operator,
    Peer,
    Policy,
    PolicyPort,
    PolicyRule,
    Requirement,
    Selector,
)
from solutio_topology.reach.labels import matches
from solutio_topology.reach.ports import ALL_PORTS
from solutio_topology.reach.rules import numbered_ports


def say_selector(selector: Selector) -> str:
    """``app=api, tier in (web, db)``, or ``any``."""
    return ", ".join(_say_requirement(each) for each in selector.requirements) or "any"


def _say_requirement(requirement: Requirement) -> str:
    values = ", ".join(requirement.values)
    match requirement.operator:
        case Operator.IN if len(requirement.values) == 1:
            return f"{requirement.key}={values}"
        case Operator.IN:
            return f"{requirement.key} in ({values})"
        case Operator.NOT_IN:
            return f"{requirement.key} not in ({values})"
        case Operator.EXISTS:
            return requirement.key
        case Operator.DOES_NOT_EXIST:
            return f"!{requirement.key}"


def say_peer(policy: Policy, peer: Peer) -> str:
    """``pods app=api of namespace shop``, ``10.0.0.0/8 except 10.1.0.0/16``, ``entity host`` …"""
    if peer.cidr:
        return peer.cidr + (f" except {', '.join(peer.except_)}" if peer.except_ else "")
    if peer.fqdns:
        return ", ".join(peer.fqdns)
    if peer.entity:
        return f"entity {peer.entity}"
    if peer.unknown:
        return peer.unknown
    if peer.nodes is not None:
        return f"nodes {say_selector(peer.nodes)}"
    return _say_pods(policy, peer)


def _say_pods(policy: Policy, peer: Peer) -> str:
    pods = say_selector(peer.pods) if peer.pods and peer.pods.requirements else ""
    who = f"pods {pods}" if pods else "all pods"
    if peer.namespaces is not None and peer.namespaces.requirements:
        return f"{who} of namespaces {say_selector(peer.namespaces)}"
    if peer.namespaces is not None or peer.any_namespace or not policy.key.namespace:
        return f"{who} of every namespace"
    return f"{who} of namespace {policy.key.namespace}"


def say_peers(policy: Policy, rule: PolicyRule) -> str:
    """All peers of a rule, ``everyone`` or ``no one``."""
    if rule.peers is None:
        return "everyone"
    return " or ".join(say_peer(policy, peer) for peer in rule.peers) or "no one"


def say_port(port: PolicyPort) -> str:
    """``TCP 5432``, ``UDP 8000-8010``, ``TCP port named metrics``."""
    if isinstance(port.port, str):
        return f"{port.protocol or 'any'} port named {port.port}"
    return str(numbered_ports(port))


def say_ports(rule: PolicyRule) -> str:
    """All ports of a rule."""
    if rule.ports is None:
        return str(ALL_PORTS)
    return "; ".join(say_port(port) for port in rule.ports) or "no ports"


def unmet(selector: Selector | None, labels: Mapping[str, str]) -> list[str]:
    """The requirements that labels do not meet, each with what is there instead."""
    return [
        f"{_say_requirement(each)} (it has {_has(each.key, labels)})"
        for each in (selector.requirements if selector else ())
        if not matches(Selector((each,)), labels)
    ]


def _has(key: str, labels: Mapping[str, str]) -> str:
    return f"{key}={labels[key]}" if key in labels else f"no {key}"
