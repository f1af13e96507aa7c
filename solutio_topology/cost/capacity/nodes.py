"""What is known of machine sizes: what a node of each offers to pods, and what the provider's own pods take of it."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from solutio_topology.cost.capacity.model import Amounts
from solutio_topology.cost.prices import Machine, provider_book
from solutio_topology.manifests.quantities import quantity
from solutio_topology.yamlio import read_manifests

_DATA = Path(__file__).with_name("nodes.yaml")


@cache
def _data() -> dict[str, Any]:
    parsed, _ = read_manifests(_DATA.read_bytes())
    found: dict[str, Any] = parsed[0].value
    return found


@cache
def sizes() -> dict[str, Machine]:
    """Every size that is known, by name: what the price book sells, and what is no longer sold."""
    older = {name: Machine(name, vcpu, Decimal(memory)) for name, (vcpu, memory) in _data()["older"].items()}
    return {**older, **provider_book().machines}


def family(name: str) -> str:
    """What a size is called without its numbers: ``s``, ``s -amd``, ``g``."""
    first, *rest = name.split("-")
    return " -".join([first, *(part for part in rest if not part[0].isdigit())])


def allocatable(name: str) -> Amounts | None:
    """What a node of a size offers to pods, the provider's own included; None for a size that is not known."""
    size = sizes().get(name)
    memory = _data()["memory"].get(str(size.memory_gib)) if size else None
    if size is None or memory is None:
        return None
    cpu = 1000 * size.vcpu - millicores(_data()["reservedCpu"])
    return Amounts(cpu, whole(memory), _data()["pods"], _data()["volumes"])


def system() -> dict[str, Amounts]:
    """The pods of DOKS that stand on every node, by name, with what each requests."""
    return {name: _request(asked) for name, asked in _data()["system"].items()}


def elsewhere(kind: str) -> dict[str, tuple[int, Amounts]]:
    """Pods of the ``cluster`` (DOKS) or of ``flux`` that no manifest holds: how many, and what each requests."""
    return {name: (asked["number"], _request(asked)) for name, asked in _data()[kind].items()}


def _request(asked: dict[str, Any]) -> Amounts:
    return Amounts(millicores(asked.get("cpu", 0)), whole(asked.get("memory", 0)), 1, 0)


def millicores(value: Any) -> int:
    """A quantity of CPU in millicores, rounded up as the scheduler does. Raises ValueError for what is none."""
    return _up(value, 1000)


def whole(value: Any) -> int:
    """A quantity in whole units, rounded up. Raises ValueError for what is none."""
    return _up(value, 1)


def _up(value: Any, factor: int) -> int:
    number = quantity(value)
    if number is None:
        raise ValueError(f"{value!r} is no quantity")
    return math.ceil(number * factor)
