from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from solutio_topology.spec.json_schema import json_schema, schema_text
from solutio_topology.yamlio import read_document

ROOT = Path(__file__).parents[2]


def _read(path: str) -> dict[str, Any]:
    value, _, faults = read_document((ROOT / path).read_bytes())
    assert faults == []
    found: dict[str, Any] = value
    return found


def test_the_committed_schema_is_the_one_of_the_models() -> None:
    assert (ROOT / "schemas" / "topology.schema.json").read_text() == schema_text()


def test_every_property_has_a_description_for_the_editor() -> None:
    schema = json_schema()
    parts = {"Topology": schema, **schema["$defs"]}
    missing = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part.get("properties", {}).items()
        if "description" not in value
    ]
    assert missing == []


@pytest.mark.parametrize(
    "path", ["topology.yaml", "examples/shop/topology.yaml", "solutio_topology/workflows/starter.yaml"]
)
def test_it_accepts_what_the_models_accept(path: str) -> None:
    errors = [error.message for error in jsonschema_rs.validator_for(json_schema()).iter_errors(_read(path))]
    assert errors == []


@pytest.mark.parametrize("key", ["services", "platform", "apiVersion", "tiers"])
def test_it_refuses_what_the_models_refuse(key: str) -> None:
    validator = jsonschema_rs.validator_for(json_schema())
    data = _read("topology.yaml")
    assert not validator.is_valid({name: value for name, value in data.items() if name != key})
    assert not validator.is_valid({**data, key: 7})
    assert not validator.is_valid({**data, "servces": {}})
