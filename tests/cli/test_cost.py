"""``solutio cost`` as people call it."""

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
SCHEMA = jsonschema_rs.validator_for(json.loads((ROOT / "schemas" / "cost.schema.json").read_text()))
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command line at the root of the repository: exit code, standard output, standard error."""
    monkeypatch.chdir(ROOT)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``solutio cost`` over the real topology with pieces of its text replaced."""
    monkeypatch.chdir(tmp_path)

    def run_it(*changes: tuple[str, str], arguments: tuple[str, ...] = ("cost", "prod")) -> tuple[int, str, str]:
        text = (ROOT / "topology.yaml").read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (tmp_path / "topology.yaml").write_text(text)
        code = run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return run_it


def _json(call: Any, *arguments: str) -> dict[str, Any]:
    code, out, _ = call("cost", *arguments, "--format", "json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    assert [str(error) for error in SCHEMA.iter_errors(found)] == []
    return found


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cost.txt", ("cost", "prod")),
        ("cost.md", ("cost", "prod", "--format", "markdown")),
        ("cost_set.txt", ("cost", "--set", "platform.pools.apps.nodes=4", "--set", "services.pg.storage=200Gi")),
        (
            "cost_set.md",
            ("cost", "prod", "--set", "tiers.enterprise.pool.size=s-4vcpu-8gb", "--format", "markdown"),
        ),
    ],
)
def test_what_people_read(call: Any, name: str, arguments: tuple[str, ...]) -> None:
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert out == (GOLDEN / name).read_text()


def test_a_terminal_of_80_columns_holds_every_line(call: Any) -> None:
    for arguments in (("cost",), ("cost", "--set", "platform.pools.apps.size=s-8vcpu-16gb")):
        assert [line for line in call(*arguments)[1].splitlines() if len(line) > 80] == []


def test_json_adds_up_and_has_a_schema(call: Any) -> None:
    found = _json(call)
    assert [each["environment"] for each in found["environments"]] == ["prod", "staging"]
    for each in found["environments"]:
        whole = Decimal(each["total"])
        assert sum(Decimal(item["monthly"]) for item in each["items"]) == whole
        assert Decimal(each["onPage"]) + Decimal(each["offPage"]) == whole
        for part in each["totals"].values():
            assert sum(Decimal(one["monthly"]) for one in part) == whole


def test_json_of_a_comparison(call: Any) -> None:
    found = _json(call, "prod", "--set", "platform.pools.apps.nodes=4")["environments"][0]["change"]
    assert {key: found[key] for key in ("set", "before", "after", "difference")} == {
        "set": ["platform.pools.apps.nodes=4"],
        "before": "547.10",
        "after": "595.10",
        "difference": "48.00",
    }
    assert [(each["name"], each["difference"]) for each in found["items"]] == [("nodes/apps", "48.00")]


def test_csv_has_a_row_a_line(call: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(call("cost", "--format", "csv")[1])))
    prod = [row for row in rows if row["environment"] == "prod"]
    assert sum(Decimal(row["monthly"]) for row in prod) == Decimal("547.10")
    assert prod[0]["title"] == "DOKS 3 nodes (POC)"
    compared = list(
        csv.DictReader(io.StringIO(call("cost", "prod", "--set", "platform.pools.apps.nodes=4", "-f", "csv")[1]))
    )
    assert [(row["before"], row["after"], row["difference"]) for row in compared] == [("144.00", "192.00", "48.00")]


def test_what_is_compared_is_written_nowhere(call: Any) -> None:
    before = (ROOT / "topology.yaml").read_bytes()
    call("cost", "prod", "--set", "platform.pools.apps.nodes=4")
    assert (ROOT / "topology.yaml").read_bytes() == before


def test_a_value_without_a_price_is_said_to_change_nothing(call: Any) -> None:
    code, out, _ = call("cost", "prod", "--set", "services.api.env.X=y")
    assert code == 0
    assert "no line of the bill changes" in out


