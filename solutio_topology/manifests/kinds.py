"""Kinds that no cluster has: written with a mistake, or under another group than theirs.

An object of one is refused, and what it was to do is not done; passed over in silence, it would look as if nobody had
wanted it.
"""

from __future__ import annotations

_BUILT_IN = {
    "": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume "
    "PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "batch": "CronJob Job",
    "discovery.k8s.io": "EndpointSlice",
    "networking.k8s.io": "ClusterCIDR IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
}
_CUSTOM = {
    "cilium.io": "CiliumClusterwideNetworkPolicy CiliumNetworkPolicy",
    "gateway.networking.k8s.io": "GRPCRoute Gateway HTTPRoute ListenerSet ReferenceGrant TLSRoute",
    "policy.networking.k8s.io": "AdminNetworkPolicy BaselineAdminNetworkPolicy",
}
_KNOWN = {group: frozenset(kinds.split()) for group, kinds in (_BUILT_IN | _CUSTOM).items()}
_CLOSE = 0.9
"""How much a name must be like another to be a slip of it: TCPRoute is none of HTTPRoute."""


def mistaken(group: str, kind: str) -> tuple[str, str] | None:
    """What is wrong with a kind, and what to do; None where nothing is known to be."""
    known = _KNOWN.get(group)
    if known is None or kind in known:
        return None
    meant = _like(kind, known)
    if group in _CUSTOM and not meant:
        return None
    homes = sorted(home for home, kinds in _KNOWN.items() if kind in kinds)
    said = f"{group or 'the core group (apiVersion v1)'} has no kind {kind}: the API server refuses the object"
    if homes:
        return said, f"{kind} is of {' or '.join(home or 'v1' for home in homes)}: correct apiVersion"
    return said, f"write {meant}" if meant else "correct apiVersion and kind"


def _like(kind: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches

    written = {each.lower(): each for each in sorted(known)}
    found = get_close_matches(kind.lower(), written, 1, _CLOSE)
    return written[found[0]] if found else ""
