"""What a change costs: edits of the real topology with their amounts, and sides that cannot be compared."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from solutio_topology.diff.gates import failing
from solutio_topology.diff.model import Difference, Money
from solutio_topology.diff.money import money
from solutio_topology.report.diff_json import document
from solutio_topology.report.diff_markdown import render as as_markdown
from solutio_topology.report.diff_text import Extent
from solutio_topology.report.diff_text import render as as_text
from tests.diff.edits import edited

Edits = list[tuple[str, str]]
NODES = [("apps:  {size: s-4vcpu-8gb, nodes: 3}", "apps:  {size: s-4vcpu-8gb, nodes: 4}")]
SECOND_CUSTOMER = [
    (
        "environments:\n  prod:",
        "  org-f: {tier: enterprise, orgs: [org-second]}\n\nenvironments:\n  prod:",
    )
]

# Of pool apps, org-e uses ing, front, docs and atlas with three others:
# a quarter of the mean of 1.1 in 3.9 CPU and 2.5 in 8.25 GiB.
CASES: dict[str, tuple[Edits, str, list[str], list[str]]] = {
    "one more node": (NODES, "+48.00", ["DOKS 3 nodes (POC): 144.00 → 192.00"], ["default +44.49", "org-e +3.51"]),
    "a larger database": (
        [("storage: 100Gi", "storage: 150Gi")],
        "+5.00",
        ["volume of pg of default: 10.00 → 15.00"],
        ["default +5.00"],
    ),
    "a database for one customer": (
        [("pg: {storage: 50Gi}", "pg: {storage: 80Gi}")],
        "+3.00",
        ["volume of pg of org-e: 5.00 → 8.00"],
        ["org-e +3.00"],
    ),
    "another size for a tier": (
        [("pool: {size: s-8vcpu-16gb, nodes: 1}", "pool: {size: s-4vcpu-8gb, nodes: 1}")],
        "-48.00",
        ["node pool org-e of org-e: 96.00 → 48.00"],
        ["org-e -48.00"],
    ),
    "a control plane that runs several times": (
        [('kubernetes: "1.34"', 'kubernetes: "1.34"\n  highAvailability: true')],
        "+40.00",
        ["control plane, highly available: - → 40.00"],
        ["default +30.00", "org-e +10.00"],
    ),
    "an image": ([("tag: 2026.11.1", "tag: 2026.11.2")], "+0.00", [], []),
}


def _said(found: Money) -> tuple[str, list[str], list[str]]:
    items = [
        f"{each.item}{f' of {each.pod}' if each.pod else ''}: {each.before or '-'} → {each.after or '-'}"
        for each in found.items
    ]
    return f"{found.difference:+.2f}", items, [f"{each.pod} {each.difference:+.2f}" for each in found.pods]


@pytest.mark.parametrize("name", CASES)
def test_a_change_and_what_it_costs(name: str, tmp_path: Path) -> None:
    changes, difference, items, pods = CASES[name]
    found = edited(tmp_path, *changes).money
    assert found is not None
    assert found.before == Decimal("547.10")
    assert _said(found) == (difference, items, pods)


def test_a_customer_more(tmp_path: Path) -> None:
    found = edited(tmp_path, *SECOND_CUSTOMER).money
    assert found is not None
    assert {(each.item, each.pod, each.before, each.after) for each in found.items} == {
        ("node pool org-f", "org-f", None, Decimal("96.00")),
        ("volume of pg", "org-f", None, Decimal("10.00")),
        ("volume of redis", "org-f", None, Decimal("0.50")),
        ("load balancer of listener", "org-f", None, Decimal("15.00")),
    }
    assert found.difference == Decimal("121.50")
    # What is shared is divided by one organization more: the others pay less of it.
    assert [each.difference > 0 for each in found.pods] == [False, False, True]
    assert sum(each.difference for each in found.pods) == found.difference


def test_what_changes_the_bill_and_no_manifest_is_told_too(tmp_path: Path) -> None:
    found = edited(tmp_path, ("monthly: 50, note: Plano starter", "monthly: 95, note: Plano maior"))
    assert found.empty
    assert found.money is not None
    assert _said(found.money)[:2] == ("+45.00", ["Vector DB externo: 50.00 → 95.00"])
    assert "+45.00  Vector DB externo" in as_text(found)
    assert "money       547.10 → 592.10 USD a month (+45.00)" in as_text(found, extent=Extent.STAT)
    assert failing(found, ("any",)) == ("any",)


def test_nothing_differs(tmp_path: Path) -> None:
    found = edited(tmp_path)
    assert (found.empty, found.money) == (True, None)


@pytest.mark.parametrize(("gate", "fails"), [("cost:+50", False), ("cost:+48", False), ("cost:+47.99", True)])
def test_as_a_gate(tmp_path: Path, gate: str, fails: bool) -> None:
    assert failing(edited(tmp_path, *NODES), (gate,)) == ((gate,) if fails else ())


def test_one_tenant_pod_alone(tmp_path: Path) -> None:
    changes = [*NODES, ("pg: {storage: 50Gi}", "pg: {storage: 80Gi}")]
    found = edited(tmp_path, *changes, pod="org-e").money
    assert found is not None
    assert _said(found) == ("+6.51", ["volume of pg of org-e: 5.00 → 8.00"], ["org-e +6.51"])
    other = edited(tmp_path, ("pg: {storage: 50Gi}", "pg: {storage: 90Gi}"), pod="default").money
    assert other is not None
    assert _said(other) == ("+0.00", [], [])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("apps:  {size: s-4vcpu-8gb", "apps:  {size: s-9vcpu-9gb")], "there is no price for 's-9vcpu-9gb'"),
        ([("  currency: USD", "  currency: BRL")], "is in USD and the bill in BRL"),
        (
            [("  currency: USD", "  currency: BRL\n  rates: {USD: {rate: 5, date: 2026-11-20, source: x}}")],
            "one bill is in USD, the other in BRL",
        ),
    ],
)
def test_bills_that_cannot_be_compared(tmp_path: Path, changes: Edits, told: str) -> None:
    found = edited(tmp_path, *changes)
    assert found.money is None
    assert any(note.startswith("money is not compared: ") and told in note for note in found.notes)


def test_in_every_format(tmp_path: Path) -> None:
    found = edited(tmp_path, *NODES)
    assert "        +48.00  DOKS 3 nodes (POC)\n" in as_text(found)
    assert "         +3.51  in all for tenant pod org-e\n" in as_text(found)
    assert "- +48.00 USD: DOKS 3 nodes (POC)\n" in as_markdown(found)
    assert document(found, ())["money"] == {
        "currency": "USD",
        "before": "547.10",
        "after": "595.10",
        "items": [{"item": "DOKS 3 nodes (POC)", "pod": "", "before": "144.00", "after": "192.00"}],
        "pods": [
            {"pod": "default", "before": "366.80", "after": "411.29"},
            {"pod": "org-e", "before": "180.30", "after": "183.81"},
        ],
    }


def test_a_side_without_a_topology_has_no_bill() -> None:
    assert money(None, None) == (None, "")
    assert Difference("prod", "a", "b").money is None
