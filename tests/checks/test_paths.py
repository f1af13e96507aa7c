"""Proofs of edges and paths, on manifests that the renderer never saw."""

from __future__ import annotations

from msgspec.structs import replace

from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.run import check_all
from solutio_topology.findings import Verdict
from solutio_topology.manifests import read_files
from solutio_topology.manifests.facts import Key
from solutio_topology.reach import solve
from tests.checks.world import ATTIC, DOORS, FILES, KITCHEN, Edit, evidence, intent, judge, sound

SOUND = {
    "common: cf -> gate": "assumed",
    "common: gate -> desk": "proven",
    "common: desk -> vault": "proven",
    "common: desk -> post": "proven",
    "common: sensors -> intake": "assumed",
    "common: intake -> vault": "proven",
    "suite: gate -> desk": "proven",
    "suite: desk -> vault": "proven",
    "suite: desk -> post": "proven",
    "suite: sensors -> intake": "assumed",
    "suite: intake -> vault": "proven",
}


def _verdicts(*edits: Edit) -> dict[str, str]:
    return {proof.name: proof.verdict.value for proof in judge(*edits).edges}


def _changed(*edits: Edit) -> dict[str, str]:
    return {name: verdict for name, verdict in _verdicts(*edits).items() if SOUND.get(name) != verdict}


def test_every_edge_of_every_tenant_pod_has_a_verdict() -> None:
    assert {proof.name: proof.verdict.value for proof in sound().edges} == SOUND
    assumed = {proof.name: [each.name for each in proof.assumptions] for proof in sound().edges if proof.assumptions}
    assert assumed == {
        "common: cf -> gate": ["cloudflare"],
        "common: sensors -> intake": ["load-balancer"],
        "suite: sensors -> intake": ["load-balancer"],
    }


def test_a_path_is_as_strong_as_its_weakest_hop() -> None:
    assert [(path.name, path.pod, path.verdict.value, len(path.hops)) for path in sound().paths] == [
        ("request", "common", "assumed", 3),
        ("request", "suite", "assumed", 3),
        ("reading", "common", "assumed", 2),
        ("reading", "suite", "assumed", 2),
    ]
    broken = judge(Edit("tcp://cellar.attic:7000", "tcp://cellar.attic:7001", ATTIC))
    assert {(path.name, path.pod): path.verdict.value for path in broken.paths} == {
        ("request", "common"): "assumed",
        ("request", "suite"): "refuted",
        ("reading", "common"): "assumed",
        ("reading", "suite"): "assumed",
    }


def _line(text: str, file: str) -> str:
    return f"{file}:{FILES[file][: FILES[file].index(text)].count(chr(10)) + 1}"


def test_the_evidence_names_objects_with_their_lines() -> None:
    proof = next(each for each in sound().edges if each.name == "common: desk -> vault")
    told = [(fact.statement, f"{fact.location.file}:{fact.location.line}") for fact in proof.facts]
    assert told == [
        (
            "Deployment kitchen/waiter: VAULT_ADDR names cellar.kitchen:7000",
            _line("{name: VAULT_ADDR", KITCHEN),
        ),
        (
            "Service kitchen/cellar maps 7000 to the pods of vault",
            _line("apiVersion: v1\nkind: Service\nmetadata: {name: cellar", KITCHEN),
        ),
        ("NetworkPolicy kitchen/waiter lets TCP 7000 out", _line("    ports: [{port: 7000}]", KITCHEN)),
        (
            "NetworkPolicy kitchen/cellar lets TCP 7000 in",
            _line(
                "    ports: [{port: 7000}]\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: bell", KITCHEN
            ),
        ),
    ]


def test_the_nearest_cause_names_the_rule_that_disagrees() -> None:
    outcome = judge(
        Edit("    ports: [{port: 7000}]\n---\napiVersion: cilium", "    ports: [{port: 7100}]\n---\napiVersion: cilium")
    )
    found = [each for each in outcome.findings if each.code == "P001"]
    assert [each.subject for each in found] == ["edge desk-vault of common"]
    assert "NetworkPolicy kitchen/waiter" in found[0].message
    assert "TCP 7100" in found[0].message
    assert str(found[0].location).startswith(_line("    ports: [{port: 7000}]", KITCHEN))


def test_one_fault_refutes_the_hops_it_breaks_and_no_others() -> None:
    assert _changed(Edit("  ingressClassName: brass", "  ingressClassName: bras")) == {
        "common: gate -> desk": "refuted"
    }
    assert _changed(Edit("serviceName: cellar", "serviceName: other")) == {}
    assert _changed(Edit("spec: {controller: k8s.io/ingress-nginx}", "spec: {controller: example.com/own}", DOORS)) == {
        "common: gate -> desk": "refuted",
        "suite: gate -> desk": "refuted",
    }
    assert _changed(
        Edit("clusterIP: None\n  selector: {role: cellar}", "clusterIP: None\n  selector: {role: celar}")
    ) == {
        "common: desk -> vault": "refuted",
        "common: intake -> vault": "refuted",
    }


def test_a_service_is_found_by_an_explicit_mapping() -> None:
    bare = evidence(Edit("  labels: {topology.solutio.dev/service: vault, topology.solutio.dev/pod: common}\n", ""))
    lost = check_all(intent(), bare)
    assert {proof.name for proof in lost.edges if proof.verdict is Verdict.REFUTED} == {
        "common: desk -> vault",
        "common: intake -> vault",
    }
    mapped = {Key("apps", "StatefulSet", "kitchen", "cellar"): ("common", "vault")}
    found = check_all(intent(), replace(bare, mapping=mapped))
    assert {proof.name: proof.verdict.value for proof in found.edges} == SOUND


DRAWN = (
    Edit(
        "  intake-vault:",
        "  drawn: {from: desk, to: intake, realizedBy: [desk-vault, intake-vault]}\n  intake-vault:",
        "",
    ),
)


def test_an_arrow_that_others_make_real_is_as_strong_as_they_are() -> None:
    assert _changed(*DRAWN) == {"common: desk -> intake": "proven", "suite: desk -> intake": "proven"}
    broken = Edit('value: "cellar:7000"', 'value: "cellar:7001"', KITCHEN)
    assert _changed(*DRAWN, broken) == {
        "common: intake -> vault": "refuted",
        "common: desk -> intake": "refuted",
        "suite: desk -> intake": "proven",
    }


def test_without_evidence_nothing_is_proven() -> None:
    facts = read_files({})
    verdicts = {proof.verdict for proof in check_all(intent(), Evidence(facts, solve(facts))).edges}
    assert verdicts == {Verdict.REFUTED}
