"""The real production environment with a second enterprise customer, damaged so that the two meet: it is told.

Nothing here asks the renderer what is right: it renders once, and the texts of the files are changed by hand.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from solutio_topology import catalog
from solutio_topology.checks.check import BothCheck
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.isolation_rules import CHECKS
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.spec.load import load_text
from solutio_topology.workflows.project import Project
from solutio_topology.workflows.render import Fresh, render_environment

ROOT = Path(__file__).parents[2]
SECOND = "  org-f: {tier: enterprise, orgs: [org-second]}\n"


@cache
def _project() -> Project:
    text = (ROOT / "topology.yaml").read_text()
    assert "\nenvironments:\n" in text
    text = text.replace("\nenvironments:\n", f"{SECOND}\nenvironments:\n")
    loaded = load_text(text.encode(), "topology.yaml", known_components=catalog.names())
    return Project(ROOT, loaded.topology, loaded.source)


@cache
def _fresh() -> Fresh:
    return render_environment(_project(), "prod")


_HASH = re.compile(r"(?<=-migrate)-[0-9a-f]{8}")
"""The end of a migration's name, which changes with what it runs."""
Changes = tuple[tuple[str, str, str], ...]


def _found(changes: Changes) -> set[tuple[str, str]]:
    """Rule and subject of every finding about isolation, once texts in rendered files are replaced."""
    files = {path: data for path, data in _fresh().files.items() if path.startswith("rendered/")}
    for name, old, new in changes:
        path = f"rendered/prod/{name}.yaml"
        text = files[path].decode()
        assert old in text, (path, old)
        files[path] = text.replace(old, new, 1).encode()
    facts = read_files({path: data for path, data in files.items() if path.endswith(".yaml")})
    evidence = Evidence(facts, solve(facts), frozenset(files), precise=False)
    intent = Intent(_fresh().graph, _project().source.locate)
    found = (each for check in CHECKS if isinstance(check, BothCheck) for each in check.find(intent, evidence))
    return {(each.code, _HASH.sub("", each.subject)) for each in found}


def test_two_enterprise_pods_beside_the_shared_one_are_apart() -> None:
    assert _found(()) == set()


API, PG, SECRETS = "org-e/apps/api", "org-e/data/pg", "org-e/data/secrets"
TENANT, ROLES, FLUX = "platform/controllers/tenant-org-e", "platform/controllers/roles", "flux/org-e"
TOLERATION = """      tolerations:
      - key: topology.solutio.dev/pool
        operator: Equal
        value: org-e
        effect: NoSchedule
"""
SELECTOR = "      nodeSelector:\n        topology.solutio.dev/pool: org-e\n"
APPS = "      nodeSelector:\n        topology.solutio.dev/pool: apps\n"
EMPTY = "      - name: tmp\n        emptyDir:\n          sizeLimit: 1Gi\n"
FOLDER = "      - name: tmp\n        hostPath: {path: /srv}\n"
EXPORT = "      - name: tmp\n        nfs: {server: files.example.net, path: /all}\n"
CLUSTER_WIDE = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: KIND
metadata: {name: extraSPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ROLE}
subjects: [{kind: ServiceAccount, name: ACCOUNT, namespace: flux-system}]
"""
AGENT = """---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: cert-manager, labels: {topology.solutio.dev/pod: platform}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "agent:1"}], tolerations: [{operator: Exists}]}
"""
TO_DATABASE = """    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: solutio-org-e
      podSelector:
        matchLabels:
          cnpg.io/cluster: pg
"""
FROM_API = """    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: solutio-org-f
      podSelector:
        matchLabels:
          topology.solutio.dev/service: api