def test_a_size_that_the_book_lacks(edited: Any) -> None:
    code, out, err = edited(("apps:  {size: s-4vcpu-8gb", "apps:  {size: s-9vcpu-9gb"))
    assert (code, out) == (2, "")
    assert "C008 price-missing" in err
    assert "there is no price for 's-9vcpu-9gb'" in err
    line = (ROOT / "topology.yaml").read_text().splitlines().index("    apps:  {size: s-4vcpu-8gb, nodes: 3}") + 1
    assert f"{line}:19" in err


def test_two_currencies_without_a_rate(edited: Any) -> None:
    code, out, err = edited(("  currency: USD", "  currency: BRL"))
    assert (code, out) == (2, "")
    assert "C009 currency-without-rate" in err


def test_a_bill_in_another_currency(edited: Any) -> None:
    rates = "  currency: BRL\n  rates: {USD: {rate: 5, date: 2026-11-20, source: bank}}"
    code, out, _ = edited(("  currency: USD", rates))
    assert code == 0
    assert "BRL a month" in out.splitlines()[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("monthly: 96,", "monthly: -96,"), "the number -96 is out of range"),
        (("monthly: 96,", "monthly: 96000000000000,"), "out of range"),
        (("monthly: 96,", "monthly: lots,"), "is not an amount of money"),
        (("  currency: USD", "  currency: dollars"), "does not have the right shape"),
        (("  currency: USD", "  currency: USD\n  budgets: {pods: {nobody: 3}}"), "there is no tenant pod 'nobody'"),
        (
            ("  currency: USD", "  currency: USD\n  rates: {EUR: {rate: 0, date: 2026-01-01, source: x}}"),
            "out of range",
        ),
        (("  currency: USD", "  currency: USD\n  environment: qa"), "there is no environment 'qa'"),
        (("{stored: {spaces: 1000Gi}}", "{stored: {pg: 1000Gi}}"), "pg is timescaledb, and only object-storage"),
        (("{stored: {spaces: 1000Gi}}", "{stored: {space: 1000Gi}}"), "did you mean 'spaces'?"),
    ],
)
def test_bad_input_is_told_in_peoples_words(edited: Any, change: tuple[str, str], told: str) -> None:
    code, out, err = edited(change)
    assert (code, out) == (2, "")
    assert told in err.replace("\n            ", " ")


def test_a_topology_from_standard_input_is_read_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((ROOT / "topology.yaml").read_bytes())))
    assert run(["cost", "prod", "--topology", "-", "--set", "platform.pools.apps.nodes=4"]) == 0
    assert "547.10 → 595.10" in capsys.readouterr().out


def test_bad_input_as_json(edited: Any) -> None:
    change = ("apps:  {size: s-4vcpu-8gb", "apps:  {size: s-9vcpu-9gb")
    code, out, _ = edited(change, arguments=("cost", "prod", "--format", "json"))
    found = json.loads(out)
    assert (code, found["ok"], [each["code"] for each in found["findings"]]) == (2, False, ["C008"])


def test_comparing_bills_of_two_currencies(edited: Any) -> None:
    rates = "  currency: USD\n  rates: {USD: {rate: 5, date: 2026-11-20, source: bank}}"
    arguments = ("cost", "prod", "--set", "costs.currency=BRL")
    code, out, err = edited(("  currency: USD", rates), arguments=arguments)
    assert (code, out) == (2, "")
    assert "one bill is in USD, the other in BRL" in err


@pytest.mark.parametrize("argument", ["services.api.replicas", "=", "a..b=3", "services.api.replicas=["])
def test_a_value_that_cannot_be_read(call: Any, argument: str) -> None:
    code, out, err = call("cost", "prod", "--set", argument)
    assert (code, out) == (2, "")
    assert err.startswith("solutio: ")
    assert "Traceback" not in err


def test_budgets_and_margins_are_told_where_there_are_any(edited: Any) -> None:
    more = "  currency: USD\n  budgets: {environments: {prod: 500}}\n  revenue: {enterprise: {monthly: 900}}"
    code, out, _ = edited(("  currency: USD", more))
    assert code == 0
    assert "  budget 500.00: 47.10 over" in out
    (line,) = [line for line in out.splitlines() if line.startswith("  org-e ") and "1 × 180.30" in line]
    assert line.split()[-3:] == ["900.00", "80.0", "%"]
