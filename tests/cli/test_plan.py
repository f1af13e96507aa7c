"""``solutio cost --plan`` as people call it."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from solutio_topology.cli.app import run

ROOT = Path(__file__).parents[2]
SCHEMA = jsonschema_rs.validator_for(json.loads((ROOT / "schemas" / "plan.schema.json").read_text()))
GOLDEN = Path(__file__).parent / "golden"
PAGE = ROOT / "docs" / "architecture" / "cloud-deployment-plan.md"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``solutio cost`` at the root of the repository: exit code, standard output, standard error."""
    monkeypatch.chdir(ROOT)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = run(["cost", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Plans the real topology with a piece of its text replaced, or at the demands of another file."""
    monkeypatch.chdir(tmp_path)

    def run_it(old: str = "", new: str = "", plan: str = "orgs: [10, 200]\n") -> tuple[int, str, str]:
        text = (ROOT / "topology.yaml").read_text()
        assert old in text
        (tmp_path / "topology.yaml").write_text(text.replace(old, new, 1))
        (tmp_path / "plan.yaml").write_text(plan)
        code = run(["cost", "prod", "--plan", "plan.yaml"])
        told = capsys.readouterr()
        return code, told.out, " ".join(told.err.split())

    return run_it


def test_the_page_is_what_the_command_prints(call: Any) -> None:
    assert call("prod", "--plan", "plan.yaml", "--format", "markdown") == (0, PAGE.read_text(), "")


def test_what_people_read(call: Any) -> None:
    code, out, err = call("prod", "--orgs", "50,200,1000", "--enterprise", "1,5,20")
    assert (code, err) == (0, "")
    assert out == (GOLDEN / "plan.txt").read_text()


def test_a_terminal_of_80_columns_holds_every_line(call: Any) -> None:
    hundred = ",".join(str(number) for number in range(1, 40_000, 400))
    for arguments in (("--plan", "plan.yaml"), ("--orgs", hundred, "--enterprise", "1000"), ("--orgs", "0")):
        code, out, _ = call("prod", *arguments)
        assert code == 0
        assert [line for line in out.splitlines() if len(line) > 80] == []


def test_today_costs_what_the_bill_says(call: Any) -> None:
    """The demand that the topology declares: three organizations and one dedicated tenant pod."""
    bill = json.loads(call("prod", "--format", "json")[1])["environments"][0]
    (point,) = json.loads(call("prod", "--orgs", "3", "--enterprise", "1", "--format", "json")[1])["points"]
    assert point["monthly"] == bill["total"]
    shared, own = bill["totals"]["pods"]
    assert abs(Decimal(point["perSharedOrg"]) * 3 - Decimal(shared["monthly"])) < Decimal("0.02")
    assert point["perEnterprise"] == own["monthly"]


def test_json_adds_up_and_has_a_schema(call: Any) -> None:
    code, out, _ = call("prod", "--plan", "plan.yaml", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert [str(error) for error in SCHEMA.iter_errors(found)] == []
    for point in found["points"]:
        assert sum(Decimal(amount) for amount in point["byCategory"].values()) == Decimal(point["monthly"])
        copies = {"org-e": point["enterprise"]}
        assert sum(each["nodes"] * copies.get(pool, 1) for pool, each in point["pools"].items()) == point["nodes"]
        assert point["next"]["orgs"] > point["orgs"]


def test_csv_has_a_row_a_point(call: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(call("prod", "--plan", "plan.yaml", "--format", "csv")[1])))
    assert [(row["orgs"], row["enterprise"]) for row in rows][:2] == [("3", "1"), ("10", "1")]
    for row in rows:
        parts = [Decimal(amount) for name, amount in row.items() if name.startswith("monthly_")]
        assert sum(parts) == Decimal(row["monthly"])


def test_the_paying_environment_is_the_default_and_others_can_be_named(call: Any) -> None:
    assert call("--orgs", "5")[1].startswith("prod: what it costs as it grows")
    assert call("staging", "--orgs", "5")[1].startswith("staging: what it costs as it grows")


def test_other_values_are_planned_without_editing(call: Any) -> None:
    code, out, _ = call("prod", "--orgs", "3", "--set", "platform.pools.apps.size=s-8vcpu-16gb", "-f", "json")
    # Three nodes at 96 instead of 48, and no dedicated tenant pod.
    before = json.loads(call("prod", "--orgs", "3", "-f", "json")[1])["points"][0]["monthly"]
    assert code == 0
    assert Decimal(json.loads(out)["points"][0]["monthly"]) - Decimal(before) == 144


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("each: 500, note", "each: 500, min: 4, max: 3, note"), "max 3 is less than min 4"),
        (("title: Cameras, per: orgs", "title: Cameras, per: alarms"), "in a circle: cameras -> alarms -> cameras"),
        (("per: sessions, each: 150", "per: session, each: 150"), "no driver 'session'; did you mean 'sessions'?"),
        (("    listener: {replicas: {per", "    listner: {replicas: {per"), "did you mean 'listener'?"),
        (("processes: {worker: {per: al", "processes: {workers: {per: al"), "did you mean 'worker'?"),
        (("each: 150,", "each: -150,"), "the number -150 is out of range"),
        (("each: 150,", "each: 15000000000000,"), "the number 15000000000000 is out of range"),
        (("each: 150,", "each: 1.5,"), "1.5 is not a whole number"),
        (("    lk: {replicas: {per", "    pg: {replicas: {per"), "'pg' stands twice"),
        (("    lk: {replicas: {per", "    vector: {replicas: {per"), "vector does not run in the cluster"),
        (("    live: {", "    orgs: {"), "orgs is what a plan itself counts"),
        (("  headroom: 10%", "  headroom: 110%"), "110% of every node would stay free"),
        (("  headroom: 10%", "  pools: {app: {max: 3}}"), "no pool 'app'; did you mean 'apps'?"),
        (("  headroom: 10%", "  pools: {apps: {max: 2}}"), "max 2 is less than the 3 nodes"),
        (("max: 16Ti", "max: 10Gi"), "max 10Gi is less than base 20Gi"),
        (("max: 16Ti", "max: 60Gi"), "max 60Gi is less than what the topology declares for default/pg: 100Gi"),
        (("upTo: 50000,", "upTo: 5000,"), "upTo 5000 is not more than 10000"),
        (("monthly: 900}", "monthly: 90}"), "a greater tariff costs less (90) than the one before (200)"),
        (("    vector:\n      per", "    doks:\n      per"), "two rules would say one amount"),
        (("    vector:\n      per", "    storage:\n      per"), "two rules would say one amount"),
        (("stored: {spaces: {per", "stored: {pg: {per"), "pg is timescaledb, and only object-storage"),
        (("    vectors: {title", "    alarm: {title"), "there is no driver 'vectors'"),
        (("{size: s-4vcpu-8gb, nodes: 3}\n", "{size: s-9vcpu, nodes: 3}\n"), "there is no price for 's-9vcpu'"),
        (
            ("\nlayers:", "    gpu: {size: s-4vcpu-8gb, nodes: 1, dedicated: true}\n\nlayers:"),
            "nothing may use pool gpu: no service names it",
        ),
    ],
)
def test_rules_that_cannot_be_followed(edited: Any, change: tuple[str, str], told: str) -> None:
    code, out, err = edited(*change)
    assert (code, out) == (2, "")
    assert told in err
    assert "topology.yaml" in err


def test_a_fault_is_told_at_its_place(edited: Any) -> None:
    old, new = "per: sessions, each: 500,", "per: sessions, each: 500, min: 4, max: 3,"
    lines = (ROOT / "topology.yaml").read_text().splitlines()
    line, column = next((at, each.index(old)) for at, each in enumerate(lines, 1) if old in each)
    place = f"topology.yaml {line}:{column + new.index('3,') + 1} error S005 wrong-value"
    assert f"{place} scale.services.front.replicas.max: max 3" in edited(old, new)[2]


def test_a_demand_that_no_tariff_serves(edited: Any) -> None:
    code, out, err = edited(plan="orgs: 100000\n")
    assert (code, out) == (2, "")
    assert "the tariffs of vector end at 5,000,000 vectors, and 10,000,000 are asked for" in err


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (
            "",
            "plan.yaml 1:1 error S001 unreadable-file the file is empty do: name a file such as: orgs: [50, 200, 1000]",
        ),
        ("orgs: []\n", "1:7 error S005 wrong-value orgs: the list is empty"),
        ("enterprise: [1]\n", "the plan does not say for how many organizations"),
        ("orgs: [1, 2]\nenterprise: [1, 2, 3]\n", "orgs: 2 numbers, and 3 of enterprise"),
        ("orgs: [-1]\n", "1:8 error S005 wrong-value orgs[0]: the number -1 is out of range"),
        ("orgs: [999999999]\n", "write a number of 0 to 100,000"),
        ("orgs: [1.5]\n", "orgs[0]: 1.5 is not a whole number"),
        ("orgs: [true]\n", "is not a whole number"),
        ("orgs: 1\ncamera: 3\n", "2:1 error S003 unknown-key the plan has a driver 'camera' that nothing counts"),
        ("orgs: 1\ncamera: 3\n", "did you mean 'cameras'?"),
        ("orgs: 1\norgs: 2\n", "'orgs' stands twice"),
        ("orgs: [1\n", "error S001 unreadable-file"),
        ("- 1\n", "the file must hold a map"),
    ],
)
def test_a_plan_that_says_nothing(edited: Any, plan: str, told: str) -> None:
    code, out, err = edited(plan=plan)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--orgs", "5,x"), "--orgs: 'x' is no number of 0 to 100,000"),
        (("--orgs", "-5"), "'-5' is no number"),
        (("--orgs", ""), "an empty value is no number"),
        (("--orgs", "1,2", "--enterprise", "1,2,3"), "--orgs has 2 numbers, and another option 3"),
        (("--orgs", "1", "--enterprise", "99999"), "is no number of 0 to 10,000"),
        (("--enterprise", "3"), "--enterprise needs --orgs"),
        (("--plan", "plan.yaml", "--orgs", "3"), "both say the demands"),
        (("--plan", "nowhere.yaml"), "nowhere.yaml: there is no such file\n  name a file such as: orgs: [50"),
        (("--fit", "--orgs", "3"), "--fit and --plan answer two questions"),
        (("staging", "--orgs", "3", "--enterprise", "1"), "staging has no dedicated tenant pod"),
        (("prod", "staging", "--orgs", "3"), "a plan is of one environment"),
    ],
)
def test_options_that_do_not_go_together(call: Any, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_demands_from_standard_input(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"orgs: 3\nenterprise: 1\ncameras: 4100\n")))
    code, out, _ = call("prod", "--plan", "-", "--format", "json")
    assert code == 0
    (point,) = json.loads(out)["points"]
    # 4,100 cameras are given for the shared tenant pod, and the dedicated one has 200 of its own.
    assert (point["stated"], point["demand"]["cameras"], point["next"]) == ({"cameras": 4100}, 4300, None)
    assert [each["needed"] for each in point["exceeded"]] == ["3", "3"]


def test_a_topology_without_rules(edited: Any, tmp_path: Path, call: Any) -> None:
    shop = ROOT / "examples" / "shop" / "topology.yaml"
    code, out, err = call("--topology", str(shop), "--orgs", "5")
    assert (code, out) == (2, "")
    assert "nothing in the topology says how it grows" in err
