"""Bills in every format: what many tenant pods look like, and text that means something to the format."""

from __future__ import annotations

import csv
import io
from typing import Any

from solutio_topology.cost.estimate import Comparison, Estimate, compare_estimates, estimate_of
from solutio_topology.report import cost_csv, cost_markdown, cost_rows, cost_text
from tests.cost.world import DEDICATED, graph


def _estimate(*changes: tuple[str, Any], environment: str = "prod") -> Estimate:
    return estimate_of(graph(*changes, environment=environment))


def _many(count: int) -> Estimate:
    pods = {f"customer-{number}": {"tier": "own", "orgs": [f"o{number}"]} for number in range(count)}
    return _estimate(DEDICATED[0], ("pods", {"all": {"tier": "basic", "orgs": ["a", "b"]}, **pods}))


def _rows(found: Estimate) -> list[tuple[str, str, str, str]]:
    return [(row.title, row.whom, row.quantity, str(row.monthly)) for row in cost_rows.rows(found.bill.items)]


def test_a_few_tenant_pods_have_lines_of_their_own() -> None:
    assert _rows(_many(2)) == [
        ("node pool apps", "shared", "2 × s-2vcpu-4gb", "48.00"),
        ("node pool customer-0", "customer-0", "1 × s-4vcpu-8gb", "48.00"),
        ("node pool customer-1", "customer-1", "1 × s-4vcpu-8gb", "48.00"),
        ("volume of db", "all", "10 GiB", "1.00"),
        ("volume of db", "customer-0", "10 GiB", "1.00"),
        ("volume of db", "customer-1", "10 GiB", "1.00"),
        ("object storage", "shared", "1", "5.00"),
    ]


def test_alike_lines_of_many_tenant_pods_are_told_once_and_add_up() -> None:
    found = _many(1200)
    assert _rows(found) == [
        ("node pool apps", "shared", "2 × s-2vcpu-4gb", "48.00"),
        ("node pools", "several", "1,200 × s-4vcpu-8gb", "57600.00"),
        ("volume of db", "several", "12,010 GiB", "1201.00"),
        ("object storage", "shared", "1", "5.00"),
    ]
    text = cost_text.render([found])
    assert "  and 1181 more: --format csv lists every line, --format json every tenant pod\n" in text
    assert "  and 1182 more\n" in text
    assert "shared lines" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_several_environments_and_what_they_come_to() -> None:
    text = cost_text.render([_estimate(), _estimate(environment="staging")])
    assert text.endswith("all environments: 103.00 USD a month\n")


def test_colours_change_nothing_but_the_colours() -> None:
    found = _many(2)
    plain, painted = cost_text.render([found]), cost_text.render([found], color=True)
    for code in ("\x1b[1m", "\x1b[2m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert painted == plain


LONG = "A title | that is <b>much</b> longer than a column of the table and breaks it"
ITEM = ("costs/items", {"mail": {"title": LONG, "monthly": 9, "service": "mail"}})
FORMULA = ("costs/items", {"mail": {"title": "=1+1", "monthly": 9, "service": "mail"}})


def test_a_title_that_does_not_fit() -> None:
    text = cost_text.render([_estimate(ITEM)])
    assert max(map(len, text.splitlines())) <= 80
    assert "much" in text
    assert "A title \\| that is &lt;b>much&lt;/b> longer" in cost_markdown.render([_estimate(ITEM)])


def test_a_spreadsheet_takes_no_title_for_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(cost_csv.render([_estimate(FORMULA)]))))
    assert [row["title"] for row in rows if row["page"] == "mail"] == ["'=1+1"]


def _comparison(*changes: tuple[str, Any]) -> Comparison:
    return compare_estimates(_estimate(), _estimate(*changes))


def test_a_comparison_in_which_lines_come_and_go() -> None:
    changes: list[tuple[str, Any]] = [("platform/highAvailability", True), ("services/db/storage", None)]
    changes.append(("components/store/storage", None))
    found = _comparison(*changes)
    text = cost_text.render_comparison([found], ["x=1"])
    told = [line.split() for line in text.splitlines() if line.startswith(("  control plane", "  volume"))]
    assert told == [
        ["control", "plane,", "highly", "available", "–", "40.00", "+40.00"],
        ["volume", "of", "db", "1.00", "–", "-1.00"],
    ]
    assert text.startswith("prod: 54.00 → 93.00 USD a month (+39.00)\n  with x=1\n")
    markdown = cost_markdown.render_comparison([found], ["a`b=1"])
    assert "- `a'b=1`\n" in markdown
    assert "| volume of db | all | 10 GiB: 1.00 | – | -1.00 |\n" in markdown
    rows = list(csv.DictReader(io.StringIO(cost_csv.render_comparison([found]))))
    assert [(row["before"], row["after"]) for row in rows] == [("", "40.00"), ("1.00", "")]


def test_a_comparison_of_many_tenant_pods() -> None:
    pods = {f"customer-{number}": {"tier": "own", "orgs": [f"o{number}"]} for number in range(60)}
    base = (DEDICATED[0], ("pods", {"all": {"tier": "basic", "orgs": ["a", "b"]}, **pods}))
    found = compare_estimates(_estimate(*base), _estimate(*base, ("tiers/own/pool/size", "c-4")))
    text = cost_text.render_comparison([found], ["tiers.own.pool.size=c-4"])
    assert "  and 40 more\n" in text
    assert max(map(len, text.splitlines())) <= 80
