"""A bill as JSON for programs; its schema is ``schemas/cost.schema.json``. Amounts are text: none becomes inexact."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.cost.model import total
from solutio_topology.report.as_json import SCHEMA_VERSION

if TYPE_CHECKING:
    from solutio_topology.cost.compare import LineChange
    from solutio_topology.cost.estimate import Comparison, Estimate
    from solutio_topology.cost.model import Item
    from solutio_topology.cost.totals import PodCost, Totals


def render(found: Sequence[Estimate]) -> str:
    """The bills of environments as one JSON object."""
    return _text([_environment(each) for each in found])


def render_comparison(found: Sequence[Comparison], values: Sequence[str]) -> str:
    """The bills with other values, each with what they change."""
    return _text([{**_environment(each.after), "change": _comparison(each, values)} for each in found])


def _text(environments: list[dict[str, Any]]) -> str:
    head = {"schemaVersion": SCHEMA_VERSION, "toolVersion": __version__, "command": "cost", "ok": True}
    return json.dumps({**head, "environments": environments}, indent=2, ensure_ascii=False) + "\n"


def _environment(each: Estimate) -> dict[str, Any]:
    bill = each.bill
    stated = each.costs.declared
    return {
        "environment": bill.environment,
        "currency": bill.currency,
        "total": str(bill.total),
        "onPage": str(total(bill.on_page)),
        "offPage": str(total(bill.off_page)),
        "declared": None if stated is None else {"monthly": str(stated.monthly), "tolerance": stated.tolerance},
        "items": [_item(item) for item in bill.items],
        "unknown": [{"subject": one.subject, "why": one.why, "remedy": one.remedy} for one in bill.unknown],
        "notes": list(bill.notes),
        "shared": each.costs.shared,
        "totals": _totals(each.totals),
        "change": None,
    }


def _item(item: Item) -> dict[str, Any]:
    listing = item.listing
    whole = sum(use.weight for use in item.uses)
    return {
        "name": item.name,
        "title": item.title,
        "category": item.category.value,
        "kind": item.kind.value,
        "page": item.page or None,
        "pod": item.pod or None,
        "layer": item.layer or None,
        "pool": item.pool or None,
        "service": item.service or None,
        "quantity": f"{item.quantity.normalize():f}",
        "unit": item.unit,
        "unitPrice": f"{item.unit_price:f}",
        "monthly": str(item.monthly),
        "price": {
            "key": item.price_key or None,
            "amount": f"{listing.amount:f}",
            "currency": listing.currency,
            "source": listing.source,
            "date": listing.date.isoformat() if listing.date else None,
            "confirmed": listing.confirmed,
        },
        "uses": [
            {"layer": use.layer or None, "pod": use.pod, "share": f"{Decimal(use.weight) / whole:.6f}"}
            for use in item.uses
        ],
    }


def _share(part: int, whole: int) -> str:
    return f"{Decimal(part) / whole:.6f}"


def _totals(found: Totals) -> dict[str, Any]:
    return {
        "layers": [{"layer": name or None, "monthly": str(amount)} for name, amount in found.layers.items()],
        "tiers": [{"tier": name, "monthly": str(amount)} for name, amount in found.tiers.items()],
        "pools": [{"pool": name or None, "monthly": str(amount)} for name, amount in found.pools.items()],
        "pods": [_pod(pod) for pod in found.pods],
    }


def _pod(pod: PodCost) -> dict[str, Any]:
    return {
        "pod": pod.pod,
        "tier": pod.tier,
        "own": str(pod.own),
        "shared": str(pod.shared),
        "monthly": str(pod.total),
        "orgs": [{"org": org, "monthly": str(amount)} for org, amount in pod.by_org.items()],
        "revenue": _optional(pod.revenue),
        "margin": _optional(pod.margin),
        "marginPercent": _optional(pod.margin_share),
    }


def _optional(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _comparison(each: Comparison, values: Sequence[str]) -> dict[str, Any]:
    old, new = each.before.bill.total, each.after.bill.total
    return {
        "set": list(values),
        "before": str(old),
        "after": str(new),
        "difference": str(new - old),
        "items": [_change(change) for change in each.changes],
    }


def _change(change: LineChange) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "name": change.item.name,
        "before": None if before is None else _item(before),
        "after": None if after is None else _item(after),
        "difference": str(change.difference),
    }
