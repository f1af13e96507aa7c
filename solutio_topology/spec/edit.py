"""From what a person names on a command line to edits of their topology: places, and values of the right type."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from solutio_topology.errors import SolutioError
from solutio_topology.spec.base import Model
from solutio_topology.spec.plain import ring_names, submap, value_at
from solutio_topology.spec.shape import keys_of, types_at
from solutio_topology.spec.source import dotted
from solutio_topology.spec.translate import did_you_mean
from solutio_topology.yamlio import Pointer, read_document
from solutio_topology.yamlio.edit import Edit, Put

OWNERS = {"environments": "environment", "rings": "ring", "pods": "tenant pod"}
"""What may override services, each after those before it."""
_NAMED = {
    "services": "service",
    "edges": "edge",
    "layers": "layer",
    "tiers": "tier",
    "components": "component",
    "decisions": "decision",
    "sizes": "size class",
    **OWNERS,
}


def check_place(pointer: Pointer, data: Any) -> None:
    """Raise SolutioError, with what was probably meant, for a place that the format or the topology has not got."""
    for number, step in enumerate(pointer):
        above = pointer[:number]
        types = types_at(above)
        if not types_at((*above, step)):
            known = sorted(keys_of(types))
            place = dotted(above) or "the topology"
            if not known:
                raise SolutioError(f"{place} is a single value: nothing stands below it", remedy=f"set {place} itself")
            guess = did_you_mean(str(step), known) or f"; it has {', '.join(known)}"
            raise SolutioError(f"{place} has no key {str(step)!r}{guess}", remedy="correct the path")
        _check_name(pointer, number, data)


def _check_name(pointer: Pointer, number: int, data: Any) -> None:
    """What is declared elsewhere, or has keys of its own, cannot come to be by naming one of its values."""
    is_override = number == 3 and pointer[0] in OWNERS and pointer[2] == "services"
    if number == 1 and pointer[0] in _NAMED and len(pointer) > 2:
        kind, known = _NAMED[str(pointer[0])], names_at(data, str(pointer[0]))
    elif is_override:
        kind, known = "service", names_at(data, "services")
    else:
        return
    if pointer[number] not in known:
        told = did_you_mean(str(pointer[number]), known) or (f"; there is {', '.join(known[:10])}" if known else "")
        name = str(pointer[number])
        raise SolutioError(f"there is no {kind} {name!r}{told}", remedy="correct the name, or declare it")


def names_at(data: Any, field: str) -> list[str]:
    """What is declared under a key of the topology."""
    return list(ring_names(value_at(data, ("rings",))) if field == "rings" else submap(data, field))


def typed(pointer: Pointer, text: str) -> Any:
    """A value as the format wants it at a place: ``1.10`` is text for a tag, and ``3`` a number for replicas.

    Raises SolutioError for text that is no YAML where the place wants more than text.
    """
    types = types_at(pointer)
    is_text = any(each in (str, datetime.date) or _is_words(each) for each in types)
    is_large = text[:1] in {"{", "["}
    if is_text and not is_large and not any(each in (int, float, bool, Decimal) for each in types):
        return text
    value, _, faults = read_document(text.encode())
    if faults and not is_text:
        raise SolutioError(f"{dotted(pointer)}: {text!r} cannot be read: {faults[0].message}", remedy=faults[0].remedy)
    fits = not faults and (Any in types or any(_fits(value, each) for each in types))
    return value if fits or not is_text else text


def _is_words(annotation: Any) -> bool:
    return get_origin(annotation) is Literal and isinstance(get_args(annotation)[0], str)


def _fits(value: Any, annotation: Any) -> bool:
    """Whether a value is of the kind of a type, whatever it holds."""
    if isinstance(value, dict):
        return get_origin(annotation) is dict or (isinstance(annotation, type) and issubclass(annotation, Model))
    if isinstance(value, list):
        return get_origin(annotation) is list
    if isinstance(value, bool):
        return annotation is bool
    return isinstance(value, (int, float)) and annotation in (int, float, Decimal)


def put(pointer: Pointer, value: Any, data: Any) -> list[Edit]:
    """The edits that give a place a value. Rings that are a list become a map when one of them gets something."""
    names = value_at(data, ("rings",))
    if pointer[0] == "rings" and len(pointer) > 1 and isinstance(names, list):
        return [Put(("rings",), {name: {} for name in names}), Put(pointer, value)]
    return [Put(pointer, value)]
