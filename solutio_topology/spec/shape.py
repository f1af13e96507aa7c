"""The shape of the format: which keys a place may have."""

from __future__ import annotations

import re
import types
from typing import Annotated, Any, Union, get_args, get_origin

from solutio_topology.spec.base import Model

_WORD = re.compile(r"\w+")


def keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the format knows at one of pydantic's locations, as they are written."""
    return sorted(keys_of(types_at(loc)))


def types_at(loc: tuple[int | str, ...]) -> list[Any]:
    """The types that a place may have: models, ``dict[…]``, ``list[…]``, scalars; none where there is no such place."""
    from solutio_topology.spec.topology import Topology

    found: list[Any] = [Topology]
    for step in loc:
        if Any in found:
            return [Any]
        found = [inner for candidate in found for inner in _below(candidate, step)]
    return found


def keys_of(types: list[Any]) -> set[str]:
    """The keys that models among some types have, as they are written."""
    models = [candidate for candidate in types if isinstance(candidate, type) and issubclass(candidate, Model)]
    return {field.alias or name for model in models for name, field in model.model_fields.items()}


def _below(candidate: Any, step: int | str) -> list[Any]:
    """What stands under `step` in a type; the name of a union's branch leads to itself."""
    if isinstance(candidate, type) and issubclass(candidate, Model):
        for name, field in candidate.model_fields.items():
            if step in {name, field.alias}:
                return branches(field.annotation)
        # The name of a union's branch, such as ``function-after[_ordered(), Port]``: only that branch may stay.
        return [candidate] if isinstance(step, str) and candidate.__name__ in _WORD.findall(step) else []
    origin = get_origin(candidate)
    if origin is dict:
        return branches(get_args(candidate)[1])
    if origin is list:
        return branches(get_args(candidate)[0])
    return []


def branches(annotation: Any) -> list[Any]:
    """The types that a union, or an annotated type, stands for."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return branches(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return [branch for inner in get_args(annotation) for branch in branches(inner)]
    return [annotation]
