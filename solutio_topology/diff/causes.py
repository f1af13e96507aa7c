"""Which places of the topology made an object change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.diff.model import Cause
from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.values import ABSENT, Item, Member, Order, ValueChange, compare_values, pointer

if TYPE_CHECKING:
    from solutio_topology.findings import Location

Steps = tuple[str | int, ...]


class Declared(Struct, frozen=True):
    """A topology as data, and where everything in it stands."""

    data: dict[str, Any]
    locate: Callable[[Steps], Location]


def compare_topologies(before: Declared, after: Declared) -> tuple[Cause, ...]:
    """The places in which two topologies differ, in the order of the file."""
    found = []
    for change in compare_values(before.data, after.data):
        steps = _steps(change)
        side = before if change.after is ABSENT else after
        found.append(Cause(pointer(steps), side.locate(steps), change.before, change.after))
    return tuple(found)


def _steps(change: ValueChange) -> Steps:
    """The way to a place by keys and positions, as far as they say it."""
    found: list[str | int] = []
    for step in change.path:
        if isinstance(step, (Item, Member, Order)):
            break
        found.append(step)
    return tuple(found)


class CauseIndex:
    """What differs between two topologies, by whom it can concern: no customer's objects come of another customer."""

    def __init__(self, causes: tuple[Cause, ...], data: tuple[dict[str, Any], ...]) -> None:
        self._causes = causes
        self._data = data
        self._customers = frozenset[str]().union(*map(_customers, data))
        self._common: list[tuple[int, Cause]] = []
        self._own: dict[str, list[tuple[int, Cause]]] = {}
        for number, cause in enumerate(causes):
            head, _, rest = cause.pointer.partition(".")
            pod = rest.partition(".")[0] if head == "pods" else ""
            place = self._own.setdefault(pod, []) if pod in self._customers else self._common
            place.append((number, cause))

    def of(self, change: ObjectChange, environment: str) -> tuple[Cause, ...]:
        """Those that made an object change."""
        concerned = self._causes
        if change.pod in self._customers:
            concerned = tuple(cause for _, cause in sorted(self._common + self._own.get(change.pod, []), key=_number))
        return causes_of(change, concerned, environment, self._data)


def _number(numbered: tuple[int, Cause]) -> int:
    return numbered[0]


def _customers(data: dict[str, Any]) -> frozenset[str]:
    """The tenant pods that serve no other: the dedicated ones, where there is one that is shared."""
    tenancy = {name: tier.get("tenancy") for name, tier in data.get("tiers", {}).items()}
    found = {name: tenancy.get(pod.get("tier")) for name, pod in data.get("pods", {}).items()}
    return frozenset(name for name, each in found.items() if each == "dedicated" and "shared" in found.values())


def causes_of(
    change: ObjectChange, causes: tuple[Cause, ...], environment: str, data: tuple[dict[str, Any], ...]
) -> tuple[Cause, ...]:
    """Those of the topology's changes that made this object change; `data` are the topologies of both sides.

    Of all that have to do with the object, those whose new (or old) value shows up in it; else the nearest.
    """
    near: dict[int, list[Cause]] = {}
    for cause in causes:
        distance = _distance(cause.pointer.split("."), change, environment, data)
        if distance is not None:
            near.setdefault(distance, []).append(cause)
    if not near:
        return ()
    texts = tuple(_changed_texts(change))
    showing = [cause for group in near.values() for cause in group if _shows(cause, texts)]
    return tuple(showing or near[min(near)])


def _distance(steps: list[str], change: ObjectChange, environment: str, data: tuple[dict[str, Any], ...]) -> int | None:
    """How far a place of the topology is from an object: 0 its service, 3 the whole platform; None: unrelated."""
    head, name, *rest = [*steps, "", ""]
    if not name:
        # A whole part of the topology came or went: it may have to do with anything.
        return 3
    if head == "environments" and name == environment:
        return _distance(rest, change, environment, data) if rest[0] in {"services", "platform"} else 2
    if head == "pods" and name == change.pod:
        return _distance(rest, change, environment, data) if rest[0] == "services" else 1
    if head == "services":
        return 0 if name == change.service else (2 if name in _partners(change.service, data) else None)
    if head == "edges":
        return 0 if change.service in _ends(name, data) else None
    if head in {"components", "sizes", "layers", "tiers"}:
        return 1 if _uses(head, name, change, data) else None
    return 3 if head in {"platform", "metadata", "pods", "environments", "include"} else None


def _ends(edge: str, data: tuple[dict[str, Any], ...]) -> set[str]:
    found: set[str] = set()
    for each in data:
        declared = each.get("edges", {}).get(edge, {})
        found |= {str(declared.get("from")), str(declared.get("to"))}
    return found


def _partners(service: str, data: tuple[dict[str, Any], ...]) -> set[str]:
    """The services at the other end of a service's edges: their ports and names stand in its objects."""
    found: set[str] = set()
    for each in data:
        for edge in each.get("edges", {}).values():
            ends = {str(edge.get("from")), str(edge.get("to"))}
            found |= ends if service in ends else set()
    return found


def _uses(head: str, name: str, change: ObjectChange, data: tuple[dict[str, Any], ...]) -> bool:
    """Whether the object's service (or tenant pod) is made with a component, size, layer or tier."""
    field = {"components": "component", "sizes": "size", "layers": "layer", "tiers": "tier"}[head]
    group, own = ("pods", change.pod) if head == "tiers" else ("services", change.service)
    return any(name in _mentions(each.get(group, {}).get(own, {}), field) for each in data)


def _mentions(value: Any, field: str) -> set[str]:
    """The values of a field at any depth: a process may have a size of its own."""
    if not isinstance(value, dict):
        return set()
    found = {str(value[field])} if field in value and not isinstance(value[field], dict) else set()
    return found.union(*(_mentions(inner, field) for inner in value.values()))


def _changed_texts(change: ObjectChange) -> Iterator[str]:
    if not change.raw:
        yield from _texts(change.object.body)
    for each in change.raw:
        yield from _texts(each.before)
        yield from _texts(each.after)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not ABSENT:
        yield str(value)


def _shows(cause: Cause, texts: tuple[str, ...]) -> bool:
    """Whether what the topology says now, or said, can be seen in what changed of an object."""
    for value in (cause.after, cause.before):
        for known in _texts(value):
            if any(known == text or (len(known) > 3 and known in text) for text in texts):
                return True
    return False
