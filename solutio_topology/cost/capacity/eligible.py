"""Which nodes may take a pod, whatever room they have.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/, .../taint-and-toleration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solutio_topology.cost.capacity.model import Machine, NodeTerm, Shape

_REPELLING = frozenset({"NoSchedule", "NoExecute"})


def refusal(shape: Shape, machine: Machine) -> str:
    """Why a node never takes a pod, however empty it is; empty where it may."""
    if shape.node_name and shape.node_name != machine.name:
        return f"it names the node {shape.node_name}"
    if not selects(shape, machine):
        return "its node selector or affinity asks for labels that no node has"
    if not tolerates(shape, machine):
        return f"it does not tolerate the taint {_repelling(shape, machine)}"
    if shape.extended:
        return f"it asks for {', '.join(shape.extended)}"
    return (
        "" if shape.request.within(machine.room) else f"it asks for more than a whole node of pool {machine.pool} has"
    )


def welcomes(shape: Shape, machine: Machine) -> bool:
    """Whether a node of unknown room may take the pod."""
    named = not shape.node_name or shape.node_name == machine.name
    return named and not shape.extended and selects(shape, machine) and tolerates(shape, machine)


def why_nowhere(shape: Shape, machines: Iterable[Machine]) -> str:
    """Why no node takes the pod: what the node that comes nearest says."""
    reasons = [refusal(shape, machine) for machine in machines]
    nearest = ("it asks for more", "it asks for", "it does not", "its node", "it names")
    return next((reason for start in nearest for reason in reasons if reason.startswith(start)), "there are no nodes")


def selects(shape: Shape, machine: Machine) -> bool:
    """Whether the pod's node selector and required node affinity hold."""
    if not all(_holds(term, machine) for term in shape.node_labels):
        return False
    return not shape.node_terms or any(all(_holds(each, machine) for each in term) for term in shape.node_terms)


def tolerates(shape: Shape, machine: Machine) -> bool:
    """Whether the pod tolerates every taint that would keep it away."""
    return not _repelling(shape, machine)


def _repelling(shape: Shape, machine: Machine) -> str:
    for taint in machine.taints:
        if taint.effect in _REPELLING and not any(each.covers(taint) for each in shape.tolerations):
            return f"{taint.key}={taint.value}:{taint.effect}"
    return ""


def _holds(term: NodeTerm, machine: Machine) -> bool:
    value = machine.name if term.is_field else machine.labels.get(term.key)
    match term.operator:
        case "In":
            return value is not None and value in term.values
        case "NotIn":
            return value is None or value not in term.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            return _compares(term, value)
        case _:
            return False


def _compares(term: NodeTerm, value: str | None) -> bool:
    try:
        left, right = int(value or ""), int(term.values[0])
    except (ValueError, IndexError):
        return False
    return left > right if term.operator == "Gt" else left < right
