"""What is said of a dedicated tenant pod: every thing of its own, every thing that it shares, nothing else."""

from __future__ import annotations

from solutio_topology.checks.isolation.model import Statement
from solutio_topology.checks.isolation.statement import statements
from solutio_topology.checks.run import check_graph
from solutio_topology.findings import Finding, Verdict
from solutio_topology.spec.topology import Ignore
from tests.checks.world import ATTIC, DOORS, OWN_POOL, Edit, evidence, intent

_NODE = "topology.solutio.dev/pool=suite"

SUITE = {
    "services": (
        ["desk: Deployment attic/waiter", "intake: Deployment attic/bell", "vault: StatefulSet attic/cellar"],
        [
            "cf (cf), outside of the cluster",
            "sensors (sensors), outside of the cluster",
            "post (post), outside of the cluster",
            "gate (gate) in doors/porter",
        ],
    ),
    "namespaces": (["namespace attic: 3 workloads, 1 ConfigMap, 1 PersistentVolumeClaim, 1 Secret"], []),
    "nodes": (
        [
            f"{kind} selects nodes {_NODE} and tolerates {_NODE}:NoSchedule"
            for kind in ("Deployment attic/waiter", "StatefulSet attic/cellar", "Deployment attic/bell")
        ],
        [],
    ),
    "secrets": (["Secret pin of attic from suite-pin"], ["ClusterSecretStore safe is read for every tenant pod"]),
    "storage": (["StatefulSet attic/cellar keeps its data"], []),
    "hosts": (
        ["desk-suite.hotel.example.com by Ingress attic/menu-card", "LoadBalancer Service attic/bell: TCP 9700"],
        [],
    ),
    "connections": (["2 connections among its own pods"], ["porter of common to waiter of suite: TCP 8080"]),
    "accounts": (
        [
            "its pods run as bell, cellar, waiter",
            "Kustomization flux-system/attic is applied as ServiceAccount flux-system/attic-builder",
            "ServiceAccount flux-system/attic-builder has the rights of RoleBinding attic/keeper",
        ],
        [],
    ),
    "bounds": (
        [
            "namespace attic enforces the pod security level restricted",
            "ResourceQuota attic/share: at most cpu 8, requests.memory 8Gi",
            "LimitRange attic/share: a Container at most memory 1Gi",
        ],
        [],
    ),
}


def _suite(*edits: Edit, ignored: tuple[Ignore, ...] = ()) -> Statement:
    def accepting(finding: Finding) -> Ignore | None:
        return next((each for each in ignored if (each.rule, each.subject) == (finding.code, finding.subject)), None)

    wanted = intent(*edits, neighbour=True)
    found = statements(wanted, evidence(*edits, neighbour=True), ["suite"], accepting, check_graph(wanted))
    return next(iter(found))


def _said(statement: Statement) -> dict[str, tuple[list[str], list[str]]]:
    return {
        each.name: ([fact.statement for fact in each.own], [shared.fact.statement for shared in each.shared])
        for each in statement.aspects
    }


def _verdicts(statement: Statement) -> dict[str, Verdict]:
    return {each.name: each.verdict for each in statement.aspects}


SOUND = {
    "services": Verdict.PROVEN,
    "namespaces": Verdict.PROVEN,
    "nodes": Verdict.ASSUMED,
    "secrets": Verdict.ASSUMED,
    "storage": Verdict.PROVEN,
    "hosts": Verdict.PROVEN,
    "connections": Verdict.ASSUMED,
    "accounts": Verdict.ASSUMED,
    "bounds": Verdict.PROVEN,
}


def test_everything_is_said_and_nothing_else() -> None:
    statement = _suite()
    assert _said(statement) == SUITE
    assert _verdicts(statement) == SOUND
    assert (statement.pod, statement.tier, statement.orgs, statement.verdict) == (
        "suite",
        "vip",
        ("duke",),
        Verdict.ASSUMED,
    )


def test_every_fact_has_a_place() -> None:
    for aspect in _suite().aspects:
        for fact in (*aspect.own, *(shared.fact for shared in aspect.shared)):
            assert fact.location.file, fact
            assert fact.location.line, fact


PIN = Edit("key: suite-pin", "key: loft-pin", ATTIC)


def test_what_is_found_contradicts_its_aspect_and_no_other() -> None:
    statement = _suite(PIN)
    assert _verdicts(statement) == {**SOUND, "secrets": Verdict.REFUTED}
    assert [each.code for aspect in statement.aspects for each in aspect.findings] == ["T008"]
    assert _said(statement)["secrets"] == ([], ["ClusterSecretStore safe is read for every tenant pod"])


def test_what_the_tier_shares_is_said_and_contradicts_nothing() -> None:
    sharing = Edit("limits: {memory: 1Gi}}", "limits: {memory: 1Gi}, sharedSecrets: [pin]}", "")
    statement = _suite(PIN, sharing)
    assert _verdicts(statement)["secrets"] is Verdict.PROVEN
    assert "Secret pin of attic from loft-pin, as loft does" in _said(statement)["secrets"][1]


def test_what_is_acknowledged_is_said_with_its_reason() -> None:
    reason = "one pin for the whole house, until the locks are changed"
    ignored = Ignore(rule="T008", subject="ExternalSecret attic/pin", reason=reason)
    secrets = next(each for each in _suite(PIN, ignored=(ignored,)).aspects if each.name == "secrets")
    assert secrets.findings == ()
    assert [(each.finding.code, each.reason) for each in secrets.accepted] == [("T008", reason)]


def test_people_with_rights_are_said() -> None:
    subjects = "subjects: [{kind: ServiceAccount, name: attic-builder, namespace: flux-system}"
    statement = _suite(Edit(subjects, f"{subjects}, {{kind: Group, name: night-watch}}", "plan/doors/attic.yaml"))
    assert _verdicts(statement) == SOUND
    assert _said(statement)["accounts"][1] == ["Group night-watch has the rights of RoleBinding attic/keeper"]


def test_findings_over_the_graph_go_with_their_tenant_pods() -> None:
    statement = _suite(Edit("dedicates: [desk, vault, intake]", "dedicates: [desk, vault]", ""))
    services = next(each for each in statement.aspects if each.name == "services")
    assert [(each.code, each.subject) for each in services.findings] == [("T001", "edge intake-vault of suite")]


def test_a_service_without_workloads_is_not_known() -> None:
    statement = _suite(Edit("topology.solutio.dev/service: intake, ", "", ATTIC))
    services = next(each for each in statement.aspects if each.name == "services")
    assert services.verdict is Verdict.UNDECIDED
    assert [fact.statement for fact in services.undecided] == [
        "intake: no workload of suite says that it is this service"
    ]


def test_a_chart_that_nobody_knows_leaves_connections_open() -> None:
    statement = _suite(Edit("chart: metrics-server", "chart: mystery", DOORS))
    assert _verdicts(statement) == {**SOUND, "connections": Verdict.UNDECIDED}


def test_without_a_pool_nodes_are_shared_and_that_is_said() -> None:
    statement = _suite(Edit(OWN_POOL, "", ""))
    nodes = next(each for each in statement.aspects if each.name == "nodes")
    assert [(each.fact.statement, each.why) for each in nodes.shared] == [
        ("its pods run on nodes that others use, too", "tier vip has no pool")
    ]
