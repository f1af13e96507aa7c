"""``R``, ``X``: what accounts may do: too little to apply what they are to apply, or more than anybody should."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.checks import flux
from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import maps, part, texts
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object

MISSING = Rule(
    code="R036",
    name="rights-missing",
    severity=Severity.ERROR,
    summary="The ServiceAccount of a Kustomization may not do what applying its folder takes.",
    rationale="The API server refuses the first such object, and Flux applies nothing of the folder.",
    example="a Role without `patch` on deployments for the account that applies Deployments",
    remedy="add the verb and the resource to the Role, and bind it to the account in that namespace",
)
WIDE = Rule(
    code="X011",
    name="rights-too-wide",
    severity=Severity.WARNING,
    summary="A role or binding that hands out the cluster: wildcards, escalation, everybody as its subject.",
    rationale="Whoever holds it can give themselves everything, or read every Secret.",
    example='verbs: ["*"], or a subject system:authenticated',
    remedy="name the groups, resources and verbs that are needed, and the one account that needs them",
)

_RBAC = "rbac.authorization.k8s.io"
_ESCALATING = frozenset({"*", "escalate", "bind", "impersonate"})
_POWERFUL = frozenset({"*", "pods/exec", "pods/attach", "pods/ephemeralcontainers", "serviceaccounts/token"})
_EVERYBODY = frozenset({"system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:masters"})
_UNKNOWN = frozenset({"admin", "edit"})
"""Roles that Kubernetes brings and that custom kinds may add to: what they hold is not known here."""


_Grant = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Groups, resources and verbs."""


class _Rights(Struct, frozen=True):
    """What an account may do in one namespace (or, without one, in the cluster)."""

    rules: tuple[_Grant, ...]
    unknown: bool

    def lacking(self, group: str, resource: str, verbs: tuple[str, ...]) -> list[str]:
        """The verbs that no rule grants on a resource."""
        if self.unknown:
            return []
        granted: set[str] = set()
        for groups, resources, own in self.rules:
            if {group, "*"} & groups and {resource, "*"} & resources:
                granted |= own
        return [] if "*" in granted else [verb for verb in verbs if verb not in granted]


def _missing(evidence: Evidence) -> Iterator[Finding]:
    told = set()
    for each in evidence.facts.objects:
        own = flux.applier(evidence, each)
        account = str(part(own.body, "spec", "serviceAccountName") or "") if own else ""
        if own is None or not account or account in flux.OWN_ACCOUNTS:
            continue
        rights = _rights(evidence, (own.key.namespace, account), each.key.namespace)
        for group, resource in _touched(own, each):
            verbs = ("get", "list", "watch") if resource in _WATCHED else _verbs(own)
            lacking = rights.lacking(group, resource, verbs)
            place = (account, each.key.namespace, group, resource)
            if lacking and place not in told:
                told.add(place)
                where = f"in namespace {each.key.namespace}" if each.key.namespace else "in the cluster"
                yield MISSING.finding(
                    f"{own.key} runs as {account}, which may not {', '.join(lacking)} {resource} {where}",
                    evidence.locate(own.place.at("spec", "serviceAccountName")),
                    subject=str(own.key),
                )


_WATCHED = frozenset({"pods", "replicasets"})
_MAKES_PODS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "Job"})


def _touched(applier: Object, source: Object) -> Iterator[tuple[str, str]]:
    """The resources that applying an object touches: itself, and what its health is read from."""
    yield source.key.group, plural(source.key.kind)
    if flux.is_waited_for(applier) and source.key.kind in _MAKES_PODS:
        yield "", "pods"
        if source.key.kind == "Deployment":
            yield "apps", "replicasets"


def _verbs(applier: Object) -> tuple[str, ...]:
    """Server-side apply patches, or creates; pruning deletes; waiting lists and watches."""
    found = ["get", "create", "patch"]
    found += ["delete"] if part(applier.body, "spec", "prune") else []
    return (*found, "list", "watch") if flux.is_waited_for(applier) else tuple(found)


def plural(kind: str) -> str:
    """The resource of a kind, as Kubernetes and its operators form it."""
    name = kind.lower()
    if name.endswith(("s", "x", "ch", "sh")):
        return name if name == "endpoints" else f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"