"""
E, F = "solutio-org-e", "solutio-org-f"
API_E = f"Deployment {E}/api"


def _bound(kind: str, account: str, *, space: str = "", role: str = "solutio-tenant") -> Changes:
    """Another binding, in the file of the roles."""
    text = CLUSTER_WIDE.replace("KIND", kind).replace("SPACE", f", namespace: {space}" if space else "")
    text = text.replace("ROLE", role).replace("ACCOUNT", account)
    return ((ROLES, "apiVersion: rbac", f"{text}---\napiVersion: rbac".removeprefix("---\n")),)


DAMAGE: dict[str, tuple[Changes, set[tuple[str, str]]]] = {
    "a workload moves into the other's namespace": (
        (("org-f/apps/voice", f"name: voice\n  namespace: {F}\n", f"name: voice\n  namespace: {E}\n"),),
        {("T006", f"Namespace {E}"), ("T021", "Kustomization flux-system/org-f-apps")},
    ),
    "the other's entry of the store": (
        ((SECRETS, "key: solutio/prod/org-e/api-database", "key: solutio/prod/org-f/api-database"),),
        {("T008", f"ExternalSecret {E}/api-database"), ("T008", f"ExternalSecret {F}/api-database")},
    ),
    "the shared pod's entry of the store": (
        ((SECRETS, "key: solutio/prod/org-e/redis-auth", "key: solutio/prod/default/redis-auth"),),
        {("T008", f"ExternalSecret {E}/redis-auth")},
    ),
    "one file server for both": (
        tuple((f"{pod}/apps/api", EMPTY, EXPORT) for pod in ("org-e", "org-f")),
        {("T009", API_E), ("T009", f"Deployment {F}/api")},
    ),
    "backups in the other's place": (
        (("org-f/data/pg", "s3://solutio-backups/prod/org-f/", "s3://solutio-backups/prod/org-e/second/"),),
        {("T010", f"ObjectStore {E}/pg"), ("T010", f"ObjectStore {F}/pg")},
    ),
    "backups around the other's": (
        ((PG, "s3://solutio-backups/prod/org-e/", "s3://solutio-backups/prod/"),),
        {("T010", f"ObjectStore {E}/pg"), ("T010", f"ObjectStore {F}/pg")},
    ),
    "DATABASE_URL of the other": (
        ((API, f"@pg-rw.{E}.svc:5432", f"@pg-rw.{F}.svc:5432"),),
        {("T011", API_E)},
    ),
    "the shared pod's DATABASE_URL": (
        (("default/apps/api", "@pg-rw.solutio-default.svc:5432", f"@pg-rw.{E}.svc:5432"),),
        {("T011", "Deployment solutio-default/api")},
    ),
    "a database outside for both": (
        tuple(
            (f"{pod}/apps/api", f"@pg-rw.solutio-{pod}.svc:5432", "@db.example.net:5432") for pod in ("org-e", "org-f")
        ),
        {("T012", API_E), ("T012", f"Deployment {F}/api")},
    ),
    "the other's host": (
        (("org-f/apps/api", "- host: api-org-f.solutio.app", "- host: api-org-e.solutio.app"),),
        {("T013", "host api-org-e.solutio.app")},
    ),
    "no toleration": (((API, TOLERATION, ""),), {("T014", API_E)}),
    "no node selector": (((API, SELECTOR, ""),), {("T014", API_E)}),
    "the shared nodes": (((API, SELECTOR, APPS),), {("T014", API_E)}),
    "a database on the shared nodes": (
        ((PG, "      topology.solutio.dev/pool: org-e\n", "      topology.solutio.dev/pool: data\n"),),
        {("T014", f"Cluster {E}/pg")},
    ),
    "a stranger that tolerates the taint": (
        (("default/apps/front", APPS, TOLERATION),),
        {("T015", "Deployment solutio-default/front")},
    ),
    "a stranger that selects the nodes": (
        (("default/apps/front", APPS, SELECTOR),),
        {("T015", "Deployment solutio-default/front")},
    ),
    "an agent on every node": (
        ((ROLES, "apiVersion: rbac", f"{AGENT}---\napiVersion: rbac".removeprefix("---\n")),),
        {("T015", "DaemonSet cert-manager/agent")},
    ),
    "a folder of the node": (((API, EMPTY, FOLDER),), {("T016", API_E)}),
    "a policy between the two": (
        (
            ("org-f/apps/api", TO_DATABASE.replace(E, F), f"{TO_DATABASE}{TO_DATABASE.replace(E, F)}"),
            (PG, FROM_API.replace(F, E), f"{FROM_API}{FROM_API.replace(F, E)}"),
        ),
        {
            ("T017", f"{F}/api[Deployment] -> {E}/pg[Cluster]"),
            ("T017", f"{F}/api-worker[Deployment] -> {E}/pg[Cluster]"),
            ("T017", f"{F}/api-migrate[Job] -> {E}/pg[Cluster]"),
        },
    ),
    "half a policy opens nothing": (
        (("org-f/apps/api", TO_DATABASE.replace(E, F), f"{TO_DATABASE}{TO_DATABASE.replace(E, F)}"),),
        set(),
    ),
    "the other's account in the namespace": (
        _bound("RoleBinding", "flux-org-f", space=E),
        {("T018", f"RoleBinding {E}/extra")},
    ),
    "the shared pod's account in the namespace": (
        _bound("RoleBinding", "flux-default", space=E),
        {("T018", f"RoleBinding {E}/extra")},
    ),
    "the account of Flux in the whole cluster": (
        _bound("ClusterRoleBinding", "flux-org-e"),
        {("T019", "ClusterRoleBinding extra")},
    ),
    "one account of Flux for both": (
        ((FLUX, "serviceAccountName: flux-org-e", "serviceAccountName: flux-org-f"),),
        {
            ("T020", "Kustomization flux-system/org-e-data"),
            *{("T020", f"Kustomization flux-system/org-f-{stage}") for stage in ("data", "migrate", "apps")},
            ("T021", "Kustomization flux-system/org-e-data"),
        },
    ),
    "the controller's own account": (
        ((FLUX, "serviceAccountName: flux-org-e", "serviceAccountName: kustomize-controller"),),
        {("T020", "Kustomization flux-system/org-e-data")},
    ),
    "a kind that Flux may not apply": (
        ((ROLES, "  - clusters\n", ""),),
        {("T021", f"Kustomization flux-system/{pod}-data") for pod in ("org-e", "org-f")},
    ),
    "rights that lift the bounds": (
        ((ROLES, "  - configmaps\n", "  - configmaps\n  - limitranges\n"),),
        {("T022", f"RoleBinding solutio-{pod}/flux") for pod in ("org-e", "org-f")},
    ),
    "rights over everything": (
        _bound("RoleBinding", "flux-org-e", space=E, role="cluster-admin"),
        {("T022", f"RoleBinding {E}/extra")},
    ),
    "a wider quota": (((TENANT, 'requests.cpu: "8"', 'requests.cpu: "80"'),), {("T023", f"ResourceQuota {E}/tenant")}),
    "no quota": (((TENANT, "kind: ResourceQuota", "kind: ConfigMap"),), {("T023", f"Namespace {E}")}),
    "a wider limit": (((TENANT, "    max:\n      memory: 4Gi\n", ""),), {("T024", f"Namespace {E}")}),
    "a container beyond the limit": (
        ((API, "          limits:\n            memory: 1Gi", "          limits:\n            memory: 5Gi"),),
        {("T024", API_E)},
    ),
    "a database beyond the limit": (
        ((PG, "    limits:\n      memory: 4Gi", "    limits:\n      memory: 6Gi"),),
        {("T024", f"Cluster {E}/pg")},
    ),
    "weaker pod security": (
        ((TENANT, "enforce: restricted", "enforce: privileged"),),
        {("T025", f"Namespace {E}")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_what_two_tenant_pods_share_is_named(name: str) -> None:
    changes, wanted = DAMAGE[name]
    assert _found(changes) == wanted
