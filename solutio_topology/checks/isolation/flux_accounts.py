"""As whom Flux applies a tenant pod: with an account of its own, that may do exactly what it must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks import flux
from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.tenants import NOBODY, Tenants
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.identity import TENANT_POD
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object

RBAC = "rbac.authorization.k8s.io"
_HELM = "helm.toolkit.fluxcd.io"
_VERBS = frozenset({"get", "create", "patch", "delete"})
"""What kustomize-controller does with an object: looks, applies on the server's side, prunes."""
_EDITED = frozenset({"", "apps", "autoscaling", "batch", "networking.k8s.io", "policy"})
"""Groups that the built-in roles admin and edit cover."""
Account = tuple[str, str]
"""Namespace and name of a ServiceAccount."""


def appliers(tenants: Tenants) -> dict[Key, frozenset[str]]:
    """Flux's objects with the tenant pods that they are for: whose they say they are, and whose pods they apply."""
    return tenants.once("appliers", lambda: _appliers(tenants))


def _appliers(tenants: Tenants) -> dict[Key, frozenset[str]]:
    found: dict[Key, set[str]] = {}
    for each in (*flux.kustomizations(tenants.evidence), *tenants.evidence.of_kind("HelmRelease", _HELM)):
        found[each.key] = {each.labels[TENANT_POD]} if TENANT_POD in each.labels else set()
    for workload in tenants.evidence.written:
        source = tenants.evidence.objects.get(workload.key)
        own = flux.applier(tenants.evidence, source) if source else None
        owner = tenants.of_workload(workload)
        if own is not None and owner != NOBODY:
            found[own.key].add(owner)
    return {key: frozenset(owners) for key, owners in found.items()}


def account(source: Object) -> Account | None:
    """The account as which Flux applies; None where none is named."""
    name = part(source.body, "spec", "serviceAccountName")
    return (source.key.namespace, str(name)) if name else None


def account_owners(tenants: Tenants) -> dict[Account, str]:
    """Accounts of Flux by the one tenant pod for which they apply."""
    users: dict[Account, set[str]] = {}
    for key, owners in appliers(tenants).items():
        named = account(tenants.evidence.objects[key])
        if named is not None:
            users.setdefault(named, set()).update(owners)
    return {named: next(iter(owners)) for named, owners in users.items() if len(owners) == 1}


def shared_accounts(tenants: Tenants) -> Iterator[Breach]:
    """Flux's objects of dedicated tenant pods that apply another's, too, or as an account that is not theirs alone."""
    users: dict[Account, list[tuple[Object, frozenset[str]]]] = {}
    for key, owners in appliers(tenants).items():
        source = tenants.evidence.objects[key]
        if (named := account(source)) is not None:
            users.setdefault(named, []).append((source, owners))
    for key, owners in appliers(tenants).items():
        source = tenants.evidence.objects[key]
        for pod in sorted(owners & tenants.dedicated.keys()):
            if fault := _fault(pod, source, owners, users):
                where = tenants.evidence.where(source.place.at("spec", "serviceAccountName"))
                yield Breach(pod, f"{key} of {pod} {fault}", where, str(key))


def _fault(
    pod: str, source: Object, owners: frozenset[str], users: dict[Account, list[tuple[Object, frozenset[str]]]]
) -> str:
    if others := sorted(owners - {pod}):
        return f"applies pods of {', '.join(others)}, too"
    named = account(source)
    if named is None:
        return "names no account: Flux applies it with the rights of the controller"
    if named[1] in flux.OWN_ACCOUNTS:
        return f"is applied as {named[1]}, which may write everywhere"
    for other, theirs in users[named]:
        if theirs - {pod}:
            return (
                f"is applied as ServiceAccount {'/'.join(named)}, and so is {other.key} of {', '.join(sorted(theirs))}"
            )
    return ""


