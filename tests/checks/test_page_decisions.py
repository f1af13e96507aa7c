"""The page's table of decisions, held: each rejected alternative comes back, in the topology and in manifests alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from solutio_topology import catalog
from solutio_topology.checks.inputs import Evidence, Intent
from solutio_topology.checks.run import check_all
from solutio_topology.findings import Finding
from solutio_topology.graph.expand import expand
from solutio_topology.manifests import read_files
from solutio_topology.reach import solve
from solutio_topology.spec.load import load_text
from solutio_topology.workflows.project import open_project
from solutio_topology.workflows.render import render_environment

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "topology.yaml").read_text()
Change = tuple[str, str]


@cache
def _files() -> dict[str, bytes]:
    files = render_environment(open_project(ROOT / "topology.yaml"), "prod").files
    return {path: data for path, data in files.items() if path.startswith("rendered/") and path.endswith(".yaml")}


def _judge(text: str, files: dict[str, bytes]) -> list[Finding]:
    """What the D rules say of a topology and of manifests."""
    loaded = load_text(text.encode(), "topology.yaml", folder=ROOT, known_components=catalog.names())
    own = loaded.topology.components
    graph = expand(loaded.topology, "prod", lambda name: catalog.component(name, own))
    facts = read_files(files)
    outcome = check_all(Intent(graph, loaded.source.locate), Evidence(facts, solve(facts)), precise=False)
    assert [each.message for each in outcome.findings if each.name == "rule-crashed"] == []
    return [each for each in outcome.findings if each.code.startswith("D") and each.code != "D007"]


def _replaced(text: str, change: Change) -> str:
    old, new = change
    assert old in text, old
    return text.replace(old, new, 1)


def _in_topology(change: Change) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in _judge(_replaced(TEXT, change), _files())]


def _in_manifests(file: str, change: Change) -> list[tuple[str, str]]:
    path = f"rendered/prod/{file}.yaml"
    files = {**_files(), path: _replaced(_files()[path].decode(), change).encode()}
    return [(each.code, each.message) for each in _judge(TEXT, files)]


def test_the_page_is_kept() -> None:
    assert _judge(TEXT, _files()) == []


_MODELS = "  models: {component: external, layer: ai, title: Model vendor, hosts: [api.openai.com]}\n"
_FRONT = "image: {name: solutio-front, tag: 16.0.3}"
_API = "    env: {RAILS_LOG_LEVEL: info}\n"
_DB = "app: {owner: api, extensions: [timescaledb]}"


def _bought(title: str, host: str) -> Change:
    """A service outside, beside the model vendor."""
    return _MODELS, f"{_MODELS}  bought: {{component: external, layer: ai, title: {title}, hosts: [{host}]}}\n"


IN_TOPOLOGY: dict[str, tuple[Change, str]] = {
    "App Platform": (
        _bought("Old front", "front-x7d2k.ondigitalocean.app"),
        "service bought brings DigitalOcean App Platform back (host front-x7d2k.ondigitalocean.app): "
        "decision orquestrador rejected: limitado",
    ),
    "AWS": (
        _bought("Queue", "sqs.sa-east-1.amazonaws.com"),
        "service bought brings Amazon Web Services back (host sqs.sa-east-1.amazonaws.com): "
        "decision orquestrador rejected: custo BR",
    ),
    "pgvector": (
        (_DB, _DB.replace("[timescaledb]", "[timescaledb, vector]")),
        "service pg brings pgvector back (extension vector): decision db rejected: separação de concerns; "
        "decision vector rejected as 'pgvector no main DB' (without a reason)",
    ),
    "MongoDB": (
        (_API, '    env: {RAILS_LOG_LEVEL: info, EVENTS_URL: "mongodb+srv://c0.ab1.mongodb.net/events"}\n'),
        "service api brings MongoDB back (host c0.ab1.mongodb.net): decision db rejected (without a reason)",
    ),
    "Twilio": (
        _bought("Video calls", "video.twilio.com"),
        "service bought brings Twilio back (host video.twilio.com): decision media rejected: custo",
    ),
    "Agora": (
        (_API, "    env: {RAILS_LOG_LEVEL: info, AGORA_APP_ID: abc}\n"),
        "service api brings Agora back (variable AGORA_APP_ID): decision media rejected (without a reason)",
    ),
    "Janus": (
        ("tag: 1.4.0}", "tag: 1.4.0}\n    command: [/opt/janus/bin/janus]"),
        "service listener brings Janus back (command /opt/janus/*): decision bridge rejected: descontinuados",
    ),
    "Kurento": (
        ("title: solutio-docs (Fumadocs)", "title: Kurento recorder"),
        "service docs brings Kurento back (title Kurento): decision bridge rejected: descontinuados",
    ),
    "Hanami": (
        ("component: worker\n", "component: worker\n    args: [hanami, server]\n"),
        "service listener brings Hanami back (command hanami): decision backend rejected (without a reason)",
    ),
    "NestJS": (
        ("image: {name: alarm-listener,", "image: {name: alarm-listener-nestjs,"),
        "service listener brings NestJS back (image alarm-listener-nestjs): decision backend rejected "
        "(without a reason)",
    ),
    "Remix": (
        ("title: solutio-front (Next 16)", "title: solutio-front (Remix)"),
        "service front brings Remix back (title Remix): decision front rejected (without a reason)",
    ),
    "Astro": (
        (_FRONT, f"{_FRONT}\n    command: [npx, astro, preview]"),
        "service front brings Astro back (command astro): decision front rejected: apenas para docs",
    ),
    "Flutter": (
        ("Mobile (Expo SDK 54)", "Mobile (Expo SDK 54, screens in Flutter)"),
        "service mobile brings Flutter back (title Flutter): decision mobile rejected: Sowil",
    ),
    "React Native bare": (
        ("Mobile (Expo SDK 54)", "Mobile (React Native beside Expo)"),
        "service mobile brings React Native back (title React Native): decision mobile rejected as "
        "'React Native bare' (without a reason)",
    ),
}


@pytest.mark.parametrize("name", IN_TOPOLOGY)
def test_a_rejected_alternative_comes_back_in_the_topology(name: str) -> None:
    change, message = IN_TOPOLOGY[name]
    assert ("D002", message) in _in_topology(change)


APPS, DATA, MEDIA = "default/apps", "default/data", "default/media"
_LISTENER = "image: registry.digitalocean.com/solutio/alarm-listener:1.4.0"
IN_MANIFESTS: dict[str, list[tuple[str, Change, str]]] = {
    "App Platform": [
        (
            f"{APPS}/api",
            ("matchName: solutio.us-east4-0.gcp.cloud.qdrant.io", 'matchPattern: "*.ondigitalocean.app"'),
            "CiliumNetworkPolicy solutio-default/api-egress brings DigitalOcean App Platform back (host "
            "*.ondigitalocean.app): decision orquestrador rejected: limitado",
        ),
    ],
    "AWS": [
        (
            "platform/controllers/ingress-nginx",
            ("service.beta.kubernetes.io/do-loadbalancer-type:", "service.beta.kubernetes.io/aws-load-balancer-type:"),
            "HelmRelease flux-system/ingress-nginx brings Amazon Web Services back (key "
            "service.beta.kubernetes.io/aws-load-balancer-type): decision orquestrador rejected: custo BR",
        ),
        (
            f"{DATA}/pg",
            ("endpointURL: https://nyc3.digitaloceanspaces.com", "endpointURL: https://s3.sa-east-1.amazonaws.com"),
            "ObjectStore solutio-default/pg brings Amazon Web Services back (host s3.sa-east-1.amazonaws.com): "
            "decision orquestrador rejected: custo BR",
        ),
    ],
    "pgvector": [
        (
            f"{DATA}/pg",
            ("CREATE EXTENSION IF NOT EXISTS timescaledb", "CREATE EXTENSION vector; CREATE EXTENSION timescaledb"),
            "Cluster solutio-default/pg brings pgvector back (extension vector): decision db rejected: separação de "
            "concerns; decision vector rejected as 'pgvector no main DB' (without a reason)",
        ),
        (
            f"{DATA}/pg",
            ("  extensions:\n  - name: timescaledb", "  extensions:\n  - name: vector\n  - name: timescaledb"),
            "Database solutio-default/pg-events brings pgvector back (extension vector): decision db rejected: "
            "separação de concerns; decision vector rejected as 'pgvector no main DB' (without a reason)",
        ),
        (
            f"{DATA}/pg",
            ("docker.io/timescale/timescaledb-ha:pg16.14-ts2.28.1-all", "docker.io/pgvector/pgvector:pg16"),
            "ImageCatalog solutio-default/pg brings pgvector back (image docker.io/pgvector/pgvector): decision db "
            "rejected: separação de concerns; decision vector rejected as 'pgvector no main DB' (without a reason)",
        ),
    ],
    "MongoDB": [
        (
            f"{APPS}/listener",
            (_LISTENER, "image: docker.io/library/mongo:7.0.5"),
            "Deployment solutio-default/listener brings MongoDB back (image docker.io/library/mongo): decision db "
            "rejected (without a reason)",
        ),
    ],
    "Twilio": [
        (
            f"{APPS}/voice",
            ("matchName: api.openai.com", "matchName: api.twilio.com"),
            "CiliumNetworkPolicy solutio-default/voice-egress brings Twilio back (host api.twilio.com): decision media "
            "rejected: custo",
        ),
    ],
    "Agora": [
        (
            f"{APPS}/voice",
            ("- name: OPENAI_API_KEY", "- name: AGORA_APP_CERTIFICATE"),
            "Deployment solutio-default/voice brings Agora back (variable AGORA_APP_CERTIFICATE): decision media "
            "rejected (without a reason)",
        ),
    ],
    "Janus": [
        (
            f"{MEDIA}/g2",
            ("image: docker.io/alexxit/go2rtc:1.9.14", "image: docker.io/canyan/janus-gateway:1.2"),
            "Deployment solutio-default-media/g2 brings Janus back (image docker.io/canyan/janus-gateway): decision "
            "bridge rejected: descontinuados",
        ),
    ],
    "Kurento": [
        (
            f"{MEDIA}/mtx",
            ("image: docker.io/bluenviron/mediamtx:1.20.1", "image: kurento/kurento-media-server:7.1"),
            "Deployment solutio-default-media/mtx brings Kurento back (image kurento/kurento-media-server): decision "
            "bridge rejected: descontinuados",
        ),
    ],
    "Hanami": [
        (
            f"{APPS}/api",
            ("- name: RAILS_ENV", "- name: HANAMI_ENV"),
            "Deployment solutio-default/api brings Hanami back (variable HANAMI_ENV): decision backend rejected "
            "(without a reason)",
        ),
    ],
    "NestJS": [
        (
            f"{APPS}/listener",
            (_LISTENER, f"{_LISTENER}\n        command: [node, node_modules/@nestjs/cli/bin/nest.js, start]"),
            "Deployment solutio-default/listener brings NestJS back (command nest): decision backend rejected "
            "(without a reason)",
        ),
    ],
    "Remix": [
        (
            f"{APPS}/front",
            ("solutio-front:16.0.3", "solutio-front:16.0.3\n        command: [npx, remix-serve, build/index.js]"),
            "Deployment solutio-default/front brings Remix back (command remix-serve): decision front rejected "
            "(without a reason)",
        ),
    ],
    "Astro": [
        (
            f"{APPS}/front",
            ("solutio-front:16.0.3", "solutio-front:16.0.3\n        command: [astro, preview]"),
            "Deployment solutio-default/front brings Astro back (command astro): decision front rejected: apenas "
            "para docs",
        ),
    ],
}  # fmt: skip
BACK = [(name, *case) for name, cases in IN_MANIFESTS.items() for case in cases]


@pytest.mark.parametrize(("name", "file", "change", "message"), BACK, ids=[f"{each[0]} {each[1]}" for each in BACK])
def test_a_rejected_alternative_comes_back_in_the_manifests_alone(
    name: str, file: str, change: Change, message: str
) -> None:
    assert ("D004", message) in _in_manifests(file, change)


def test_astro_is_allowed_where_the_decision_allows_it() -> None:
    change = ("solutio-atlas:1.1.0", "solutio-atlas:1.1.0\n        command: [astro, preview]")
    assert _in_manifests(f"{APPS}/atlas", change) == []


def test_what_leaves_no_trace_in_manifests_is_exactly_what_is_known_to() -> None:
    decisions = open_project(ROOT / "topology.yaml").topology.decisions
    rejected = {name for each in decisions.values() for name in each.rejected}
    # pgvector "no main DB" is pgvector; what runs on phones is not in a cluster; a style of code is nowhere.
    assert rejected - IN_MANIFESTS.keys() == {"pgvector no main DB", "Flutter", "React Native bare", "Modular Rails"}
    assert rejected - IN_TOPOLOGY.keys() == {"pgvector no main DB", "Modular Rails"}


CHOSEN: dict[str, tuple[str, Change, str]] = {
    "no preload": (
        f"{DATA}/pg",
        ("    shared_preload_libraries:\n    - timescaledb\n", ""),
        "DB principal: ImageCatalog solutio-default/pg is of TimescaleDB, and nothing in solutio-default preloads "
        "timescaledb",
    ),
    "another image": (
        f"{MEDIA}/lk",
        ("docker.io/livekit/livekit-server:v1.13.5", "docker.io/jitsi/jvb:stable-1"),
        "Mídia ao vivo: nothing in the manifests shows LiveKit",
    ),
    "half of the bridge": (
        f"{MEDIA}/mtx",
        ("docker.io/bluenviron/mediamtx:1.20.1", "registry.example.com/relay:1"),
        "Bridge câmera: nothing in the manifests shows MediaMTX",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_a_choice_is_gone_from_the_manifests(name: str) -> None:
    file, change, message = CHOSEN[name]
    assert ("D003", message) in _in_manifests(file, change)


def test_the_orchestrator_is_another_one() -> None:
    files = {
        path: data.replace(b"do-loadbalancer", b"lb").replace(b"do-block", b"block") for path, data in _files().items()
    }
    found = [(each.code, each.message) for each in _judge(TEXT, files)]
    assert found == [("D003", "Orquestrador: nothing in the manifests shows DigitalOcean Kubernetes")]


def test_one_tenant_pod_has_another_database() -> None:
    change = ("docker.io/timescale/timescaledb-ha:pg16.14-ts2.28.1-all", "registry.example.com/db:1")
    files = dict(_files())
    path = "rendered/prod/org-e/data/pg.yaml"
    text = _replaced(files[path].decode(), change)
    for line in ("    shared_preload_libraries:\n    - timescaledb\n", "timescaledb"):
        text = text.replace(line, "x" if line == "timescaledb" else "")
    found = [(each.code, each.message) for each in _judge(TEXT, {**files, path: text.encode()})]
    assert ("D003", "DB principal: no object of pg of org-e shows TimescaleDB") in found


def test_postgresql_is_of_the_major_version_that_was_decided() -> None:
    message = "DB principal: Cluster solutio-default/pg is of PostgreSQL 17, and 16 was decided"
    assert ("D005", message) in _in_manifests(
        f"{DATA}/pg", ("    name: pg\n    major: 16", "    name: pg\n    major: 17")
    )
    assert ("D005", "DB principal: pg is PostgreSQL 15, and 16 was decided") in _in_topology(("major: 16", "major: 15"))


def test_the_vector_database_stays_outside() -> None:
    found = _in_manifests(f"{APPS}/listener", (_LISTENER, "image: qdrant/qdrant:v1.16.1"))
    assert found == [
        (
            "D006",
            "Vector DB: Externo (Qdrant ou Pinecone) was decided to be external, and Deployment "
            "solutio-default/listener shows it elsewhere (image qdrant/qdrant)",
        )
    ]


def test_live_media_is_not_bought() -> None:
    change = ("matchName: api.openai.com", 'matchPattern: "*.livekit.cloud"')
    assert [code for code, _ in _in_manifests(f"{APPS}/voice", change)] == ["D006"]


def test_no_secret_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "hunter2-correct-horse"
    url = f'"mongodb+srv://root:{secret}@c0.x1.mongodb.net/a?token={secret}"'
    change = (
        "        - name: RAILS_ENV\n",
        f"        - name: LEGACY\n          value: {url}\n        - name: RAILS_ENV\n",
    )
    path = f"rendered/prod/{APPS}/api.yaml"
    found = _judge(TEXT, {**_files(), path: _replaced(_files()[path].decode(), change).encode()})
    assert [each.code for each in found] == ["D004"]
    assert secret not in repr(found)


def test_the_values_of_secrets_are_not_looked_at() -> None:
    kind: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "solutio-default"},
    }
    text = f"{kind}\n".replace("'", '"').replace('"}}', '"}, "stringData": {"note": "https://api.twilio.com janus"}}')
    found = _judge(TEXT, {**_files(), "rendered/prod/default/apps/s.yaml": text.encode()})
    assert found == []
