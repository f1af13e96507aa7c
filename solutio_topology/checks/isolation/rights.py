"""Rights in the cluster's API: which accounts of tenant pods are bound where, and to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.checks.isolation.breach import Breach
from solutio_topology.checks.isolation.flux_accounts import RBAC as GROUP
from solutio_topology.checks.isolation.flux_accounts import account_owners, role
from solutio_topology.checks.isolation.tenants import NOBODY, Tenants
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.identity import PLATFORM
from solutio_topology.manifests.facts import Key

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object

EVERYONE = "*"
"""The owner of a group that holds the accounts of every tenant pod."""
_EVERYONE = frozenset({"system:serviceaccounts", "system:authenticated", "system:unauthenticated"})
_HARMLESS = frozenset({"system:basic-user", "system:discovery", "system:public-info-viewer"})
_WRITING = frozenset(
    {"*", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate"}
)
_GUARDS = {
    "": frozenset({"namespaces", "resourcequotas", "limitranges", "nodes", "*"}),
    GROUP: frozenset({"roles", "rolebindings", "clusterroles", "clusterrolebindings", "*"}),
    "*": frozenset({"*"}),
}
"""What holds a tenant pod in its bounds: who may write it can lift them."""
_BUILT_IN = {
    "cluster-admin": "everything",
    "admin": "roles and role bindings of the namespace",
}


class Grant(Struct, frozen=True):
    """A binding of an account (or a group of them) to a role; `owner`: whose account it is."""

    owner: str
    subject: str
    binding: Object
    index: int


def grants(tenants: Tenants) -> tuple[Grant, ...]:
    """Every subject of every binding that is an account, or a group of accounts."""
    return tenants.once("grants", lambda: tuple(_grants(tenants)))


def _grants(tenants: Tenants) -> Iterator[Grant]:
    known = account_owners(tenants)
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in tenants.evidence.of_kind(kind, GROUP):
            for index, subject in maps(part(binding.body, "subjects")):
                owner = _owner(tenants, known, binding, subject)
                if owner is not None:
                    yield Grant(owner, _shown(binding, subject), binding, index)


def people(tenants: Tenants) -> Iterator[tuple[str, Object]]:
    """Every user and group of users that a binding names, with the binding."""
    known = account_owners(tenants)
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in tenants.evidence.of_kind(kind, GROUP):
            for _, subject in maps(part(binding.body, "subjects")):
                if _owner(tenants, known, binding, subject) is None:
                    yield _shown(binding, subject), binding


def _owner(tenants: Tenants, known: dict[tuple[str, str], str], binding: Object, subject: dict[str, Any]) -> str | None:
    """Whose account a subject is; None for people and groups of people."""
    kind, name = subject.get("kind"), str(subject.get("name"))
    if kind == "ServiceAccount":
        space = str(subject.get("namespace") or binding.key.namespace)
        account = tenants.evidence.objects.get(Key("", "ServiceAccount", space, name))
        return known.get((space, name)) or (tenants.of(account) if account else tenants.of_namespace(space))
    if kind == "User" and name.startswith("system:serviceaccount:"):
        _, _, space, account_name = (*name.split(":"), "", "")[:4]
        return known.get((space, account_name)) or tenants.of_namespace(space)
    if kind == "Group" and name in _EVERYONE:
        return EVERYONE
    if kind == "Group" and name.startswith("system:serviceaccounts:"):
        return tenants.of_namespace(name.rpartition(":")[2])
    return None


def _shown(binding: Object, subject: dict[str, Any]) -> str:
    space = str(subject.get("namespace") or binding.key.namespace)
    name = str(subject.get("name"))
    return (
        f"ServiceAccount {space}/{name}" if subject.get("kind") == "ServiceAccount" else f"{subject.get('kind')} {name}"
    )


def crossing_rights(tenants: Tenants) -> Iterator[Breach]:
    """Rights in a namespace that is not the account's own, of a dedicated tenant pod or in one of it."""
    for grant in grants(tenants):
        space = grant.binding.key.namespace
        theirs = tenants.of_namespaces.get(space, frozenset())
        for pod in sorted({grant.owner, *theirs} & tenants.dedicated.keys()) if space else ():
            inside, own = pod in theirs, grant.owner == pod
            if inside == own or (inside and grant.owner in (NOBODY, PLATFORM)):
                continue
            whose = f"namespace {space} of {pod}" if inside else f"namespace {space}, which is not its own"
            owner = "every tenant pod" if grant.owner == EVERYONE else grant.owner
            yield _breach(tenants, pod, grant, f"{grant.subject} of {owner} has rights in {whose}")


def _breach(tenants: Tenants, pod: str, grant: Grant, message: str) -> Breach:
    role = f"{part(grant.binding.body, 'roleRef', 'kind')} {part(grant.binding.body, 'roleRef', 'name')}"
    where = tenants.evidence.where(grant.binding.place.at("subjects", grant.index))
    return Breach(pod, f"{message}: {grant.binding.key} binds it to {role}", where, str(grant.binding.key))


def cluster_rights(tenants: Tenants) -> Iterator[Breach]:
    """Accounts of dedicated tenant pods with rights in every namespace."""
    for grant in grants(tenants):
        if grant.binding.key.kind != "ClusterRoleBinding" or _is_harmless(grant.binding):
            continue
        for pod in tenants.dedicated if grant.owner == EVERYONE else {grant.owner} & tenants.dedicated.keys():
            whose = "every tenant pod" if grant.owner == EVERYONE else pod
            yield _breach(tenants, pod, grant, f"{grant.subject} of {whose} has rights in the whole cluster")


def _is_harmless(binding: Object) -> bool:
    return part(binding.body, "roleRef", "name") in _HARMLESS


def lifting_rights(tenants: Tenants) -> Iterator[Breach]:
    """Accounts of dedicated tenant pods that may write what holds them in their bounds."""
    for grant in grants(tenants):
        if grant.owner in tenants.dedicated and (what := lifted_by(tenants, grant.binding)):
            yield _breach(tenants, grant.owner, grant, f"{grant.subject} of {grant.owner} may write {what}")


def lifted_by(tenants: Tenants, binding: Object) -> str:
    """What of the bounds of a tenant pod the role of a binding may write; empty for nothing."""
    name = str(part(binding.body, "roleRef", "name"))
    found = role(tenants, binding)
    if found is None:
        return _BUILT_IN.get(name, "")
    for _, rule in maps(part(found.body, "rules")):
        groups, kinds, verbs = (set(texts(rule.get(field))) for field in ("apiGroups", "resources", "verbs"))
        if not verbs & _WRITING:
            continue
        for group, guards in _GUARDS.items():
            speaks = group in groups or (group != "*" and "*" in groups)
            if speaks and (met := sorted(kinds & guards)):
                return ", ".join("everything" if each == "*" else each for each in met)
    return ""
