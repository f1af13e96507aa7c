"""The page about the format: what it shows can be loaded, and nothing of the format is missing from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from solutio_topology import catalog, spec
from solutio_topology.spec.json_schema import json_schema
from solutio_topology.spec.load import load_text
from solutio_topology.yamlio import emit, read_document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "topology.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
PARTS = (
    "Topology",
    "Service",
    "Edge",
    "Platform",
    "Tier",
    "Isolation",
    "TenantPod",
    "Environment",
    "Layer",
    "Image",
    "Port",
    "Process",
    "Scale",
    "Driver",
    "Growth",
    "AmountGrowth",
    "ServiceGrowth",
    "PoolGrowth",
    "PlanGrowth",
    "PlanStep",
    "UsageGrowth",
)


def _over(base: Any, block: Any) -> Any:
    """The block laid over the document of the examples: maps by key, so that what it leaves out is still there."""
    if isinstance(base, dict) and isinstance(block, dict):
        return {**base, **{key: _over(base.get(key), value) for key, value in block.items()}}
    return block


def _base() -> dict[str, Any]:
    """A topology in which every piece of the page can stand: what a piece replaces as a whole is left to it."""
    value, _, faults = read_document((Path(spec.__file__).parent / "examples.yaml").read_bytes())
    assert faults == []
    base: dict[str, Any] = value
    web = {"component": "shop-web", "layer": "apps", "image": {"name": "shop-web", "tag": "4.2.0"}}
    web |= {"processes": {"worker": {"command": ["bin/worker"]}}}
    base["services"] |= {"web": web, "media": {"component": "shop-media", "layer": "media"}}
    base["components"]["shop-media"].pop("ports")
    base["environments"]["staging"]["services"] = {}
    del base["include"]
    return base


def _valid(block: str, folder: Path) -> None:
    value, _, faults = read_document(block.encode())
    assert faults == []
    (folder / "pods").mkdir()
    (folder / "pods" / "more.yaml").write_text("pods: {more: {tier: own}}\n")
    data = emit([_over(_base(), value)])
    load_text(data, "docs/topology.md", folder=folder, known_components=catalog.names())


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_piece_of_the_page_can_be_loaded(number: int, tmp_path: Path) -> None:
    _valid(BLOCKS[number], tmp_path)


OPERATING = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs" / "pods.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("block", OPERATING)
def test_every_piece_of_the_page_about_tenant_pods_can_be_loaded(block: str, tmp_path: Path) -> None:
    _valid(block, tmp_path)


def test_the_pieces_are_there() -> None:
    shown = {key for block in BLOCKS for key in read_document(block.encode())[0]}
    assert shown == set(json_schema()["properties"])


@pytest.mark.parametrize("part", PARTS)
def test_every_key_of_the_main_parts_stands_on_the_page(part: str) -> None:
    schema = json_schema()
    keys = schema["properties"] if part == "Topology" else schema["$defs"][part]["properties"]
    assert [key for key in keys if not re.search(rf"\b{key}\b", PAGE)] == []
