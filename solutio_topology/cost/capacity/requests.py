"""What a pod requests in sum, as the scheduler counts it.

Sources: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ (resource sharing within containers),
https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ (pod-level resources, defaults from
limits), https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.capacity.nodes import millicores, whole

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor

_COUNTED = {"cpu": millicores, "memory": whole}
_ELSEWHERE = frozenset({"ephemeral-storage", "storage"})
"""Resources that every node has and nobody counts here."""


def requested(pod: Cursor, volumes: int) -> Amounts:
    """What a pod asks of its node: containers and sidecars together, or an init container that asks for more."""
    amounts = {name: _total(pod, name) for name in _COUNTED}
    return Amounts(amounts["cpu"], amounts["memory"], 1, volumes)


def _total(pod: Cursor, resource: str) -> int:
    whole_pod = _asked(pod, resource)
    together = _of_containers(pod, resource) if whole_pod is None else whole_pod
    return together + (_amount(resource, _value(pod, "overhead", resource)) or 0)


def _of_containers(pod: Cursor, resource: str) -> int:
    sidecars = peak = 0
    for each in pod.items("initContainers"):
        own = _asked(each, resource) or 0
        if is_sidecar(each):
            sidecars += own
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + own)
    return max(peak, sidecars + sum(_asked(each, resource) or 0 for each in pod.items("containers")))


def is_sidecar(container: Cursor) -> bool:
    """Whether an init container keeps running beside the others."""
    return container.text("restartPolicy") == "Always"


def missing(pod: Cursor) -> tuple[str, ...]:
    """Resources of which a container of the pod requests nothing, and the pod as a whole neither."""
    return tuple(
        resource
        for resource in _COUNTED
        if _asked(pod, resource) is None
        and any(_asked(each, resource) is None for each in pod.items("containers") if each.value)
    )


def extended(pod: Cursor) -> tuple[str, ...]:
    """Resources that pods ask for and that only special nodes have: GPUs, huge pages."""
    found: set[str] = set()
    for kind in ("containers", "initContainers"):
        for each in pod.items(kind):
            for field in ("requests", "limits"):
                asked = each.get("resources", field).value
                found |= (
                    {str(name) for name, value in asked.items() if value not in (0, "0")} if _is_map(asked) else set()
                )
    return tuple(sorted(found - _COUNTED.keys() - _ELSEWHERE))


def _asked(owner: Cursor, resource: str) -> int | None:
    """What a container (or a pod as a whole) requests; its limit where it names no request, as the API server does."""
    for field in ("requests", "limits"):
        found = _amount(resource, _value(owner.get("resources"), field, resource))
        if found is not None:
            return found
    return None


def _value(owner: Cursor, field: str, resource: str) -> Any:
    found = owner.get(field).value
    return found.get(resource) if _is_map(found) else None


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


def _amount(resource: str, value: Any) -> int | None:
    """A quantity as a number; None for what is missing or cannot be read, which a rule of schemas reports."""
    if value is None:
        return None
    try:
        return max(0, _COUNTED[resource](value))
    except ValueError:
        return None
