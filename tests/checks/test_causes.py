"""What a broken hop says: the nearest cause, where it stands, and the other side of the disagreement."""

from __future__ import annotations

import pytest

from solutio_topology.checks.run import check_all
from solutio_topology.findings import Verdict
from tests.checks.world import DOORS, KITCHEN, Edit, evidence, intent, judge

VAULT = '        - {name: VAULT_ADDR, value: "tcp://cellar.kitchen:7000"}\n'
CELLAR = "  clusterIP: None\n  selector: {role: cellar}\n  ports: [{name: box, port: 7000, targetPort: box}]\n"
NAMED = "VAULT_ADDR names cellar.kitchen:7000"
DESK_VAULT, GATE_DESK = "common: desk -> vault", "common: gate -> desk"


def _cause(name: str, *edits: Edit) -> tuple[str, list[str]]:
    """The message of what breaks a hop, and what is told beside it."""
    proof = next(each for each in judge(*edits).edges if each.name == name)
    assert proof.verdict is Verdict.REFUTED
    assert proof.cause is not None
    assert proof.cause.location.line
    assert all(fact.location.line for fact in proof.cause.related)
    return proof.cause.message, [fact.statement for fact in proof.cause.related]


@pytest.mark.parametrize(
    ("old", "new", "name", "message", "related"),
    [
        (CELLAR, CELLAR.replace("role: cellar", "role: waiter"), DESK_VAULT,
         f"{NAMED}, and Service kitchen/cellar selects role=waiter: kitchen/waiter[Deployment], not vault",
         [NAMED, "StatefulSet kitchen/cellar has role=cellar"]),
        (CELLAR, CELLAR.replace("role: cellar", "role: celar"), DESK_VAULT,
         "Service kitchen/cellar selects role=celar, and no pod has that",
         [NAMED, "StatefulSet kitchen/cellar has role=cellar"]),
        (CELLAR, CELLAR.replace("targetPort: box", "targetPort: bx"), DESK_VAULT,
         "Service kitchen/cellar port 7000 leads to the TCP port named bx; StatefulSet kitchen/cellar names: box (TCP)",
         [NAMED, "the other side is StatefulSet kitchen/cellar"]),
        ("tcp://cellar.kitchen:7000", "tcp://celar.kitchen:7000", DESK_VAULT,
         "VAULT_ADDR of Deployment kitchen/waiter does not name vault: VAULT_ADDR: namespace kitchen has no Service "
         "celar; did you mean cellar?", []),
        ("tcp://cellar.kitchen:7000", "tcp://cellar.doors:7000", DESK_VAULT,
         "VAULT_ADDR of Deployment kitchen/waiter does not name vault: VAULT_ADDR: namespace doors has no Service "
         "cellar; namespaces attic and kitchen have one", []),
        (CELLAR, "  type: ExternalName\n  externalName: cellar.example.net\n", DESK_VAULT,
         "VAULT_ADDR of Deployment kitchen/waiter does not name vault: VAULT_ADDR: cellar.kitchen stands for "
         "cellar.example.net, a name outside of the cluster", []),
        ("      serviceAccountName: waiter\n", "      serviceAccountName: waiter\n      hostNetwork: true\n",
         DESK_VAULT,
         "Deployment kitchen/waiter has dnsPolicy ClusterFirst with hostNetwork, so it does not ask the cluster's DNS",
         ["VAULT_ADDR names cellar.kitchen"]),
        ("  - host: desk.hotel.example.com", "  - host: desk.hotel.example.org", GATE_DESK,
         "no Ingress or route serves desk.hotel.example.com",
         ["Ingress kitchen/menu-card serves desk.hotel.example.org/ with desk"]),
        ("hosts: [desk.hotel.example.com]", "hosts: [www.example.com]", GATE_DESK,
         "Ingress kitchen/menu-card serves desk.hotel.example.com without TLS",
         ["its tls block is for www.example.com"]),
        ("ingressClassName: brass", "ingressClassName: bras", GATE_DESK,
         "Ingress kitchen/menu-card is served by nobody known (no IngressClass named bras is in the manifests), not by "
         "gate", []),
        ("name: tables, port: {name: web}", "name: tabels, port: {name: web}", GATE_DESK,
         "Ingress kitchen/menu-card: the backend Service kitchen/tabels does not exist; did you mean tables?", []),
        ("name: tables, port: {name: web}", "name: tables, port: {number: 8080}", GATE_DESK,
         "Ingress kitchen/menu-card: Service kitchen/tables has no port 8080; it has 80 (web)",
         ["the other side is Service kitchen/tables"]),
    ],
)  # fmt: skip
def test_the_nearest_cause_and_its_other_side(old: str, new: str, name: str, message: str, related: list[str]) -> None:
    assert _cause(name, Edit(old, new, KITCHEN)) == (message, related)


