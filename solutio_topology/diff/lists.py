"""How a list is compared: by a merge key, as a set, or in its order.

Source: the `patchMergeKey` and `listType` marks of the Kubernetes API types (k8s.io/api), and of the custom kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Keys = tuple[tuple[str, Any], ...]
"""Fields of a merge key, each with the default that Kubernetes gives it."""

_NAME: Keys = (("name", None),)
_KEYED: dict[str, Keys] = {
    "containers": _NAME,
    "initContainers": _NAME,
    "ephemeralContainers": _NAME,
    "env": _NAME,
    "volumes": _NAME,
    "imagePullSecrets": _NAME,
    "listeners": _NAME,
    "versions": _NAME,
    "roles": _NAME,
    "externalClusters": _NAME,
    "secrets": _NAME,
    "volumeMounts": (("mountPath", None),),
    "volumeDevices": (("devicePath", None),),
    "hostAliases": (("ip", None),),
    "volumeClaimTemplates": (("metadata.name", None),),
    "topologySpreadConstraints": (("topologyKey", None), ("whenUnsatisfiable", None)),
    "paths": (("path", "/"), ("pathType", None)),
    "conditions": (("type", None),),
    "ownerReferences": (("uid", None),),
    "data": (("secretKey", None),),
}
_PORTS: dict[str, Keys] = {
    "containers": (("containerPort", None), ("protocol", "TCP")),
    "initContainers": (("containerPort", None), ("protocol", "TCP")),
    "spec": (("port", None), ("protocol", "TCP")),
}
_SETS = frozenset(
    {
        "ingress", "egress", "ingressDeny", "egressDeny", "from", "to", "except", "policyTypes",
        "matchExpressions", "values", "accessModes", "fromEndpoints", "toEndpoints", "fromEntities",
        "toEntities", "fromCIDR", "toCIDR", "fromCIDRSet", "toCIDRSet", "fromRequires", "toRequires",
        "toFQDNs", "toServices", "toPorts", "toGroups", "fromNodes", "toNodes", "hosts", "hostnames", "tls",
        "dnsNames", "ipAddresses", "tolerations", "loadBalancerSourceRanges", "externalIPs", "verbs",
        "resources", "apiGroups", "resourceNames", "nonResourceURLs", "subjects", "finalizers", "add", "drop",
        "parentRefs", "backendRefs", "dependsOn", "healthChecks", "metrics", "addresses", "certificateRefs",
        "kinds", "items", "shortNames", "categories", "endpoints", "ports", "rules", "http", "dns",
    }
)  # fmt: skip
_ORDERED_KEYED = frozenset({"initContainers"})
"""Compared by name, but their order means something as well: one runs after the other."""


def keys_of(path: Sequence[object], before: list[Any], after: list[Any]) -> Keys | None:
    """The merge key of the list at `path`; None where it has none, or where it does not tell the items apart."""
    field, parent = _names(path)
    keys = _PORTS.get(parent) if field == "ports" else _hosts(field, parent) or _KEYED.get(field)
    for candidate in (keys, _NAME):
        if candidate is not None and _tells_apart(candidate, before) and _tells_apart(candidate, after):
            return candidate
    return None


def _hosts(field: str, parent: str) -> Keys | None:
    return (("host", ""),) if field == "rules" and parent == "spec" else None


def is_set(path: Sequence[object]) -> bool:
    """Whether the order of the list at `path` means nothing."""
    field, parent = _names(path)
    if field == "rules":
        # Rules of a Role are a set, those of a route are tried in their order, those of an Ingress have hosts.
        return parent != "spec"
    return field in _SETS


def has_order(path: Sequence[object]) -> bool:
    """Whether a list with a merge key has an order that means something, too."""
    return _names(path)[0] in _ORDERED_KEYED


def key_of(keys: Keys, item: dict[str, Any]) -> tuple[Any, ...]:
    """The merge key of one item."""
    return tuple(_field(item, name, default) for name, default in keys)


def _tells_apart(keys: Keys, items: list[Any]) -> bool:
    if not all(isinstance(item, dict) for item in items):
        return False
    found = [key_of(keys, item) for item in items]
    known = all(part is not None and not isinstance(part, (dict, list)) for key in found for part in key)
    return known and len(set(found)) == len(found)


def _field(item: dict[str, Any], name: str, default: Any) -> Any:
    value: Any = item
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return default if value is None else value


def _names(path: Sequence[object]) -> tuple[str, str]:
    """The list's field and the field around it, merge keys left out."""
    fields = [step for step in path if isinstance(step, str)]
    return (fields[-1] if fields else "", fields[-2] if len(fields) > 1 else "")
