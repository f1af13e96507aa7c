"""Namespaces, and what workloads refer to in them: Secrets, ConfigMaps, claims, service accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import NOBODY, Tenants
from solutio_topology.identity import TENANT_POD
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Place

_HELD = frozenset({"Secret", "ConfigMap", "PersistentVolumeClaim", "ServiceAccount"})
_SECRET_ANNOTATIONS = ("/auth-secret", "/auth-tls-secret", "/proxy-ssl-secret")
"""ingress-nginx reads these Secrets from any namespace: https://kubernetes.github.io/ingress-nginx (annotations)."""
Standing = tuple[str, Key, "Place"]
"""Owner, object and place."""


def shared_namespaces(tenants: Tenants) -> Iterator[Breach]:
    """Namespaces in which something of a dedicated tenant pod stands beside something of another, or the platform's."""
    for name, found in _standing(tenants).items():
        owners = {owner for owner, _, _ in found}
        for pod in sorted(owners & tenants.dedicated.keys()) if len(owners) > 1 else ():
            _, own, own_place = next(each for each in found if each[0] == pod)
            other, strange, place = next(each for each in found if each[0] != pod)
            yield Breach(
                pod,
                f"namespace {name} holds {own} of {pod} and {strange} of {other}",
                tenants.evidence.where(place),
                f"Namespace {name}",
                (tenants.fact(own, own_place),),
            )


def _standing(tenants: Tenants) -> dict[str, list[Standing]]:
    """What says whose it is, by namespace. Of workloads their own word counts, or the topology's mapping."""
    found: dict[str, list[Standing]] = {}
    for workload in tenants.evidence.facts.workloads:
        owner = tenants.of_workload(workload)
        if owner != NOBODY:
            found.setdefault(workload.key.namespace, []).append((owner, workload.key, workload.place))
    lived_in = set(found)
    for each in tenants.evidence.facts.objects:
        owner = each.labels.get(TENANT_POD, NOBODY)
        if owner != NOBODY and each.key.namespace in lived_in:
            found[each.key.namespace].append((owner, each.key, each.place))
    return found


def shared_objects(tenants: Tenants) -> Iterator[Breach]:
    """Secrets, ConfigMaps, claims and accounts that workloads (or Ingresses) of two tenant pods use."""
    for held, users in _users(tenants).items():
        says = tenants.evidence.objects.get(held)
        keeper = says.labels.get(TENANT_POD, NOBODY) if says else NOBODY
        keeper = keeper or tenants.of_namespace(held.namespace)
        for pod in tenants.apart((keeper, *(owner for owner, _, _ in users))):
            yield _held_twice(tenants, pod, held, keeper, users)


def _users(tenants: Tenants) -> dict[Key, list[Standing]]:
    found: dict[Key, list[Standing]] = {}
    for workload in tenants.evidence.written:
        owner = tenants.of_workload(workload)
        for mention in workload.references:
            if mention.kind in _HELD and mention.name:
                held = Key("", mention.kind, workload.key.namespace, mention.name)
                found.setdefault(held, []).append((owner, workload.key, mention.place))
    for ingress in tenants.evidence.facts.ingresses:
        for annotation, value in ingress.annotations.items():
            space, slash, name = value.rpartition("/")
            if annotation.endswith(_SECRET_ANNOTATIONS) and name:
                held = Key("", "Secret", space if slash else ingress.key.namespace, name)
                source = tenants.evidence.objects.get(ingress.key)
                owner = tenants.of(source) if source else tenants.of_namespace(ingress.key.namespace)
                found.setdefault(held, []).append((owner, ingress.key, ingress.place))
    return found


def _held_twice(tenants: Tenants, pod: str, held: Key, keeper: str, users: list[Standing]) -> Breach:
    """The other's use of what is the tenant pod's; or, where the other only keeps it, one's own."""
    own = [each for each in users if each[0] == pod]
    others = [each for each in users if each[0] not in (pod, NOBODY)]
    owner, user, place = (others or own)[0]
    message = f"{held} of {keeper if owner == pod else pod} is used by {user} of {owner}"
    related = tuple(tenants.fact(f"{key} of {pod} uses it", where) for _, key, where in own[:1] if owner != pod)
    return Breach(pod, message, tenants.evidence.where(place), str(held), related)
