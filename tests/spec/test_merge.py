from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.spec.merge import merge_platform, merge_service
from solutio_topology.spec.platform import Platform
from solutio_topology.spec.service import Service, ServiceOverride
from solutio_topology.spec.topology import PlatformSettings
from solutio_topology.spec.workload import Image

BASE = Service.model_validate(
    {
        "component": "rails",
        "layer": "apps",
        "image": {"name": "api", "tag": "1"},
        "replicas": {"min": 2, "max": 8},
        "env": {"A": "1", "B": "2"},
        "hosts": ["a.example.com"],
        "settings": {"x": {"y": 1, "z": 2}},
        "processes": {"worker": {"command": ["run"], "replicas": 2}},
    }
)


def test_maps_merge_by_key_and_all_else_replaces() -> None:
    override = ServiceOverride.model_validate(
        {
            "image": {"tag": "2"},
            "replicas": 1,
            "env": {"B": "3", "C": "4"},
            "hosts": ["b.example.com"],
            "settings": {"x": {"z": 3}},
            "processes": {"worker": {"replicas": 1}},
        }
    )
    merged = merge_service(BASE, override)
    assert (merged.image.name, merged.image.tag) == ("api", "2") if merged.image else False
    assert merged.replicas == 1
    assert merged.env == {"A": "1", "B": "3", "C": "4"}
    assert merged.hosts == ["b.example.com"]
    assert merged.settings == {"x": {"y": 1, "z": 3}}
    assert (merged.processes["worker"].command, merged.processes["worker"].replicas) == (["run"], 1)


def test_what_an_override_does_not_write_stays() -> None:
    assert merge_service(BASE, ServiceOverride()) == BASE


def test_the_last_override_wins() -> None:
    first, second = (ServiceOverride.model_validate({"replicas": number}) for number in (1, 5))
    assert merge_service(BASE, first, second).replicas == 5


DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("declared", "of_component", "override", "merged"),
    [
        ({"name": "api", "tag": "1", "digest": DIGEST}, None, {"tag": "2"}, ("api", "2", None)),
        ({"name": "api", "tag": "1"}, None, {"digest": DIGEST}, ("api", "1", DIGEST)),
        (None, {"name": "redis", "tag": "7.4"}, {"tag": "8"}, ("redis", "8", None)),
        (None, None, {"name": "own", "tag": "1"}, ("own", "1", None)),
        (None, None, {"tag": "1"}, None),
    ],
)
def test_the_image_that_runs(
    declared: dict[str, Any] | None,
    of_component: dict[str, Any] | None,
    override: dict[str, Any],
    merged: tuple[str, str | None, str | None] | None,
) -> None:
    service = Service.model_validate({"component": "c", "layer": "l", "image": declared})
    component = None if of_component is None else Image.model_validate(of_component)
    found = merge_service(service, ServiceOverride.model_validate({"image": override}), image=component).image
    assert (None if found is None else (found.name, found.tag, found.digest)) == merged
    assert found is None or type(found) is Image


def test_a_size_alone_keeps_the_rest_of_the_storage() -> None:
    service = Service.model_validate(
        {"component": "c", "layer": "l", "storage": {"size": "1Gi", "class": "fast", "path": "/data"}}
    )
    merged = merge_service(service, ServiceOverride.model_validate({"storage": "5Gi"}))
    assert merged.model_dump(by_alias=True)["storage"] == {"size": "5Gi", "class": "fast", "path": "/data"}


def test_an_environment_changes_parts_of_the_network_and_of_controllers() -> None:
    platform = Platform.model_validate(
        {
            "region": "here",
            "kubernetes": "1.34",
            "registry": "registry.example.com",
            "repository": {"url": "https://git.example.com/x"},
            "secrets": {"provider": "none"},
            "certificates": {"email": "a@example.com"},
            "pools": {"a": {"size": "s", "nodes": 3}, "b": {"size": "s", "nodes": 1}},
            "network": {"podRange": "10.1.0.0/16", "serviceRange": "10.2.0.0/16"},
            "controllers": {"cert-manager": {"version": "1.0.0", "values": {"a": {"b": 1, "c": 2}}}},
        }
    )
    override = PlatformSettings.model_validate(
        {
            "network": {"podRange": "10.9.0.0/16"},
            "pools": {"a": {"size": "s", "nodes": 1}},
            "controllers": {"cert-manager": {"values": {"a": {"c": 3}}}},
        }
    )
    merged = merge_platform(platform, override)
    assert (merged.network.pod_range, merged.network.service_range) == ("10.9.0.0/16", "10.2.0.0/16")
    assert {name: pool.nodes for name, pool in merged.pools.items()} == {"a": 1, "b": 1}
    assert merged.controllers["cert-manager"].version == "1.0.0"
    assert merged.controllers["cert-manager"].values == {"a": {"b": 1, "c": 3}}
