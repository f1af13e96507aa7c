"""What a pod requests in sum, against sums done by hand."""

from __future__ import annotations

from typing import Any

import pytest

from solutio_topology.cost.capacity import requests
from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Place


def _pod(**fields: Any) -> Cursor:
    return Cursor(fields, Place(0), [])


def _asks(cpu: str = "", memory: str = "", **more: Any) -> dict[str, Any]:
    asked = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value}
    return {"name": "c", "resources": {"requests": asked}, **more}


SIDECAR = {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("pod", "cpu"),
    [
        # Containers run together.
        (_pod(containers=[_asks("100m"), _asks("200m")]), 300),
        # An init container runs alone, before them.
        (_pod(initContainers=[_asks("250m")], containers=[_asks("100m"), _asks("200m")]), 300),
        (_pod(initContainers=[_asks("700m"), _asks("100m")], containers=[_asks("300m")]), 700),
        # A sidecar stays: beside the containers, and beside what comes after it.
        (_pod(initContainers=[_asks("100m", **SIDECAR)], containers=[_asks("300m")]), 400),
        (_pod(initContainers=[_asks("100m", **SIDECAR), _asks("500m")], containers=[_asks("300m")]), 600),
        (_pod(initContainers=[_asks("500m"), _asks("100m", **SIDECAR)], containers=[_asks("300m")]), 500),
        (_pod(initContainers=[_asks("1", **SIDECAR), _asks("2", **SIDECAR)], containers=[]), 3000),
        # A limit without a request is one.
        (_pod(containers=[{"name": "c", "resources": {"limits": {"cpu": "400m"}}}]), 400),
        # A pod that asks as a whole; what the runtime adds.
        (_pod(resources={"requests": {"cpu": "1"}}, containers=[_asks("100m")]), 1000),
        (_pod(overhead={"cpu": "50m"}, containers=[_asks("100m")]), 150),
        (_pod(containers=[{"name": "c"}]), 0),
    ],
)
def test_cpu(pod: Cursor, cpu: int) -> None:
    assert requests.requested(pod, 0).cpu == cpu


def test_everything_at_once() -> None:
    pod = _pod(containers=[_asks("0.5", "1Gi"), _asks("1m", "1M")])
    assert requests.requested(pod, 2) == Amounts(501, (1 << 30) + 1_000_000, 1, 2)


@pytest.mark.parametrize("bad", ["many", True, ["1"], {"a": 1}, "-1"])
def test_what_cannot_be_read_counts_as_nothing_and_breaks_nothing(bad: Any) -> None:
    pod = _pod(containers=[{"name": "c", "resources": {"requests": {"cpu": bad, "memory": "1"}}}])
    assert requests.requested(pod, 0) == Amounts(0, 1, 1, 0)


def test_what_is_missing() -> None:
    assert requests.missing(_pod(containers=[_asks("1", "1Gi"), _asks("1")])) == ("memory",)
    assert requests.missing(_pod(containers=[{"name": "c"}])) == ("cpu", "memory")
    assert requests.missing(_pod(resources={"requests": {"cpu": "1", "memory": "1"}}, containers=[_asks()])) == ()


def test_what_only_special_nodes_have() -> None:
    asked = {"nvidia.com/gpu": 1, "amd.com/gpu": 0, "hugepages-2Mi": "2Mi", "ephemeral-storage": "1Gi", "cpu": 1}
    pod = _pod(containers=[{"name": "c", "resources": {"limits": asked}}])
    assert requests.extended(pod) == ("hugepages-2Mi", "nvidia.com/gpu")
