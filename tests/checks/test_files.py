"""The rules about the topology as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from solutio_topology.errors import InputError
from solutio_topology.spec.load import load_text
from tests.checks.world import TOPOLOGY

FAULTS = {
    "S001": ("kind: Topology\n", "kind: [\n"),
    "S002": ("metadata: {name: hotel}\n", "metadata: {name: hotel, name: motel}\n"),
    "S003": ("  region: here\n", "  region: here\n  regoin: there\n"),
    "S004": ("  region: here\n", ""),
    "S005": ("ports: {feed: {port: 9700}}", "ports: {feed: {port: 70000}}"),
    "S006": ("to: vault, env: VAULT_ADDR}\n  desk-post", "to: valt, env: VAULT_ADDR}\n  desk-post"),
    "S007": ("kind: Topology\n", "kind: Topology\ninclude: [../*.yaml]\n"),
    "S010": ("  vault: {component: strongbox,", "  vault: {component: strongbox, env: {A: b}, secrets: {A: b/c},"),
    "S011": ("  suite: {tier: vip,", "  platform: {tier: vip,"),
}
FILE_RULES = frozenset(FAULTS)


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_it_fires(code: str, tmp_path: Path) -> None:
    old, new = FAULTS[code]
    assert old in TOPOLOGY
    with pytest.raises(InputError) as caught:
        load_text(TOPOLOGY.replace(old, new, 1).encode(), "topology.yaml", folder=tmp_path)
    assert code in {each.code for each in caught.value.findings}


def test_the_sound_file_has_no_fault() -> None:
    assert load_text(TOPOLOGY.encode(), "topology.yaml").topology.metadata.name == "hotel"
