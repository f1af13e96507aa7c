"""Looking into plain data that nobody has validated yet: what is not of the type that is looked for is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.yamlio import Pointer


def value_at(data: Any, pointer: Pointer) -> Any:
    """The value at a pointer, or None."""
    for step in pointer:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def submap(data: Any, *path: str) -> dict[str, Any]:
    """The map at a path, or an empty one."""
    found = value_at(data, path)
    return found if isinstance(found, dict) else {}


def each_map(data: Any, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The maps in the map at a path, with their keys."""
    return ((key, value) for key, value in submap(data, *path).items() if isinstance(value, dict))


def ring_names(rings: Any) -> tuple[str, ...]:
    """The names of rings in their order, from a list of them or from a map."""
    return tuple(name for name in rings if isinstance(name, str)) if isinstance(rings, (list, dict)) else ()


def each(data: Any, *path: str) -> Iterator[tuple[int, Any]]:
    """The entries of the list at a path, with their places."""
    found = value_at(data, path)
    return iter(enumerate(found) if isinstance(found, list) else ())


def each_item(data: Any, *path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The maps in the list at a path, with their places."""
    return ((index, item) for index, item in each(data, *path) if isinstance(item, dict))
