"""The shape of the format: which keys a place may have, and what the patterns mean in words."""

from __future__ import annotations

import types
from typing import Any, Union, get_args, get_origin

from solutio_topology.spec import base
from solutio_topology.spec.base import Model


def _pattern(annotated: Any) -> str:
    return str(get_args(annotated)[1].pattern)


SHAPES = {
    _pattern(base.Name): "lower-case letters, digits and hyphens, 40 at most, a letter or digit first and last",
    _pattern(base.ObjectName): "a Kubernetes name: lower-case letters, digits, hyphens and dots",
    _pattern(base.EnvName): "an environment variable: letters, digits and underscores, no digit first",
    _pattern(base.PortName): "a port name: at most 15 lower-case letters, digits and hyphens, a letter first",
    _pattern(base.Host): "a host name with at least one dot, in lower case: app.example.com",
    _pattern(base.HostPattern): "a host name that may hold {zone}, {pod}, {-pod} and {suffix}",
    _pattern(base.Quantity): "a quantity: 250m, 512Mi, 100Gi",
    _pattern(base.SecretKey): "a key of a Secret: secret-name/key",
}


def keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the format knows at one of pydantic's locations, as they are written."""
    from solutio_topology.spec.topology import Topology

    found: list[Any] = [Topology]
    for step in loc:
        found = [inner for candidate in found for inner in _below(candidate, step)]
    models = [candidate for candidate in found if isinstance(candidate, type) and issubclass(candidate, Model)]
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})


def _below(candidate: Any, step: int | str) -> list[Any]:
    """What stands under `step` in a type; the name of a union's branch leads to itself."""
    if isinstance(candidate, type) and issubclass(candidate, Model):
        if step == candidate.__name__:
            return [candidate]
        for name, field in candidate.model_fields.items():
            if step in {name, field.alias}:
                return _branches(field.annotation)
        return []
    origin = get_origin(candidate)
    if origin is dict:
        return _branches(get_args(candidate)[1])
    if origin is list:
        return _branches(get_args(candidate)[0])
    return []


def _branches(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        return [branch for inner in get_args(annotation) for branch in _branches(inner)]
    return [annotation]