def test_the_class_of_an_ingress_is_the_other_side_of_its_controller() -> None:
    edit = Edit("spec: {controller: k8s.io/ingress-nginx}", "spec: {controller: example.com/own}", DOORS)
    assert _cause(GATE_DESK, edit) == (
        "Ingress kitchen/menu-card is served by example.com/own, not by gate",
        ["the class belongs to example.com/own"],
    )


CONFIG = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: menu, namespace: kitchen}\ndata: {today: soup}\n"


def _verdict(*edits: Edit) -> Verdict:
    return next(each.verdict for each in judge(*edits).edges if each.name == DESK_VAULT)


@pytest.mark.parametrize(
    ("asked", "value", "verdict"),
    [
        ("valueFrom: {configMapKeyRef: {name: menu, key: VAULT}}", "tcp://cellar.kitchen:7000", Verdict.PROVEN),
        ("valueFrom: {configMapKeyRef: {name: menu, key: VAULT}}", "tcp://cellar.kitchen:7001", Verdict.REFUTED),
        ("valueFrom: {configMapKeyRef: {name: menu, key: other}}", "tcp://cellar.kitchen:7000", Verdict.REFUTED),
    ],
)
def test_an_address_may_come_from_a_config_map(asked: str, value: str, verdict: Verdict) -> None:
    there = Edit(CONFIG, CONFIG.replace("{today: soup}", f'{{today: soup, VAULT: "{value}"}}'), KITCHEN)
    own = VAULT.partition("value: ")
    assert _verdict(there, Edit(VAULT, f"{own[0]}{asked}}}\n", KITCHEN)) is verdict


def test_an_address_may_come_from_a_whole_config_map_with_a_prefix() -> None:
    there = Edit(CONFIG, CONFIG.replace("{today: soup}", '{today: soup, ADDR: "tcp://cellar.kitchen:7000"}'), KITCHEN)
    whole = "        envFrom: [{configMapRef: {name: menu}, prefix: VAULT_}]\n        env:\n"
    assert _verdict(there, Edit(f"        env:\n{VAULT}", whole, KITCHEN)) is Verdict.PROVEN
    assert _verdict(there, Edit(f"        env:\n{VAULT}", whole.replace("VAULT_", "X_"), KITCHEN)) is Verdict.REFUTED


def test_an_address_in_a_secret_is_not_known() -> None:
    hidden = "        - {name: VAULT_ADDR, valueFrom: {secretKeyRef: {name: pin, key: digits}}}\n"
    proof = next(each for each in judge(Edit(VAULT, hidden, KITCHEN)).edges if each.name == DESK_VAULT)
    assert proof.verdict is Verdict.UNDECIDED
    assert proof.cause is not None
    assert proof.cause.message == (
        "VAULT_ADDR of Deployment kitchen/waiter comes from Secret pin, whose values are not read: whether it names "
        "vault is not known"
    )


def test_a_mapping_to_nothing_and_what_was_not_read_are_said() -> None:
    labels = "  labels: {topology.solutio.dev/service: vault, topology.solutio.dev/pod: common}\n"
    entry = "{service: vault, pod: common, kind: StatefulSet, namespace: kitchen, name: attic}"
    mapped = f"mapping:\n  - {entry}\nenvironments:\n"
    broken = Edit("serviceName: cellar", "serviceName: cellar\n  serviceName: cellar", KITCHEN)
    found = check_all(intent(Edit("environments:\n", mapped, "")), evidence(Edit(labels, "", KITCHEN), broken))
    proof = next(each for each in found.edges if each.name == DESK_VAULT)
    assert proof.cause is not None
    assert proof.cause.message == (
        "no pods of vault in tenant pod common: mapping names StatefulSet kitchen/attic, which is not in the manifests"
    )
    assert [fact.statement.partition(",")[0] for fact in proof.cause.related] == [
        "not read: the key 'serviceName' stands twice in one map"
    ]
