"""Finding components."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from solutio_topology.yamlio import read_value

if TYPE_CHECKING:
    from solutio_topology.spec.component import Component

_FOLDER = Path(__file__).parent / "components"
_RANGES = Path(__file__).parent / "cloudflare.yaml"


@cache
def names() -> frozenset[str]:
    """The names of all components of the catalogue."""
    return frozenset(path.stem for path in _FOLDER.glob("*.yaml"))


def component(name: str, own: Mapping[str, Component] | None = None) -> Component:
    """The component `name`: the user's own, else the catalogue's. Raises KeyError for one that neither has."""
    if own and name in own:
        return own[name]
    if name not in names():
        raise KeyError(name)
    return _read(name)


@cache
def _read(name: str) -> Component:
    from solutio_topology.spec.component import Component

    value, _ = read_value((_FOLDER / f"{name}.yaml").read_bytes())
    return Component.model_validate(value)


@cache
def cloudflare_ranges() -> tuple[str, ...]:
    """The address ranges from which Cloudflare reaches origins; dated in ``cloudflare.yaml``."""
    value, _ = read_value(_RANGES.read_bytes())
    return (*value["ipv4"], *value["ipv6"])
