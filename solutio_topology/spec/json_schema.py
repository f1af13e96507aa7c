"""The JSON Schema of ``topology.yaml``, for editors."""

from __future__ import annotations

import json
from typing import Any


def json_schema() -> dict[str, Any]:
    """The schema, with a title and a description for everything that can be written."""
    from solutio_topology.spec.topology import Topology

    found = Topology.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "solutio topology",
        "description": "Services, edges, tiers, cost items and decisions of a SaaS on Kubernetes.",
        **{key: value for key, value in found.items() if key not in {"title", "description"}},
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
