from __future__ import annotations

from solutio_topology.spec.merge import merge_service
from solutio_topology.spec.service import Service, ServiceOverride

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
