"""``T``: what dedicated tenant pods share although nothing declares it, read from the manifests.

What a tier declares as shared (``shares``, ``isolation.sharedSecrets``), what belongs to the platform, and what the
topology acknowledges is no fault; `isolation.statement` names all of it for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.checks.check import BothCheck, Check, GraphCheck
from solutio_topology.checks.isolation import (
    addresses,
    connections,
    entries,
    flux_accounts,
    guards,
    nodes,
    objects,
    rights,
    storage,
)
from solutio_topology.checks.isolation.tenants import tenants
from solutio_topology.findings import Finding, Related, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.checks.isolation.breach import Breach
    from solutio_topology.checks.isolation.tenants import Tenants

NAMESPACE = Rule(
    code="T006",
    name="namespace-shared-by-tenants",
    severity=Severity.ERROR,
    summary="A namespace in which things of a dedicated tenant pod and of another owner stand.",
    rationale="Quotas, pod security, accounts and Secrets hold per namespace: what lives in one shares them all.",
    example="a Deployment of org-f in the namespace of org-e",
    remedy="give each tenant pod a namespace of its own",
)
OBJECT = Rule(
    code="T007",
    name="object-shared-by-tenants",
    severity=Severity.ERROR,
    summary="A Secret, ConfigMap, claim or service account that workloads of two tenant pods use.",
    rationale="One customer's credentials or files are in another's containers.",
    example="a workload of default that mounts a Secret of org-e",
    remedy="give each tenant pod its own",
)
ENTRY = Rule(
    code="T008",
    name="store-entry-shared-by-tenants",
    severity=Severity.ERROR,
    summary="An entry of the secret store that is read for a dedicated tenant pod and for another.",
    rationale="Both hold the same credential: what one leaks opens the other, and neither can be changed alone.",
    example="an ExternalSecret of org-e with remoteRef.key solutio/prod/default/api-database",
    remedy="read an entry of its own, or let the tier say that it shares it: isolation.sharedSecrets",
)
VOLUME = Rule(
    code="T009",
    name="volume-shared-by-tenants",
    severity=Severity.ERROR,
    summary="A volume that holds data of two tenant pods.",
    rationale="Whoever may write on it reads and changes the other's files.",
    example="two claims with the same volumeName",
    remedy="give each tenant pod a volume of its own",
)
BACKUP = Rule(
    code="T010",
    name="backup-place-shared-by-tenants",
    severity=Severity.ERROR,
    summary="Two tenant pods whose databases are backed up to one place, or one within the other's.",
    rationale="A restore may bring back another customer's data, and what cleans one up deletes the other's.",
    example="destinationPath s3://backups/prod/ beside s3://backups/prod/org-e/",
    remedy="give each tenant pod a prefix of its own",
)
ADDRESS = Rule(
    code="T011",
    name="address-of-another-tenant",
    severity=Severity.ERROR,
    summary="A workload is told the address of another tenant pod's Service.",
    rationale="It would read and write another customer's data as soon as a policy lets it through.",
    example="DATABASE_URL of default's api naming pg-rw.solutio-org-e.svc",
    remedy="name the tenant pod's own Service, or let the tier share the other: shares",
)
OUTSIDE = Rule(
    code="T012",
    name="outside-host-shared-by-tenants",
    severity=Severity.ERROR,
    summary="Two tenant pods are told one host outside that nothing declares as shared.",
    rationale="A database or queue outside of the cluster that serves both holds the data of both.",
    example="DATABASE_URL of org-e and of org-f naming db.example.net",
    remedy="give each its own, or declare the service and let the tier share it: shares",
)
HOST = Rule(
    code="T013",
    name="host-shared-by-tenants",
    severity=Severity.ERROR,
    summary="A public host that leads to two tenant pods, or from one's objects into another's pods.",
    rationale="Requests of one customer, with their cookies and tokens, arrive at another's.",
    example="an Ingress of default for a path of api-org-e.solutio.app",
    remedy="serve each host from one tenant pod",
)
UNBOUND = Rule(
    code="T014",
    name="tenant-leaves-its-nodes",
    severity=Severity.ERROR,
    summary="A workload of a tenant pod with nodes of its own that may not be placed there, or elsewhere, too.",
    rationale="It runs beside other customers' pods, on one kernel, or stays Pending.",
    example="a Deployment of org-e without the nodeSelector or the toleration that the others have",
    remedy="give it the node selector and the toleration of its tenant pod",
)
STRANGER = Rule(
    code="T015",
    name="stranger-on-tenant-nodes",
    severity=Severity.ERROR,
    summary="Pods of others may be placed on the nodes of a dedicated tenant pod.",
    rationale="They share its kernel, its disks and its network card: the isolation that is paid for is gone.",
    example="a DaemonSet with tolerations: [{operator: Exists}]",
    remedy="take the toleration away or select other nodes; acknowledge it where it must run on every node",
)
NODE = Rule(
    code="T016",
    name="tenant-opens-its-node",
    severity=Severity.ERROR,
    summary="A workload of a dedicated tenant pod uses folders, processes or memory of its node.",
    rationale="They belong to whatever runs on the node, survive the pod, and lead around every other bound.",
    example="volumes: [{hostPath: {path: /var/lib/shared}}]",
    remedy="use a claim, or an empty folder",
)
CONNECTION = Rule(
    code="T017",
    name="tenants-connected",
    severity=Severity.ERROR,
    summary="Pods of two tenant pods can open a connection, and the tier shares neither end.",
    rationale="No edge excuses it: a dedicated tenant pod is reached by itself and by what its tier shares.",
    example="a policy of org-e that admits the namespace of org-f",
    remedy="close it: remove the policy rule that is named, or let the tier share the service (shares)",
)
RIGHTS = Rule(
    code="T018",
    name="rights-cross-tenants",
    severity=Severity.ERROR,
    summary="An account has rights in the namespace of a dedicated tenant pod that is not its own, or beyond it.",
    rationale="Who holds the account reads the other's Secrets and changes its workloads.",
    example="a RoleBinding in solutio-org-e for a ServiceAccount of default",
    remedy="bind each account in its own namespaces only",
)
CLUSTER_RIGHTS = Rule(
    code="T019",
    name="tenant-rights-cluster-wide",
    severity=Severity.ERROR,
    summary="An account of a dedicated tenant pod has rights in the whole cluster.",
    rationale="It reaches every other customer's namespace.",
    example="a ClusterRoleBinding for flux-org-e",
    remedy="use a RoleBinding in its namespaces",
)
FLUX = Rule(
    code="T020",
    name="flux-account-shared-by-tenants",
    severity=Severity.ERROR,
    summary="Flux applies a dedicated tenant pod with rights that are not its alone.",
    rationale="A manifest of one customer could then write into another's namespace, or anywhere.",
    example="two tenant pods' Kustomizations with one serviceAccountName",
    remedy="give each tenant pod an account of its own, bound in its namespaces only",
)
WEAK = Rule(
    code="T021",
    name="flux-account-too-weak",
    severity=Severity.ERROR,
    summary="Flux's account of a tenant pod may not apply what the tenant pod consists of.",
    rationale="The Kustomization fails with forbidden, and everything that waits for it stands still.",
    example="a CronJob in a tenant pod whose account may not write cronjobs",
    remedy="grant the kind in a Role of that namespace, and bind it to the account",
)
LIFTING = Rule(
    code="T022",
    name="tenant-lifts-its-bounds",
    severity=Severity.ERROR,
    summary="An account of a dedicated tenant pod may write roles, quotas, limits or namespaces.",
    rationale="What holds it in its bounds is then its own to change.",
    example="flux-org-e bound to the built-in role admin",
    remedy="bind a role with the kinds that it must write, and no others",
)
QUOTA = Rule(
    code="T023",
    name="quota-wider-than-stated",
    severity=Severity.ERROR,
    summary="A namespace of a tenant pod may use more than its tier states.",
    rationale="One customer takes what others are promised, and the bill says nothing of it.",
    example='quota: {cpu: "8", …} and no ResourceQuota in the namespace',
    remedy="add the ResourceQuota, or correct the tier's quota",
)
LIMIT = Rule(
    code="T024",
    name="limit-wider-than-stated",
    severity=Severity.ERROR,
    summary="A container of a tenant pod may use more than its tier states, or asks for more than is allowed.",
    rationale="One container starves the rest of the node; one that asks for more than is allowed never starts.",
    example="isolation: {limits: {memory: 4Gi}} and no LimitRange with that maximum",
    remedy="add the LimitRange, or correct the tier's isolation.limits",
)
SECURITY = Rule(
    code="T025",
    name="pod-security-weaker-than-stated",
    severity=Severity.ERROR,
    summary="A namespace of a tenant pod enforces less pod security than its tier states.",
    rationale="Privileged pods are admitted where the customer was told that none are.",
    example="isolation: {podSecurity: restricted} and a namespace that enforces privileged",
    remedy="raise the level, share the service that needs less, or state what is true",
)
UNREAD = Rule(
    code="T026",
    name="shared-secret-unread",
    severity=Severity.WARNING,
    summary="A tier shares a Secret that none of its tenant pods reads from another's entry.",
    rationale="The statement is stale: the next who uses the name shares without having decided it.",
    example="sharedSecrets: [registry-old]",
    remedy="remove it, or correct the name",
)
CHART = Rule(
    code="T027",
    name="chart-dedicated",
    severity=Severity.ERROR,
    summary="A tier dedicates a service of which the cluster has one for everybody.",
    rationale="A chart is installed once: no tenant pod gets one of its own, and the shared one would count as its.",
    example="dedicates: [api, pg, ing] where ing is ingress-nginx",
    remedy="take it out of dedicates and name it in shares: it serves each tenant pod by its host",
)


class Isolating(Struct, frozen=True):
    """A rule, the function that finds its breaches, and the aspect of isolation that it belongs to."""

    rule: Rule
    find: Callable[[Tenants], Iterable[Breach]]
    aspect: str


RULES = (
    Isolating(NAMESPACE, objects.shared_namespaces, "namespaces"),
    Isolating(OBJECT, objects.shared_objects, "namespaces"),
    Isolating(ENTRY, entries.shared_entries, "secrets"),
    Isolating(VOLUME, storage.shared_volumes, "storage"),
    Isolating(BACKUP, storage.shared_backups, "storage"),
    Isolating(ADDRESS, addresses.foreign_addresses, "connections"),
    Isolating(OUTSIDE, addresses.shared_outside, "connections"),
    Isolating(HOST, addresses.shared_hosts, "hosts"),
    Isolating(UNBOUND, nodes.unbound, "nodes"),
    Isolating(STRANGER, nodes.strangers, "nodes"),
    Isolating(NODE, storage.opened_nodes, "nodes"),
    Isolating(CONNECTION, connections.crossings, "connections"),
    Isolating(RIGHTS, rights.crossing_rights, "accounts"),
    Isolating(CLUSTER_RIGHTS, rights.cluster_rights, "accounts"),
    Isolating(FLUX, flux_accounts.shared_accounts, "accounts"),
    Isolating(WEAK, flux_accounts.weak_accounts, "accounts"),
    Isolating(LIFTING, rights.lifting_rights, "accounts"),
    Isolating(QUOTA, guards.lacking_quotas, "bounds"),
    Isolating(LIMIT, guards.lacking_limits, "bounds"),
    Isolating(SECURITY, guards.weak_security, "bounds"),
    Isolating(UNREAD, entries.unread_shares, "secrets"),
)


def finding(rule: Rule, breach: Breach) -> Finding:
    """A breach as a finding."""
    related = tuple(Related(fact.location, fact.statement) for fact in breach.related)
    where = breach.where.location
    return rule.finding(breach.message, where, subject=breach.subject, remedy=breach.remedy, related=related)


def _find(isolating: Isolating, intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for breach in isolating.find(tenants(intent, evidence)):
        yield finding(isolating.rule, breach)


def _charts(intent: Intent) -> Iterator[Finding]:
    """What tiers dedicate and the platform installs once."""
    told = set()
    for pod in intent.graph.pods:
        for key in pod.tier.dedicates if pod.dedicated else ():
            node = pod.nodes[key]
            if node.component.kind == "chart" and (pod.tier_name, key) not in told:
                told.add((pod.tier_name, key))
                where = intent.locate(f"tiers.{pod.tier_name}.dedicates.{pod.tier.dedicates.index(key)}")
                message = (
                    f"tier {pod.tier_name} dedicates {key}, which is the chart {node.component_name}: one release "
                    "serves the whole cluster"
                )
                yield CHART.finding(message, where, subject=f"service {key} of tier {pod.tier_name}")


CHECKS: tuple[Check, ...] = (
    GraphCheck(CHART, _charts),
    *(BothCheck(each.rule, partial(_find, each)) for each in RULES),
)
