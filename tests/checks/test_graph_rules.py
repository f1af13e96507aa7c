"""Every rule over the graph: a case in which it fires, and the sample in which none does."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from solutio_topology import catalog
from solutio_topology.checks import cost_rules, decision_rules, edge_rules, graph_rules, tenancy_rules
from solutio_topology.checks.inputs import Intent
from solutio_topology.findings import Location
from solutio_topology.graph.expand import expand
from solutio_topology.spec.topology import Topology

TODAY = datetime.date(2026, 11, 25)
Change = Callable[[dict[str, Any]], None]

SOUND: dict[str, Any] = {
    "apiVersion": "topology.solutio.dev/v1",
    "kind": "Topology",
    "metadata": {"name": "sound"},
    "platform": {
        "region": "here",
        "kubernetes": "1.34",
        "registry": "registry.example.com",
        "repository": {"url": "https://git.example.com/x"},
        "secrets": {"provider": "none"},
        "ingress": {"controller": "gateway-api", "class": "cilium"},
        "certificates": {"email": "a@example.com"},
        "backups": {"service": "store", "bucket": "b", "endpoint": "https://s3.example.com"},
        "pools": {"apps": {"size": "s", "nodes": 2}},
    },
    "layers": {
        "edge": {"title": "Edge", "drawnIn": "outside", "reaches": ["apps", "media"]},
        "apps": {"title": "Apps"},
        "data": {"title": "Data"},
        "media": {"title": "Media", "namespace": "own"},
        "others": {"title": "Others", "drawnIn": "outside"},
    },
    "services": {
        "cf": {"component": "cloudflare", "layer": "edge"},
        "phones": {"component": "client", "layer": "edge"},
        "gate": {"component": "gateway-cilium", "layer": "apps"},
        "web": {"component": "nextjs", "layer": "apps", "image": {"name": "web", "tag": "1"}, "replicas": 2},
        "api": {"component": "rails", "layer": "apps", "image": {"name": "api", "tag": "1"}, "replicas": 2},
        "db": {"component": "timescaledb", "layer": "data", "major": 16, "replicas": 2},
        "cache": {"component": "redis", "layer": "data"},
        "lk": {"component": "livekit", "layer": "media", "replicas": 3},
        "bridge": {"component": "go2rtc", "layer": "media"},
        "store": {"component": "object-storage", "layer": "others", "hosts": ["s3.example.com"]},
    },
    "edges": {
        "cf-gate": {"from": "cf", "to": "gate"},
        "gate-web": {"from": "gate", "to": "web", "host": "app{-pod}.{zone}"},
        "gate-api": {"from": "gate", "to": "api", "host": "api{-pod}.{zone}"},
        "web-api": {"from": "web", "to": "api", "env": "API_URL"},
        "api-db": {"from": "api", "to": "db", "env": "DATABASE_URL"},
        "lk-cache": {"from": "lk", "to": "cache", "env": "REDIS_HOST"},
        "bridge-lk": {"from": "bridge", "to": "lk", "env": "LIVEKIT_URL"},
        "phones-lk": {"from": "phones", "to": "lk", "ports": ["rtc-udp"], "via": "node"},
        "db-store": {"from": "db", "to": "store"},
    },
    "paths": {"request": "cf -> gate -> api -> db"},
    "tiers": {
        "basic": {"tenancy": "shared"},
        "own": {"tenancy": "dedicated", "dedicates": ["web", "api", "db"], "pool": {"size": "s", "nodes": 1}},
    },
    "pods": {"all": {"tier": "basic", "orgs": ["a"]}, "one": {"tier": "own", "orgs": ["b"]}},
    "environments": {"prod": {"zone": "example.com"}},
    "costs": {
        "declared": {"monthly": 100, "tolerance": "1%"},
        "items": {
            "nodes": {"title": "Nodes", "monthly": 99, "pool": "apps"},
            "edge": {"title": "Edge", "monthly": 0, "service": "cf"},
        },
        "prices": {"s": {"amount": 49.5, "date": "2026-11-01"}},
    },
    "decisions": {
        "db": {"title": "DB", "chosen": "Timescale", "components": ["timescaledb"], "rejected": {"pgvector": "no"}}
    },
    "ignore": [],
}
# What the sound topology keeps in a store that its customers share: its backups.
KNOWN = {("T002", "service store of one")} | {
    ("D007", f"component {name}")
    for name in ("cloudflare", "gateway-cilium", "nextjs", "rails", "redis", "livekit", "go2rtc", "object-storage")
}


def _found(change: Change | None = None) -> set[tuple[str, str]]:
    data = copy.deepcopy(SOUND)
    if change is not None:
        change(data)
    topology = Topology.model_validate(data)
    graph = expand(topology, "prod", lambda name: catalog.component(name, topology.components))
    intent = Intent(graph, lambda pointer: Location("topology.yaml", 1, 1, pointer), TODAY)
    rooms = (graph_rules, edge_rules, tenancy_rules, cost_rules, decision_rules)
    checks = [check for room in rooms for check in room.CHECKS]
    return {(finding.code, finding.subject) for check in checks for finding in check.find(intent)} - KNOWN


def _set(path: str, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        *steps, last = path.split("/")
        for step in steps:
            data = data[step]
        if value is None:
            del data[last]
        else:
            data[last] = value

    return change


def _both(*changes: Change) -> Change:
    def change(data: dict[str, Any]) -> None:
        for each in changes:
            each(data)

    return change


FIRING: list[tuple[str, str, Change]] = [
    ("G001", "edge x", _set("edges/x", {"from": "api", "to": "api", "env": "X"})),
    (
        "G002",
        "services api, cache",
        _both(
            _set("edges/a", {"from": "api", "to": "cache", "env": "A"}),
            _set("edges/b", {"from": "cache", "to": "api", "env": "B", "order": True}),
        ),
    ),
    (
        "G003",
        "service lost",
        _set("services/lost", {"component": "worker", "layer": "apps", "image": {"name": "x", "tag": "1"}}),
    ),
    ("G004", "edge x", _set("edges/x", {"from": "cf", "to": "db"})),
    ("G005", "service lk", _set("edges/lk-cache", None)),
    (
        "G006",
        "service gate",
        _both(
            _set("services/gate/component", "ingress-nginx"), _set("platform/ingress", {"controller": "ingress-nginx"})
        ),
    ),
    ("G007", "service api", _set("services/api/replicas", 1)),
    ("G008", "service store", _set("services/store/layer", "data")),
    ("G009", "edge gate-api of one", _set("edges/gate-api/host", "api.x.{zone}")),
    ("G010", "edge api-db", _set("edges/api-db/ports", ["mysql"])),
    ("G011", "service lk", _set("layers/media/namespace", "shared")),
    ("G012", "edge phones-lk", _set("edges/phones-lk/via", "load-balancer")),
    ("G013", "edge web-api", _set("edges/web-api/env", None)),
    ("G014", "service web", _set("services/web/env", {"NEXT_PUBLIC_X": "1"})),
    ("G015", "service db", _set("edges/db-store", None)),
    ("G016", "edge x", _set("edges/x", {"from": "lk", "to": "bridge", "env": "X"})),
    ("G017", "service gate", _set("platform/ingress", {"controller": "ingress-nginx"})),
    ("T001", "edge web-api of one", _set("tiers/own/dedicates", ["api", "db"])),
    ("T002", "service db of one", _set("tiers/own/dedicates", ["web", "api"])),
    ("T003", "tier own", _set("tiers/own/dedicates", [])),
    ("T004", "organization a", _set("pods/one/orgs", ["a"])),
    ("T004", "host api.example.com", _set("edges/gate-api/host", "api.{zone}")),
    ("T005", "service lk of tier own", _set("tiers/own/shares", ["cf"])),
    ("C001", "costs", _set("costs/declared/monthly", 120)),
    (
        "C002",
        "cost nodes",
        _set("costs/items/nodes", {"title": "N", "monthly": 99, "service": "db", "placement": "droplet"}),
    ),
    ("C003", "cost nodes", _set("platform/pools/apps/nodes", 3)),
    ("C004", "service cf", _set("costs/items/edge", None)),
    ("C005", "cost edge", _set("costs/items/edge/service", None)),
    ("C006", "price s", _set("costs/prices/s/date", "2025-01-01")),
    ("C007", "environment prod", _set("costs/budgets", {"environments": {"prod": 1}})),
    ("C007", "tier own", _set("costs/budgets", {"tiers": {"own": 1}})),
    ("C007", "tenant pod one", _set("costs/budgets", {"pods": {"one": 1}})),
    ("C008", "price s", _set("costs/prices", {})),
    ("C009", "price s", _set("costs/prices/s/currency", "EUR")),
    ("C010", "tenant pod one", _set("costs/revenue", {"own": {"monthly": 1}})),
    ("C011", "price volumes", _set("costs/prices/volumes", {"amount": 1, "date": "2026-11-01"})),
    ("D001", "decision db", _set("decisions/db/components", ["pinecone"])),
    ("D002", "service db", _set("services/db/databases", {"x": {"owner": "api", "extensions": ["vector"]}})),
    ("D007", "component worker", _set("services/api/component", "worker")),
    ("D009", "Old Thing of decision db", _set("decisions/db/rejected/Old Thing", "no")),
    ("D010", "decision search", _set("decisions/search", {"title": "Search", "chosen": "pgvector"})),
    ("D011", "decision db", _set("decisions/db/supersedes", ["db"])),
    ("D012", "decision db", _set("decisions/new", {"title": "New", "chosen": "Timescale", "supersedes": ["db"]})),
    ("D013", "decision old", _set("decisions/old", {"title": "O", "chosen": "MySQL", "status": "superseded"})),
]


def test_a_sound_topology_has_nothing_to_find_but_what_runs_once() -> None:
    assert _found() == set()


@pytest.mark.parametrize(
    ("code", "subject", "change"), FIRING, ids=[f"{code} {subject}" for code, subject, _ in FIRING]
)
def test_each_rule_fires(code: str, subject: str, change: Change) -> None:
    assert (code, subject) in _found(change)


def test_every_rule_has_a_case() -> None:
    rooms = (graph_rules, edge_rules, tenancy_rules, cost_rules, decision_rules)
    declared = {check.rule.code for room in rooms for check in room.CHECKS}
    assert {code for code, _, _ in FIRING} == declared
