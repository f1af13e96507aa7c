"""Capacity as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.cost.capacity.place import Verdict
from solutio_topology.report.as_json import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solutio_topology.cost.capacity.fit import Capacity, Fit, Level
    from solutio_topology.cost.capacity.model import Amounts
    from solutio_topology.cost.capacity.place import Answer, Part


def render(found: Iterable[Capacity], level: Level) -> str:
    """The capacity of environments as one JSON object; CPU in millicores, memory in bytes."""
    environments = [environment(each, level) for each in found]
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": "cost",
        "ok": all(each["fits"] for each in environments),
        "level": level.value,
        "environments": environments,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def environment(found: Capacity, level: Level) -> dict[str, Any]:
    """One environment: the answers, its pools, and its nodes as they stand at `level`."""
    fit = found.fit
    return {
        "name": found.environment,
        "fits": fit.levels[level].verdict.rank < Verdict.UNDECIDED.rank,
        "levels": {each.value: _answer(fit, answer) for each, answer in fit.levels.items()},
        "nodeLost": [
            {"pool": lost.pool, "verdict": lost.answer.verdict.value, "stranded": _pods(fit, lost.stranded)}
            for lost in fit.lost
        ],
        "rollouts": [
            {"workload": fit.groups[each.group].name, "pods": each.more, "verdict": each.verdict.value}
            for each in fit.rollouts
        ],
        "pools": [_pool(found, name) for name in found.platform.pools],
        "nodes": _nodes(fit, level),
        "workloads": [
            {
                "name": group.name,
                "minimum": group.low,
                "usual": group.usual,
                "maximum": group.high,
                "request": _amounts(group.shape.request),
                "pools": list(fit.pools_of(at)),
                "missing": list(group.missing),
            }
            for at, group in enumerate(fit.groups)
        ],
        "uncounted": [each.message for each in fit.uncounted],
        "notes": list(found.notes),
    }


def _answer(fit: Fit, answer: Answer) -> dict[str, Any]:
    return {
        "verdict": answer.verdict.value,
        "parts": [_part(fit, part) for part in answer.parts],
        "pending": _pods(fit, answer.pending),
        "homeless": _pods(fit, answer.homeless),
    }


def _part(fit: Fit, part: Part) -> dict[str, Any]:
    short = part.short
    lacking = short and {
        "resource": short.resource,
        "needed": short.needed,
        "offered": short.offered,
        "pools": list(short.pools),
        "nodes": short.nodes,
        "workloads": [fit.groups[at].name for at in short.groups],
    }
    return {"pools": list(part.pools), "verdict": part.verdict.value, "lacking": lacking}


def _pods(fit: Fit, pods: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    return [{"workload": fit.groups[at].name, "pods": number} for at, number in pods]


def _pool(found: Capacity, name: str) -> dict[str, Any]:
    pool = found.platform.pools[name]
    first = next((machine for machine in found.fit.machines if machine.pool == name), None)
    return {
        "name": name,
        "size": pool.size,
        "nodes": pool.nodes,
        "offers": first and _amounts(first.offers),
        "room": first and _amounts(first.room),
    }


def _nodes(fit: Fit, level: Level) -> list[dict[str, Any]]:
    there: dict[int, list[dict[str, Any]]] = {node: [] for node in range(len(fit.machines))}
    for node, group, number in fit.levels[level].standing:
        there[node].append({"workload": fit.groups[group].name, "pods": number})
    return [
        {"name": machine.name, "pool": machine.pool, "pods": there[node]} for node, machine in enumerate(fit.machines)
    ]


def _amounts(amounts: Amounts) -> dict[str, int]:
    return dict(amounts._asdict())
