"""The catalogue as data: every entry is whole, has its sources, and says why where it asks for more."""

from __future__ import annotations

import datetime
import ipaddress
import re
from pathlib import Path

import pytest

from solutio_topology import catalog
from solutio_topology.catalog import load
from solutio_topology.spec.component import Component
from solutio_topology.yamlio import read_document

NAMES = sorted(catalog.names())
ASKED_FOR = {
    "cdn", "cert-manager", "client", "cloudflare", "cloudnative-pg", "external", "external-dns", "external-secrets",
    "gateway-cilium", "go2rtc", "ingress-nginx", "livekit", "livekit-agent", "livekit-ingress", "mediamtx",
    "metrics-server", "nextjs", "object-storage", "pinecone", "plugin-barman-cloud", "qdrant-cloud", "rails", "redis",
    "static-site", "timescaledb", "valkey", "worker",
}  # fmt: skip
"""Every system of the user's page, and what the platform installs for them."""


def test_every_system_of_the_page_is_there() -> None:
    assert catalog.names() >= ASKED_FOR


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_whole(name: str) -> None:
    found = catalog.component(name)
    assert found.title
    if found.kind not in {"client"}:
        assert found.sources or name in {"external", "worker"}
    if found.primary:
        assert found.primary in found.ports
    if found.kind == "chart":
        assert found.chart
        assert found.selector
    if found.kind == "workload" and found.ports:
        assert found.probes
        assert found.probes.readiness
        assert found.resources
    if found.host_network or found.pod_security != "restricted":
        assert found.reason


@pytest.mark.parametrize("name", NAMES)
def test_what_an_entry_names_exists(name: str) -> None:
    found = catalog.component(name)
    named = {*found.operators, *found.backup_operators, *(each for need in found.needs for each in need.component)}
    assert named <= catalog.names()
    for probes in [found.probes] if found.probes else []:
        for probe in (probes.startup, probes.readiness, probes.liveness):
            assert probe is None or probe.port is None or probe.port in found.ports
    if found.metrics:
        assert found.metrics.port in found.ports


@pytest.mark.parametrize("name", NAMES)
def test_versions_are_exact(name: str) -> None:
    found = catalog.component(name)
    if found.chart:
        assert re.fullmatch(r"v?\d+\.\d+\.\d+", found.chart.version)
        assert found.chart.repository.startswith(("https://", "oci://"))
    if found.image:
        assert re.search(r"\d+\.\d+", found.image.tag or "")


def test_apis_without_a_password_are_private() -> None:
    assert catalog.component("go2rtc").ports["api"].private
    assert catalog.component("mediamtx").ports["api"].private


def test_livekit_and_redis_say_what_they_need() -> None:
    livekit = catalog.component("livekit")
    assert [need.component for need in livekit.needs] == [["redis", "valkey"]]
    assert livekit.one_per_node
    assert (livekit.rollout.max_surge, livekit.rollout.max_unavailable, livekit.rollout.wait) == (0, 1, False)
    assert catalog.component("redis").singleton


def test_one_s_own_component_wins_and_an_unknown_one_is_a_key_error() -> None:
    own = Component(title="mine", kind="workload")
    assert catalog.component("rails", {"rails": own}) is own
    assert catalog.component("rails", {}).title == "Rails application (Puma)"
    with pytest.raises(KeyError, match="nothing"):
        catalog.component("nothing", {"rails": own})


def test_an_entry_is_read_once() -> None:
    assert catalog.component("redis") is catalog.component("redis")


def test_cloudflare_s_ranges_are_dated_networks() -> None:
    path = Path(load.__file__).parent / "cloudflare.yaml"
    value, _, faults = read_document(path.read_bytes())
    assert faults == []
    assert datetime.date.fromisoformat(value["date"]) < datetime.date(2100, 1, 1)
    assert "cloudflare.com/ips-v4" in value["source"]
    ranges = [ipaddress.ip_network(each) for each in catalog.cloudflare_ranges()]
    assert (sum(each.version == 4 for each in ranges), sum(each.version == 6 for each in ranges)) == (15, 7)
    assert "104.16.0.0/13" in catalog.cloudflare_ranges()
