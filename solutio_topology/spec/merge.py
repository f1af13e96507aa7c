"""How overrides change what is declared: maps merge by key, all else replaces, and only what was written counts."""

from __future__ import annotations

from typing import Any, TypeVar

from solutio_topology.spec.base import Model
from solutio_topology.spec.platform import Platform
from solutio_topology.spec.service import Service, ServiceOverride
from solutio_topology.spec.topology import PlatformSettings

M = TypeVar("M", bound=Model)


def merge_service(service: Service, *overrides: ServiceOverride) -> Service:
    """The service with each override applied in turn. Processes that an override names must exist."""
    for override in overrides:
        service = _merged(service, override)
    return service


def merge_platform(platform: Platform, override: PlatformSettings) -> Platform:
    """The platform with an environment's settings applied."""
    return _merged(platform, override)


def _merged(base: M, override: Model) -> M:
    """`base` with every field that `override` sets explicitly."""
    changes = {name: _value(getattr(base, name), getattr(override, name)) for name in sorted(override.model_fields_set)}
    return base.model_copy(update=changes)


def _value(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _value(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, Model) and isinstance(new, Model) and _is_partial(old, new):
        return _merged(old, new)
    return new


def _is_partial(old: Model, new: Model) -> bool:
    """Whether `new` is a partial form of `old` (a process's or an image's settings) and not a value of its own."""
    return type(new) is not type(old) or type(old).__name__ == "Controller"
