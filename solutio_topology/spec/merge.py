"""How overrides change what is declared: maps merge by key, all else replaces, and only what was written counts.

What is whole or not at all is replaced although it is written as a map: replicas, resources, a port, a file, a probe.
"""

from __future__ import annotations

from typing import Any, TypeVar

from solutio_topology.spec.base import Model
from solutio_topology.spec.platform import Controller, Network, Platform
from solutio_topology.spec.service import Service, ServiceOverride
from solutio_topology.spec.topology import PlatformSettings
from solutio_topology.spec.workload import Image, ImageSettings, Probes, Process, Storage

M = TypeVar("M", bound=Model)
_BY_KEY = (Controller, Network, Probes, Process)
"""Models whose overrides may say a part."""


def merge_service(service: Service, *overrides: ServiceOverride, image: Image | None = None) -> Service:
    """The service with each override applied in turn. Processes that an override names must exist.

    `image` is what an override of a part of the image changes where the service names none: the component's.
    """
    for override in overrides:
        if "image" in override.model_fields_set and service.image is None:
            service = service.model_copy(update={"image": image})
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
    if isinstance(new, ImageSettings):
        return _image(old, new)
    if isinstance(old, Storage) and isinstance(new, str):
        return old.model_copy(update={"size": new})
    if isinstance(old, _BY_KEY) and isinstance(new, Model):
        return _merged(old, new)
    return new


def _image(old: Image | None, new: ImageSettings) -> Image | None:
    """The image with what is said of it; None where nothing says its name or its version."""
    changes = {name: getattr(new, name) for name in sorted(new.model_fields_set)}
    if "tag" in changes:
        # A digest wins over a tag: the one that was declared with the old tag would keep the old version running.
        changes = {"digest": None, **changes}
    if old is not None:
        return old.model_copy(update=changes)
    if new.name is None or (new.tag is None and new.digest is None):
        return None
    return Image(**changes)