def _rights(evidence: Evidence, account: tuple[str, str], namespace: str) -> _Rights:
    known = evidence.memo.setdefault("rights", {})
    if (account, namespace) not in known:
        known[account, namespace] = _collect(evidence, account, namespace)
    found: _Rights = known[account, namespace]
    return found


def _collect(evidence: Evidence, account: tuple[str, str], namespace: str) -> _Rights:
    rules: list[_Grant] = []
    unknown = False
    own = evidence.of_kind_in(namespace, "RoleBinding", _RBAC)
    for binding in (*own, *evidence.of_kind("ClusterRoleBinding", _RBAC)):
        if account in _accounts(binding):
            name = str(part(binding.body, "roleRef", "name"))
            unknown |= name in _UNKNOWN
            rules += [_ALL] if name == "cluster-admin" else _rules(evidence, binding, name)
    return _Rights(tuple(rules), unknown)


_ALL = (frozenset({"*"}), frozenset({"*"}), frozenset({"*"}))


def _bindings(evidence: Evidence) -> tuple[Object, ...]:
    return (*evidence.of_kind("RoleBinding", _RBAC), *evidence.of_kind("ClusterRoleBinding", _RBAC))


def _accounts(binding: Object) -> set[tuple[str, str]]:
    return {
        (str(subject.get("namespace") or binding.key.namespace), str(subject.get("name")))
        for _, subject in maps(part(binding.body, "subjects"))
        if subject.get("kind") == "ServiceAccount"
    }


def _rules(evidence: Evidence, binding: Object, name: str) -> list[_Grant]:
    kind = str(part(binding.body, "roleRef", "kind"))
    space = binding.key.namespace if kind == "Role" else ""
    return [
        (_set(rule, "apiGroups"), _set(rule, "resources"), _set(rule, "verbs"))
        for role in evidence.of_kind_in(space, kind, _RBAC)
        if role.key.name == name
        for _, rule in maps(role.body.get("rules"))
        if not rule.get("resourceNames")
    ]


def _set(rule: dict[str, Any], key: str) -> frozenset[str]:
    return _kept(tuple(texts(rule.get(key))))


@lru_cache(maxsize=4096)
def _kept(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words)


def _wide(evidence: Evidence) -> Iterator[Finding]:
    for role in (*evidence.of_kind("Role", _RBAC), *evidence.of_kind("ClusterRole", _RBAC)):
        for index, rule in maps(role.body.get("rules")):
            if fault := _role_fault(rule):
                where = evidence.locate(role.place.at("rules", index))
                yield WIDE.finding(f"{role.key} grants {fault}", where, subject=str(role.key))
    for binding in _bindings(evidence):
        yield from _wide_binding(evidence, binding)


def _role_fault(rule: dict[str, Any]) -> str:
    verbs, resources, groups = (_set(rule, key) for key in ("verbs", "resources", "apiGroups"))
    if found := sorted(verbs & _ESCALATING):
        return "every verb" if "*" in found else f"the verb {found[0]}"
    if found := sorted(resources & _POWERFUL):
        return "every resource" if "*" in found else found[0]
    return "every API group" if "*" in groups else ""


def _wide_binding(evidence: Evidence, binding: Object) -> Iterator[Finding]:
    if binding.key.kind == "RoleBinding" and part(binding.body, "roleRef", "name") == "cluster-admin":
        where = evidence.locate(binding.place.at("roleRef"))
        yield WIDE.finding(f"{binding.key} grants everything in its namespace", where, subject=str(binding.key))
    for index, subject in maps(part(binding.body, "subjects")):
        name = str(subject.get("name"))
        if subject.get("kind") == "Group" and (name in _EVERYBODY or name.startswith("system:serviceaccounts:")):
            where = evidence.locate(binding.place.at("subjects", index))
            message = f"{binding.key} grants {part(binding.body, 'roleRef', 'name')} to {name}"
            yield WIDE.finding(message, where, subject=str(binding.key))


CHECKS = (ManifestCheck(MISSING, _missing), ManifestCheck(WIDE, _wide))
