"""Quotas, limits and pod security of a tenant pod's namespaces, held against what its tier states."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import Tenants
from solutio_topology.checks.pod_security import LEVELS
from solutio_topology.checks.walk import maps, part
from solutio_topology.manifests.quantities import quantity

if TYPE_CHECKING:
    from solutio_topology.graph.model import PodGraph
    from solutio_topology.manifests.facts import Workload

ENFORCE = "pod-security.kubernetes.io/enforce"
_ALSO = {"requests.cpu": "cpu", "requests.memory": "memory"}
"""Older names of the same amounts."""


def _inhabited(tenants: Tenants) -> Iterator[tuple[PodGraph, str]]:
    """The namespaces of each dedicated tenant pod in which pods live."""
    lived_in = {workload.key.namespace for workload in tenants.evidence.facts.workloads}
    for pod, graph in tenants.dedicated.items():
        for name in tenants.namespaces(pod):
            if name in lived_in:
                yield graph, name


def lacking_quotas(tenants: Tenants) -> Iterator[Breach]:
    """Namespaces that may use more than the tier states."""
    for graph, name in _inhabited(tenants):
        quotas = tenants.inside.get(("ResourceQuota", name), ())
        for amount, stated in quota_of(graph).items():
            most = [
                (found, each)
                for each in quotas
                for found in (quantity(part(each.body, "spec", "hard", key)) for key in (amount, _ALSO.get(amount, "")))
                if found is not None
            ]
            least = min(most, key=lambda pair: pair[0], default=None)
            if least is None:
                message = (
                    f"no ResourceQuota of namespace {name} limits {amount}; tier {graph.tier_name} states {stated}"
                )
                yield Breach(graph.pod, message, tenants.namespace_place(name), f"Namespace {name}")
            elif least[0] > (quantity(stated) or Decimal(0)):
                given = part(least[1].body, "spec", "hard", amount) or part(
                    least[1].body, "spec", "hard", _ALSO.get(amount, "")
                )
                where = tenants.evidence.where(least[1].place.at("spec", "hard", amount))
                message = f"{least[1].key} allows {given} of {amount}; tier {graph.tier_name} states {stated}"
                yield Breach(graph.pod, message, where, str(least[1].key))


def quota_of(graph: PodGraph) -> dict[str, str]:
    """What a tier states that each namespace may use, as a ResourceQuota names it."""
    quota = graph.tier.quota
    if quota is None:
        return {}
    pods = None if quota.pods is None else str(quota.pods)
    stated = {
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "requests.storage": quota.storage,
        "pods": pods,
    }
    return {amount: text for amount, text in stated.items() if text is not None}


def lacking_limits(tenants: Tenants) -> Iterator[Breach]:
    """Namespaces whose containers may use more than the tier states, and containers that ask for more."""
    for graph, name in _inhabited(tenants):
        for amount, stated in limits_of(graph).items():
            most = [
                found
                for each in tenants.inside.get(("LimitRange", name), ())
                for _, item in maps(part(each.body, "spec", "limits"))
                if item.get("type") == "Container" and (found := quantity(part(item, "max", amount))) is not None
            ]
            bound = quantity(stated) or Decimal(0)
            if not most or min(most) > bound:
                message = (
                    f"no LimitRange of namespace {name} keeps containers to {stated} of {amount}, as tier "
                    f"{graph.tier_name} states"
                )
                yield Breach(graph.pod, message, tenants.namespace_place(name), f"Namespace {name}")
            for workload in tenants.workloads.get(graph.pod, ()):
                if workload.key.namespace == name:
                    yield from _greedy(tenants, graph, workload, amount, stated)


def limits_of(graph: PodGraph) -> dict[str, str]:
    """What a tier states that one container may use."""
    limits = graph.tier.isolation.limits
    if limits is None:
        return {}
    return {"memory": limits.memory, **({"cpu": limits.cpu} if limits.cpu else {})}


def _greedy(tenants: Tenants, graph: PodGraph, workload: Workload, amount: str, stated: str) -> Iterator[Breach]:
    for container in workload.containers:
        asked = part(container.body, "resources", "limits", amount) or part(
            container.body, "resources", "requests", amount
        )
        found = quantity(asked)
        if found is not None and found > (quantity(stated) or Decimal(0)):
            yield Breach(
                graph.pod,
                f"container {container.name} of {workload.key} asks for {asked} of {amount}, and tier "
                f"{graph.tier_name} allows {stated}: its pods are refused",
                tenants.evidence.where(container.place.at("resources")),
                str(workload.key),
                remedy=f"give {workload.key.name} less, or the tier more (isolation.limits.{amount})",
            )


def weak_security(tenants: Tenants) -> Iterator[Breach]:
    """Namespaces that enforce a less strict pod security than the tier states."""
    for graph, name in _inhabited(tenants):
        stated = graph.tier.isolation.pod_security
        level = tenants.evidence.facts.namespaces.get(name, {}).get(ENFORCE, "")
        known = LEVELS.index(level) if level in LEVELS else -1
        if stated is not None and known < LEVELS.index(stated):
            found = f"enforces {level}" if known >= 0 else "enforces no pod security"
            message = f"namespace {name} {found}; tier {graph.tier_name} states {stated}"
            yield Breach(graph.pod, message, tenants.namespace_place(name), f"Namespace {name}")
