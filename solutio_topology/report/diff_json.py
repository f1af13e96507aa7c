"""A difference as JSON for programs; its schema is ``schemas/diff.schema.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from solutio_topology import __version__
from solutio_topology.diff.model import Danger, Difference, Exposure, Money, Rollout, Room
from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.values import ABSENT, ValueChange
from solutio_topology.report.as_json import SCHEMA_VERSION, finding

if TYPE_CHECKING:
    from solutio_topology.diff.model import Cause
    from solutio_topology.manifests.facts import Key
    from solutio_topology.reach.compare import Change


def render(found: Difference, *, failing: tuple[str, ...] = ()) -> str:
    """The whole difference as one JSON object; `failing` are the gates that it does not pass."""
    return json.dumps(document(found, failing), indent=2, ensure_ascii=False, default=str) + "\n"


def document(found: Difference, failing: tuple[str, ...]) -> dict[str, Any]:
    """The object that `render` writes."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": "diff",
        "ok": not failing,
        "failing": list(failing),
        "environment": found.environment,
        "before": found.before,
        "after": found.after,
        "summary": _summary(found),
        "objects": [_object(each, found.causes.get(each.key, ())) for each in found.objects],
        "rollout": {"order": list(found.order), "workloads": [_rollout(each) for each in found.rollouts]},
        "dangers": [_danger(each) for each in found.dangers],
        "exposure": None if found.exposure is None else _exposure(found.exposure),
        "money": None if found.money is None else _money(found.money),
        "capacity": None if found.capacity is None else [_room(each) for each in found.capacity],
        "findings": [finding(each) for each in found.introduced],
        "fixed": [finding(each) for each in found.fixed],
        "blastRadius": {
            "services": list(found.blast.services),
            "depending": list(found.blast.depending),
            "paths": list(found.blast.paths),
            "pods": list(found.blast.pods),
            "orgs": list(found.blast.orgs),
        },
        "files": list(found.files),
        "notes": list(found.notes),
    }


def _summary(found: Difference) -> dict[str, int]:
    actions = [each.action.value for each in found.objects]
    return {
        **{name: actions.count(name) for name in ("added", "removed", "changed", "renamed")},
        "dangers": len(found.unapproved),
        "approved": len(found.dangers) - len(found.unapproved),
        "introduced": len(found.introduced),
        "fixed": len(found.fixed),
    }


def key(known: Key) -> dict[str, str]:
    """What makes an object that object."""
    return {"group": known.group, "kind": known.kind, "namespace": known.namespace, "name": known.name}


def _object(each: ObjectChange, causes: tuple[Cause, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "action": each.action.value,
        **key(each.key),
        "pod": each.pod,
        "service": each.service,
        "changes": [_change(one) for one in each.changes],
        "causes": [
            {
                "pointer": one.pointer,
                "file": one.location.file,
                "line": one.location.line,
                "column": one.location.column,
            }
            for one in causes
        ],
    }
    if each.before is not None and each.before.key != each.key:
        found["was"] = key(each.before.key)
    return found


def _change(change: ValueChange) -> dict[str, Any]:
    found: dict[str, Any] = {"place": change.pointer}
    if change.before is not ABSENT:
        found["before"] = change.before
    if change.after is not ABSENT:
        found["after"] = change.after
    return {**found, "inside": [_change(each) for each in change.inner]} if change.inner else found


def _rollout(each: Rollout) -> dict[str, Any]:
    return {
        **key(each.key),
        "pod": each.pod,
        "service": each.service,
        "disruption": each.disruption.value,
        "pods": each.pods,
        "manner": each.manner,
        "reasons": list(each.reasons),
        "stage": each.stage,
    }


def _danger(each: Danger) -> dict[str, Any]:
    return {
        "danger": each.code,
        "subject": str(each.subject),
        "pod": each.pod,
        "service": each.service,
        "message": each.message,
        "remedy": each.remedy,
        "approved": each.approved or None,
    }


def _exposure(found: Exposure) -> dict[str, Any]:
    return {
        "opened": [_connection(each, found) for each in found.opened],
        "closed": [_connection(each, found) for each in found.closed],
        "changed": [_connection(each, found) for each in found.changed],
        "betweenTenantPods": [_connection(each, found) for each in found.crossing],
        "hostsAdded": list(found.hosts_added),
        "hostsRemoved": list(found.hosts_removed),
    }


def _connection(each: Change, found: Exposure) -> dict[str, Any]:
    pods = sorted({found.owners[name] for name in (each.src, each.dst) if name in found.owners})
    return {"src": each.src, "dst": each.dst, "before": str(each.before), "after": str(each.after), "pods": pods}


def _money(found: Money) -> dict[str, Any]:
    """Amounts are text, so that no reader makes them inexact."""
    items = [
        {"item": each.item, "pod": each.pod, "before": _text(each.before), "after": _text(each.after)}
        for each in found.items
    ]
    pods = [{"pod": each.pod, "before": _text(each.before), "after": _text(each.after)} for each in found.pods]
    whole = {"currency": found.currency, "before": str(found.before), "after": str(found.after)}
    return {**whole, "items": items, "pods": pods}


def _room(each: Room) -> dict[str, Any]:
    return {"pool": each.pool, "when": each.when, "before": each.before, "after": each.after}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
