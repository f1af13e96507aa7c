"""A plan as JSON for programs; its schema is ``schemas/plan.schema.json``. Amounts are text: none becomes inexact."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.report.as_json import SCHEMA_VERSION

if TYPE_CHECKING:
    from solutio_topology.cost.scale.model import Limit, Plan, Point, Sizing


def render(plan: Plan) -> str:
    """What an environment costs as it grows, as one JSON object."""
    found = {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": "cost",
        "ok": True,
        "environment": plan.environment,
        "currency": plan.currency,
        "tiers": {"shared": plan.tiers[0], "enterprise": plan.tiers[1] or None},
        "points": [_point(point) for point in plan.points],
        "breakEven": [{"question": even.question, "answer": even.answer, "orgs": even.number} for even in plan.evens],
        "assumptions": [{"about": head, "lines": list(lines)} for head, lines in plan.assumptions],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _point(point: Point) -> dict[str, Any]:
    price = point.price
    return {
        "orgs": point.ask.orgs,
        "enterprise": point.ask.enterprise,
        "stated": dict(point.ask.stated),
        "demand": dict(point.sizing.demand),
        "monthly": str(price.total),
        "perOrg": _amount(point.per_org),
        "perSharedOrg": _amount(point.per_shared_org),
        "perEnterprise": _amount(point.per_enterprise),
        "revenue": {tier: str(amount) for tier, amount in price.revenue.items()},
        "byCategory": {name: str(amount) for name, amount in price.by_category.items()},
        "nodes": point.nodes,
        **_sizing(point.sizing),
        "exceeded": [_limit(limit) for limit in point.sizing.limits],
        "next": None
        if point.next is None
        else {"orgs": point.next.orgs, "what": point.next.what, "demand": dict(point.next.demand)},
    }


def _sizing(sizing: Sizing) -> dict[str, Any]:
    return {
        "pools": {name: {"nodes": crowd.nodes, "why": crowd.why} for name, crowd in sizing.pools.items()},
        "replicas": [
            {"pod": target.pod, "service": target.service, "process": target.process or None, "number": number}
            for target, number in sizing.replicas.items()
        ],
        "volumes": [{"pod": pod, "service": service, "gib": size} for (pod, service), size in sizing.storage.items()],
        "tariffs": {
            key: {"title": tariff.title, "monthly": f"{tariff.monthly:f}"} for key, tariff in sizing.tariffs.items()
        },
        "usage": {".".join(place): size for place, size in sizing.usage.items()},
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "subject": limit.subject,
        "needed": limit.needed,
        "most": limit.most,
        "pointer": ".".join(map(str, limit.pointer)),
        "pricedAt": "most" if limit.held else "needed",
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
