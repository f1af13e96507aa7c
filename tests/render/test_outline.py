"""What is rendered from the outline is what would be rendered from all that is known of the tenant pods."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology import catalog
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.identity import PLATFORM
from solutio_topology.render import bases_of, render_part
from solutio_topology.spec.service import ServiceOverride
from solutio_topology.spec.topology import Topology
from tests.graph.test_view import VALUE

OVERRIDES: dict[str, Any] = {
    "replicas": {"min": 3, "max": 9},
    "size": "large",
    "resources": {"cpu": "1", "memory": "2Gi"},
    "pool": "data",
    "storage": {"size": "99Gi", "path": "/data"},
    "env": {"OWN": "1"},
    "secrets": {"TOKEN": "own-token/value"},
    "files": {"/etc/own": {"content": "own"}},
    "hosts": ["own.example.com"],
    "ranges": ["203.0.113.0/24"],
    "settings": {"own": 1},
    "image": {"tag": "2026.12.1"},
    "processes": {},
}
"""One of each that an override can say."""
SERVICES = ("api", "pg", "voice", "listener", "models", "front", "cf", "ing", "livekit")


def world(services: dict[str, Any], rings: bool) -> EnvironmentGraph:
    """The real topology with one more customer, whose services differ so, and whose tier dedicates more."""
    known = {key: each for key, each in services.items() if key in VALUE["services"]}
    tiers = {**VALUE["tiers"]}
    tier = tiers["enterprise"]
    tiers["enterprise"] = {**tier, "dedicates": list(dict.fromkeys([*tier["dedicates"], "models", "cf"]))}
    own = {"tier": "enterprise", "orgs": ["org-own"], "services": known}
    value = {**VALUE, "tiers": tiers, "pods": {**VALUE["pods"], "own": own}}
    if rings:
        value |= {"rings": ["canary", "all"], "pods": {**value["pods"], "own": {**own, "ring": "canary"}}}
    topology = Topology.model_validate(value)
    return expand(topology, "prod", lambda name: catalog.component(name, topology.components))


def test_every_field_of_an_override_is_tried() -> None:
    assert {field.alias for field in ServiceOverride.model_fields.values()} == set(OVERRIDES)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.sampled_from(SERVICES), st.sets(st.sampled_from(sorted(OVERRIDES)), min_size=1), max_size=4),
    st.booleans(),
)
def test_the_outline_is_enough_for_what_others_are_rendered_from(chosen: dict[str, set[str]], rings: bool) -> None:
    services = {key: {field: OVERRIDES[field] for field in sorted(fields)} for key, fields in chosen.items()}
    seen = world(services, rings)
    whole = world(services, rings)
    whole.__dict__["outline"] = whole  # as if they saw everything
    for part in (PLATFORM, *(pod.pod for pod in seen.common)):
        assert render_part(seen, part, bases_of(seen)) == render_part(whole, part, bases_of(whole))


@pytest.mark.parametrize("service", ["models", "cf"])
def test_addresses_of_what_is_dedicated_are_seen_by_others(service: str) -> None:
    changed = world({service: {"ranges": ["203.0.113.0/24"], "hosts": ["own.example.com"]}}, False)
    assert changed.outline.pod("own").nodes[service].service.ranges == ["203.0.113.0/24"]
    assert changed.outline.pod("own").nodes[service].service.hosts == ["own.example.com"]
