"""``solutio pod`` as people call it: tenant pods that come, move and go by one edit each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]
TOPOLOGY = (ROOT / "topology.yaml").read_bytes()
FOR_ONE = TOPOLOGY.replace(b'"service spaces of *"', b"service spaces of org-e").replace(
    b'"service vector of *"', b"service vector of org-e"
)
"""The real topology, with what it accepts of every tenant pod accepted for one of them."""
ADD = ["pod", "add", "acme", "--tier", "enterprise"]
ACME = b"  acme:\n    tier: enterprise\n    orgs: [acme]\n"
END_OF_PODS = b"      pg: {storage: 50Gi}\n"
OUT = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real topology in a folder of its own."""
    (tmp_path / "topology.yaml").write_bytes(TOPOLOGY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def line(text: bytes) -> int:
    """The number of a line of the real topology."""
    return TOPOLOGY.split(b"\n").index(text) + 1


def content(project: Path) -> bytes:
    return (project / "topology.yaml").read_bytes()


def test_a_tenant_pod_is_added_rendered_and_removed_again(project: Path, capsys: OUT) -> None:
    assert run(ADD) == 0
    captured = capsys.readouterr()
    assert content(project) == TOPOLOGY.replace(END_OF_PODS, END_OF_PODS + ACME, 1)
    assert captured.out.endswith(
        "+  acme:\n+    tier: enterprise\n+    orgs: [acme]\n \n"
        "prod: namespace solutio-acme; host api-acme.solutio.app; node pool acme (1 × s-8vcpu-16gb), at the provider\n"
        "next: solutio render prod\n"
    )
    assert "environment staging lists its tenant pods, and acme is not among them" in captured.err
    assert "to settle" not in captured.err
    assert run(["render", "prod"]) == 0
    assert (project / "rendered/prod/acme/apps/api.yaml").is_file()
    assert run(["pod", "remove", "acme", "--yes"]) == 0
    assert content(project) == TOPOLOGY
    assert run(["render", "prod"]) == 0
    assert not (project / "rendered/prod/acme").exists()


def test_everything_that_can_be_said_of_a_new_tenant_pod(project: Path, capsys: OUT) -> None:
    (project / "topology.yaml").write_bytes(TOPOLOGY.replace(b"\npods:\n", b"\nrings: [canary, all]\npods:\n"))
    more = ["--orgs", "a,b", "--org", "c", "--domain", "acme.example", "--ring", "canary", "--env", "staging"]
    assert run([*ADD, *more, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["command"], found["written"], found["notes"]) == ("pod add", True, [])
    assert found["next"] == ["solutio render prod", "solutio render staging"]
    added = [line[1:] for line in found["diff"].split("\n") if line.startswith("+") and not line.startswith("+++")]
    assert added == [
        "  acme:",
        "    tier: enterprise",
        "    ring: canary",
        "    orgs: [a, b, c]",
        "    domain: acme.example",
        "    pods: [default, acme]",
    ]


def test_a_tenant_pod_gets_a_file_of_its_own(project: Path) -> None:
    included = TOPOLOGY.replace(b"\nlayers:", b"\ninclude: [pods/*.yaml]\nlayers:")
    (project / "topology.yaml").write_bytes(included)
    (project / "pods").mkdir()
    (project / "pods/other.yaml").write_text("# others\npods:\n  other: {tier: enterprise, orgs: [other]} # first\n")
    assert run([*ADD, "--file", "pods/acme.yaml"]) == 0
    assert (project / "pods/acme.yaml").read_bytes() == b"pods:\n" + ACME
    assert run(["pod", "add", "third", "--tier", "enterprise", "--file", "pods/other.yaml"]) == 0
    assert run(["set", "services.api.image.tag", "1.10", "--pod", "other"]) == 0
    assert (project / "pods/other.yaml").read_text() == (
        "# others\npods:\n"
        '  other: {tier: enterprise, orgs: [other], services: {api: {image: {tag: "1.10"}}}} # first\n'
        "  third: {tier: enterprise, orgs: [third]}\n"
    )
    assert run(["pod", "move", "other", "--to", "acme"]) == 0
    assert "orgs: [acme, other]" in (project / "pods/acme.yaml").read_text()
    assert "orgs: []" in (project / "pods/other.yaml").read_text()
    assert run(["pod", "remove", "acme", "--yes"]) == 0
    assert (project / "pods/acme.yaml").read_text() == "pods: {}\n"
    assert content(project) == included


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["add", "org-e", "--tier", "enterprise"],
            f"'org-e' already: topology.yaml:{line(b'  org-e:')}:3",
        ),
        (["add", "Acme", "--tier", "enterprise"], "the name 'Acme' does not have the right shape"),
        (["add", "a" * 41, "--tier", "enterprise"], "40 at most"),
        (["add", "a.b", "--tier", "enterprise"], "does not have the right shape"),
        (["add", "platform", "--tier", "enterprise"], "the name 'platform' is a folder of every environment"),
        (["add", "source", "--tier", "enterprise"], "the name 'source' is a file of every environment's Flux folder"),
        (["add", "default-media", "--tier", "enterprise"], "is the namespace of layer media"),
        (["add", "apps", "--tier", "enterprise"], "the name 'apps' is a node pool of the platform"),
        (["add", "acme", "--tier", "enterprize"], "there is no tier 'enterprize'; did you mean 'enterprise'?"),
        (["add", "acme", "--tier", "enterprise", "--orgs", "org-a"], "T004 organization org-a is claimed by default"),
        (["add", "acme", "--tier", "enterprise", "--domain", "solutio.app"], "T004"),
        (["add", "acme", "--tier", "enterprise", "--domain", "nowhere"], "a domain with at least one dot"),
        (["add", "acme", "--tier", "enterprise", "--ring", "canary"], "there is no ring 'canary'"),
        (["add", "acme", "--tier", "enterprise", "--env", "stagin"], "did you mean 'staging'?"),
        (["add", "acme", "--tier", "enterprise", "--file", "more.yaml"], "the topology does not include"),
        (["add", "acme", "--tier", "enterprise", "--file", "."], "is a folder"),
        (["remove", "orge"], "there is no tenant pod 'orge'; did you mean 'org-e'?"),
        (["remove", "org-e"], "nobody could be asked"),
        (["remove", "default", "--yes"], "prod: org-e uses ing, panels, lk, models, vector, spaces of default"),
        (["move", "org-z", "--to", "org-e"], "there is no organization 'org-z'"),
        (["move", "org-a", "--to", "orge"], "did you mean 'org-e'?"),
        (["move", "org-a", "--to", "default"], "org-a is served by default already"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_file_is_untouched(
    project: Path, capsys: OUT, arguments: list[str], said: str
) -> None:
    assert run(["pod", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert content(project) == TOPOLOGY
    assert [path.name for path in project.iterdir()] == ["topology.yaml"]


def test_a_tier_that_dedicates_nothing_is_not_sold(project: Path, capsys: OUT) -> None:
    empty = TOPOLOGY.replace(b"    dedicates: [api, pg, redis, listener, voice]\n", b"    dedicates: []\n")
    (project / "topology.yaml").write_bytes(empty)
    assert run(ADD) == 2
    told = f"tier enterprise is dedicated, and dedicates nothing (topology.yaml:{line(b'  enterprise:') + 1}:5)"
    assert told in capsys.readouterr().err
    assert content(project) == empty


def test_a_name_from_which_no_namespace_can_be_made_is_told(project: Path, capsys: OUT) -> None:
    long = TOPOLOGY.replace(b"{name: solutio,", b"{name: the-platform-of-the-whole-company,")
    (project / "topology.yaml").write_bytes(long)
    assert run(["pod", "add", "a-customer-with-a-name-as-long", "--tier", "enterprise"]) == 2
    assert "would have 64 characters; 63 is the limit" in capsys.readouterr().err
    assert content(project) == long


def test_the_last_tenant_pod_of_an_environment_stays(project: Path, capsys: OUT) -> None:
    alone = TOPOLOGY.replace(b"    pods: [default]\n", b"    pods: [org-e]\n")
    (project / "topology.yaml").write_bytes(alone)
    assert run(["pod", "remove", "org-e", "--yes"]) == 2
    assert "org-e is the only tenant pod of environment staging" in capsys.readouterr().err
    assert content(project) == alone


def test_a_removal_says_what_goes_and_what_stays(project: Path, capsys: OUT) -> None:
    assert run(["pod", "remove", "org-e", "--dry-run", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    steps = {step["title"]: step["lines"] for step in found["plan"]["steps"]}
    assert list(steps) == [
        "Served by nobody afterwards",
        "prod: Flux deletes",
        "prod: stays, until somebody deletes it by hand",
        "prod: outside the cluster, by hand",
    ]
    assert steps["Served by nobody afterwards"] == ["org-enterprise"]
    assert steps["prod: Flux deletes"][0] == "in flux-system: 3 Kustomization, 1 ServiceAccount"
    assert "1 HorizontalPodAutoscaler" in steps["prod: Flux deletes"][1]
    assert steps["prod: stays, until somebody deletes it by hand"] == [
        "Namespace solutio-org-e, and in it whatever this list names",
        "Cluster solutio-org-e/pg: it keeps running, with its volumes, and without its network policies: "
        "delete it soon",
        "Database solutio-org-e/pg-events",
        "the claims data-redis-* in solutio-org-e, with their volumes of class do-block-storage-retain",
        "backups of pg in the bucket solutio-backups: once the database is gone, nothing expires them "
        "(it did, after 30d)",
    ]
    assert steps["prod: outside the cluster, by hand"] == [
        "the node pool org-e: 1 × s-8vcpu-16gb (its database runs there: delete that first)",
        "the DNS record of api-org-e.solutio.app",
        "the secrets under solutio/prod/org-e/ in the store",
    ]
    assert content(project) == TOPOLOGY


def test_what_is_accepted_for_one_tenant_pod_alone_is_to_be_settled_for_another(project: Path, capsys: OUT) -> None:
    (project / "topology.yaml").write_bytes(FOR_ONE)
    assert run(ADD) == 0
    assert "to settle: T002 pg of acme keeps data in spaces" in capsys.readouterr().err


def test_a_removal_takes_what_was_accepted_about_that_tenant_pod_alone(project: Path) -> None:
    (project / "topology.yaml").write_bytes(FOR_ONE)
    assert run(["pod", "remove", "org-e", "--yes"]) == 0
    gone = [line for line in FOR_ONE.decode().split("\n") if line not in content(project).decode().split("\n")]
    assert [line.strip()[:50] for line in gone] == [
        "org-e:",
        "tier: enterprise",
        "orgs: [org-enterprise]",
        "api: {replicas: {min: 2, max: 4}}",
        "pg: {storage: 50Gi}",
        "- {rule: T002, subject: service spaces of org-e, r",
        "- {rule: T002, subject: service vector of org-e, r",
        "- {rule: K002, subject: pool org-e of prod, reason",
    ]
    assert run(["validate", "prod"]) == 0


def test_what_was_accepted_about_an_environment_stays_when_a_tenant_pod_of_its_name_goes(project: Path) -> None:
    assert run(["pod", "add", "prod", "--tier", "enterprise"]) == 0
    assert run(["pod", "remove", "prod", "--yes"]) == 0
    assert content(project) == TOPOLOGY


def test_a_move_is_an_edit_and_a_plan(project: Path, capsys: OUT) -> None:
    assert run(["pod", "move", "org-b", "--to", "org-e", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    assert content(project) == TOPOLOGY.replace(b"[org-a, org-b, org-c]", b"[org-a, org-c]", 1).replace(
        b"[org-enterprise]", b"[org-enterprise, org-b]", 1
    )
    for line in (
        "# Moving org-b from default to org-e",
        "- [ ] the Flux Kustomization org-e-apps is Ready",
        "- [ ] its secrets are in place: rendered/prod/org-e/outside.md names each",
        "- [ ] api, listener of default write to pg, redis: refuse writes of org-b there",
        "- [ ] pg: the rows of org-b in database app (of api), from pg-rw.solutio-default.svc:5432 to "
        "pg-rw.solutio-org-e.svc:5432",
        "- [ ] redis (Redis): the keys and entries of org-b, from redis.solutio-default.svc:6379 to "
        "redis.solutio-org-e.svc:6379",
        "- [ ] spaces (Object storage (Spaces)): both use it; rename or copy there what is kept under a name of "
        "default (a prefix, a collection)",
        "- [ ] api.solutio.app becomes api-org-e.solutio.app",
        "+    orgs: [org-enterprise, org-b]",
    ):
        assert f"{line}\n" in told


def test_a_move_back_names_the_stores_that_both_use_too(project: Path, capsys: OUT) -> None:
    assert run(["pod", "move", "org-enterprise", "--to", "default", "--format", "markdown"]) == 0
    told = capsys.readouterr().out
    for line in (
        "- [ ] its secrets are in place: rendered/prod/outside.md names each",
        "- [ ] vector (Vector DB externo (Qdrant)): both use it; rename or copy there what is kept under a name of "
        "org-e (a prefix, a collection)",
        "- [ ] spaces (Object storage (Spaces)): both use it; rename or copy there what is kept under a name of "
        "org-e (a prefix, a collection)",
    ):
        assert f"{line}\n" in told
    assert "they share no store" not in told


def test_a_move_between_files_begins_with_the_new_place(project: Path, capsys: OUT) -> None:
    (project / "pods").mkdir()
    (project / "pods/a.yaml").write_text("pods: {a: {tier: enterprise, orgs: [one, two]}}\n")
    (project / "pods/b.yaml").write_text("pods: {b: {tier: enterprise, orgs: [three]}}\n")
    (project / "topology.yaml").write_bytes(TOPOLOGY.replace(b"\npods:\n", b"\ninclude: [pods/*.yaml]\npods:\n", 1))
    assert run(["pod", "move", "two", "--to", "b", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"] == ["pods/b.yaml", "pods/a.yaml"]


def test_a_move_between_versions_says_so(project: Path, capsys: OUT) -> None:
    assert run(["set", "services.api.image.tag", "2026.11.2", "--pod", "org-e"]) == 0
    capsys.readouterr()
    assert run(["pod", "move", "org-b", "--to", "org-e", "--dry-run"]) == 0
    captured = capsys.readouterr()
    assert "api is 2026.11.1 in default and 2026.11.2 in org-e: bring both to one" in captured.out
    assert "environment staging has default and not org-e: nobody serves org-b there afterwards" in captured.err
    assert max(len(line) for line in captured.out.split("\n---")[0].split("\n")) <= 80


def test_tenant_pods_are_listed(project: Path, capsys: OUT) -> None:
    assert run(["pod", "list"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].split() == ["POD", "TIER", "ENVIRONMENTS", "ORGS", "A", "MONTH", "VERSIONS"]
    assert lines[2].split("  ")[-1].strip() == "api 2026.11.1, listener 1.4.0, voice 0.9.2"
    assert run(["pod", "list", "staging", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in found["pods"]] == ["default"]
    assert found["pods"][0]["hosts"]["staging"][0] == "app-staging.solutio.app"


@pytest.mark.usefixtures("project")
def test_the_list_and_the_bill_say_the_same(capsys: OUT) -> None:
    assert run(["pod", "list", "prod", "--format", "json"]) == 0
    listed = {row["name"]: row["costs"] for row in json.loads(capsys.readouterr().out)["pods"]}
    assert run(["cost", "prod", "--format", "json"]) == 0
    billed = json.loads(capsys.readouterr().out)["environments"][0]["totals"]["pods"]
    assert listed == {each["pod"]: {"prod": each["monthly"]} for each in billed}


def test_the_list_tells_where_environments_and_rings_differ(project: Path, capsys: OUT) -> None:
    (project / "topology.yaml").write_bytes(TOPOLOGY.replace(b"\npods:\n", b"\nrings: [canary, all]\npods:\n"))
    assert run(["set", "services.api.image.tag", "2026.12.0", "--env", "staging"]) == 0
    assert run(["set", "ring", "canary", "--pod", "org-e"]) == 0
    capsys.readouterr()
    assert run(["pod", "list"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].split() == ["POD", "TIER", "RING", "ENVIRONMENTS", "ORGS", "A", "MONTH", "VERSIONS"]
    assert "api 2026.11.1 (staging 2026.12.0)" in lines[1]
    assert "canary" in lines[2]
