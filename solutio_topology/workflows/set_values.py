"""Setting single values of a topology in place: the daily bump of an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from solutio_topology.errors import SolutioError
from solutio_topology.spec.edit import OWNERS, check_place, names_at, put, typed
from solutio_topology.spec.override import parse_path
from solutio_topology.spec.plain import ring_names, submap, value_at
from solutio_topology.spec.source import dotted
from solutio_topology.workflows.editing import Change, open_draft, plan, require
from solutio_topology.yamlio import Pointer
from solutio_topology.yamlio.edit import Edit, Remove
from solutio_topology.yamlio.style import one_line

if TYPE_CHECKING:
    from solutio_topology.workflows.editing import Draft

MAX_NAMED = 5


class Scope(Struct, frozen=True):
    """Whose override is meant: one tenant pod's, one ring's, one environment's, or with nothing the declaration."""

    pod: str = ""
    ring: str = ""
    environment: str = ""

    def prefix(self, data: dict[str, Any]) -> Pointer:
        """Where its overrides stand. Raises SolutioError for two at once, and for a name that nothing has."""
        given = [("pods", self.pod), ("rings", self.ring), ("environments", self.environment)]
        named = [(field, name) for field, name in given if name]
        if len(named) > 1:
            raise SolutioError("--pod, --ring and --env exclude each other", remedy="name the one that it is for")
        for field, name in named:
            require(OWNERS[field], name, names_at(data, field))
        return named[0] if named else ()


def set_values(given: Path | None, pairs: Sequence[str], unset: Sequence[str], scope: Scope) -> Change:
    """What PATH VALUE pairs, and the paths of `unset`, make of the topology. Raises SolutioError for each fault."""
    if len(pairs) % 2 or not (pairs or unset):
        raise SolutioError(
            f"{pairs[-1] if pairs else 'nothing'!r} stands without a value" if pairs else "no place is named",
            remedy="write pairs: solutio set services.api.image.tag 2026.11.2",
        )
    draft = open_draft(given)
    data = draft.data
    prefix = scope.prefix(data)
    edits: list[Edit] = []
    places: list[Pointer] = []
    for path, text in zip(pairs[::2], pairs[1::2], strict=True):
        pointer = (*prefix, *parse_path(path))
        check_place(pointer, data)
        value = typed(pointer, text)
        edits += put(pointer, value, data)
        places.append(pointer)
    for path in unset:
        edits.append(_removal((*prefix, *parse_path(path)), data))
    change = plan(draft, edits)
    after = change.after.data
    return replace(change, notes=tuple(note for pointer in places for note in _notes(after, pointer)))


def _removal(pointer: Pointer, data: dict[str, Any]) -> Edit:
    """Take a value away, and the maps above it that it leaves empty."""
    check_place(pointer, data)
    if value_at(data, pointer[:-1]) is None or pointer[-1] not in _entries(value_at(data, pointer[:-1])):
        raise SolutioError(f"{dotted(pointer)} is not set", remedy="see the topology for what is")
    keep = 3 if pointer[0] in OWNERS else 2
    while len(pointer) > keep and len(_entries(value_at(data, pointer[:-1]))) == 1:
        pointer = pointer[:-1]
    return Remove(pointer)


def _entries(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()


def _notes(data: dict[str, Any], pointer: Pointer) -> Iterator[str]:
    """What the user may not expect: who keeps a value of its own, and a digest that wins over a tag."""
    if pointer[-2:] == ("image", "tag") and submap(value_at(data, pointer[:-1])).get("digest"):
        yield f"{dotted((*pointer[:-1], 'digest'))} wins over the tag: set it as well, or --unset it"
    place = pointer[2:] if pointer[0] in OWNERS else pointer
    if place[:1] == ("services",):
        yield from _masked(data, pointer, place)
        yield from _without_effect(data, pointer)


def _without_effect(data: dict[str, Any], pointer: Pointer) -> Iterator[str]:
    """What a tenant pod says of a service that it shares is heard by nobody."""
    if pointer[0] != "pods" or len(pointer) < 4:
        return
    pod, service = str(pointer[1]), str(pointer[3])
    tier = submap(data, "tiers", str(submap(data, "pods", pod).get("tier")))
    if tier.get("tenancy") == "dedicated" and service not in (tier.get("dedicates") or ()):
        yield f"tenant pod {pod} shares {service} with others: this changes nothing until its tier dedicates {service}"


def _masked(data: dict[str, Any], pointer: Pointer, place: Pointer) -> Iterator[str]:
    order = list(OWNERS)
    stronger = order[order.index(str(pointer[0])) + 1 :] if pointer[0] in OWNERS else order
    for field in stronger:
        own = {name: _said(data, (field, name, *place)) for name in names_at(data, field)}
        if pointer[0] == "rings" and field == "pods":
            own = {name: each for name, each in own.items() if _ring(data, name) == pointer[1]}
        kept = [f"{name} ({one_line(each)})" for name, each in own.items() if each is not None]
        if kept:
            more = f" and {len(kept) - MAX_NAMED} more" if len(kept) > MAX_NAMED else ""
            kind = OWNERS[field] if len(kept) == 1 else f"{OWNERS[field]}s"
            named = ", ".join(kept[:MAX_NAMED])
            verb = "keeps a value" if len(kept) == 1 else "keep values"
            yield f"{kind} {named}{more} {verb} of {'its' if len(kept) == 1 else 'their'} own for {dotted(place)}"


def _said(data: dict[str, Any], pointer: Pointer) -> Any:
    """What stands at a place, or above it instead of a map: `replicas: 1` is an answer to `replicas.min`."""
    for end in range(3, len(pointer)):
        above = value_at(data, pointer[:end])
        if above is not None and not isinstance(above, (dict, list)):
            return above
    return value_at(data, pointer)


def _ring(data: dict[str, Any], pod: str) -> str | None:
    last = next(reversed(ring_names(data.get("rings"))), None)
    return submap(data, "pods", pod).get("ring", last)


def environments_of(draft: Draft, scope: Scope) -> tuple[str, ...]:
    """The environments in which a change of this scope is seen."""
    if scope.environment:
        return (scope.environment,)
    found = draft.project.topology.environments
    return tuple(name for name, each in found.items() if not scope.pod or each.pods is None or scope.pod in each.pods)