def weak_accounts(tenants: Tenants) -> Iterator[Breach]:
    """Kinds that a dedicated tenant pod consists of and that its account of Flux may not apply."""
    told: set[tuple[Key, str, str]] = set()
    known: dict[tuple[Account, str, str, str], set[str]] = {}
    for each in tenants.evidence.facts.objects:
        own = flux.applier(tenants.evidence, each)
        named = account(own) if own else None
        if own is None or named is None or named[1] in flux.OWN_ACCOUNTS:
            continue
        for pod in sorted(appliers(tenants)[own.key] & tenants.dedicated.keys()):
            asked = (named, each.key.group, each.key.kind, each.key.namespace)
            if asked not in known:
                known[asked] = _verbs(tenants, named, each)
            lacking = _VERBS - known[asked]
            if lacking and (own.key, each.key.kind, each.key.namespace) not in told:
                told.add((own.key, each.key.kind, each.key.namespace))
                where = f"in namespace {each.key.namespace}" if each.key.namespace else "in the whole cluster"
                yield Breach(
                    pod,
                    f"ServiceAccount {'/'.join(named)} of {pod} may not {', '.join(sorted(lacking))} "
                    f"{plural(tenants, each.key)} {where}, and {own.key} applies {each.key} as it",
                    tenants.evidence.where(each.place),
                    str(own.key),
                )


def _verbs(tenants: Tenants, named: Account, source: Object) -> set[str]:
    """What an account may do with an object."""
    found: set[str] = set()
    for binding in _bindings(tenants).get(named, ()):
        if binding.key.namespace in ("", source.key.namespace):
            found |= _granted(tenants, binding, source.key)
    return found


def _bindings(tenants: Tenants) -> dict[Account, list[Object]]:
    """Every binding by the accounts that it names."""
    return tenants.once("bindings", lambda: _read_bindings(tenants))


def _read_bindings(tenants: Tenants) -> dict[Account, list[Object]]:
    found: dict[Account, list[Object]] = {}
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in tenants.evidence.of_kind(kind, RBAC):
            for _, subject in maps(part(binding.body, "subjects")):
                if subject.get("kind") == "ServiceAccount":
                    space = str(subject.get("namespace") or binding.key.namespace)
                    found.setdefault((space, str(subject.get("name"))), []).append(binding)
    return found


def _granted(tenants: Tenants, binding: Object, key: Key) -> set[str]:
    source, name = role(tenants, binding), str(part(binding.body, "roleRef", "name"))
    if source is None:
        whole = name == "cluster-admin" or (name in {"admin", "edit"} and key.group in _EDITED and key.namespace)
        return set(_VERBS) if whole else set()
    found: set[str] = set()
    for _, rule in maps(part(source.body, "rules")):
        groups, kinds = texts(rule.get("apiGroups")), texts(rule.get("resources"))
        if (
            {"*", key.group} & set(groups)
            and {"*", plural(tenants, key)} & set(kinds)
            and not rule.get("resourceNames")
        ):
            verbs = set(texts(rule.get("verbs")))
            found |= _VERBS if "*" in verbs else verbs
    return found


def role(tenants: Tenants, binding: Object) -> Object | None:
    """The role of a binding; None for one that the manifests do not hold."""
    ref = part(binding.body, "roleRef")
    kind, name = str(part(ref, "kind")), str(part(ref, "name"))
    return tenants.evidence.objects.get(Key(RBAC, kind, binding.key.namespace if kind == "Role" else "", name))


def plural(tenants: Tenants, key: Key) -> str:
    """The resource of a kind: as its definition names it, else as the API's own kinds are named."""
    for each in tenants.evidence.of_kind("CustomResourceDefinition", "apiextensions.k8s.io"):
        names = part(each.body, "spec", "names")
        if part(each.body, "spec", "group") == key.group and part(names, "kind") == key.kind:
            return str(part(names, "plural"))
    name = key.kind.lower()
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else f"{name}s"
