"""Which objects differ: matched by identity, renames recognised, changes told by what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.diff.embedded import compare_texts
from solutio_topology.diff.masking import mask
from solutio_topology.diff.values import ValueChange, compare_values
from solutio_topology.identity import SERVICE, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Key, Object

_NAMED = (("metadata", "name"), ("metadata", "namespace"))
"""What a rename changes by itself."""
_OWN = (".kind", ".apiVersion", ".metadata.name", ".metadata.labels")
"""Places in which all objects of a kind, or all of a service, say the same."""
ALIKE = 0.6
"""Share of equal leaves from which one object that went and one that came are one that was renamed."""


class Action(StrEnum):
    """What became of an object."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class ObjectChange(Struct, frozen=True, dict=True):
    """One object that differs. Of a rename both sides are there, with different keys."""

    before: Object | None
    after: Object | None
    raw: tuple[ValueChange, ...] = ()
    """The places that differ, as they are: secrets included. Never shown: see `changes`."""

    @property
    def action(self) -> Action:
        """What became of it."""
        if self.before is None:
            return Action.ADDED
        if self.after is None:
            return Action.REMOVED
        return Action.CHANGED if self.before.key == self.after.key else Action.RENAMED

    @property
    def object(self) -> Object:
        """The object as it will be; of one that is removed, as it was."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def key(self) -> Key:
        """The key of `object`."""
        return self.object.key

    @cached_property
    def changes(self) -> tuple[ValueChange, ...]:
        """The places that differ, with secrets hidden: what may be shown."""
        return tuple(mask((self.key.group, self.key.kind), each) for each in self.raw)

    @property
    def pod(self) -> str:
        """The tenant pod that it says it belongs to."""
        return self.object.labels.get(TENANT_POD, "")

    @property
    def service(self) -> str:
        """The service that it says it belongs to."""
        return self.object.labels.get(SERVICE, "")


def compare_objects(before: Iterable[Object], after: Iterable[Object]) -> tuple[ObjectChange, ...]:
    """Every object that differs in meaning, by key. Order, formatting and defaults of merge keys are no difference."""
    old, new = _by_key(before), _by_key(after)
    found = [change for key in old.keys() & new.keys() if (change := _changed(old[key], new[key])) is not None]
    gone = [old[key] for key in sorted(old.keys() - new.keys())]
    come = [new[key] for key in sorted(new.keys() - old.keys())]
    renamed = list(_renames(gone, come))
    found += renamed
    was = {change.before.key for change in renamed if change.before}
    is_ = {change.after.key for change in renamed if change.after}
    found += [ObjectChange(each, None) for each in gone if each.key not in was]
    found += [ObjectChange(None, each) for each in come if each.key not in is_]
    return tuple(sorted(found, key=lambda change: change.key))


def _by_key(objects: Iterable[Object]) -> dict[Key, Object]:
    """The objects by key; of several with one key the last, as an apply in this order would leave it."""
    return {each.key: each for each in objects}


def _changed(before: Object, after: Object) -> ObjectChange | None:
    if before.body == after.body:
        return None
    changes = tuple(_differences(before, after))
    return ObjectChange(before, after, changes) if changes else None


def _differences(before: Object, after: Object) -> Iterator[ValueChange]:
    for change in compare_values(before.body, after.body):
        is_file = before.key.kind == "ConfigMap" and len(change.path) == 2 and change.path[0] == "data"
        found = compare_texts(change) if is_file else change
        if found is not None:
            yield found


def _renames(gone: list[Object], come: list[Object]) -> Iterator[ObjectChange]:
    """Pairs of one that went and one that came that are mostly equal, the likest first."""
    candidates = _buckets(come)
    pairs: list[tuple[float, Key, Key, Object, Object]] = []
    for old in gone:
        for new in candidates.get(_bucket(old), ()):
            share = _alike(old, new)
            if share >= ALIKE:
                pairs.append((-share, old.key, new.key, old, new))
    used: set[tuple[str, Key]] = set()
    for _, old_key, new_key, old, new in sorted(pairs, key=lambda pair: pair[:3]):
        if ("old", old_key) not in used and ("new", new_key) not in used:
            used |= {("old", old_key), ("new", new_key)}
            yield ObjectChange(old, new, tuple(each for each in _differences(old, new) if each.path not in _NAMED))


def _bucket(each: Object) -> tuple[str, ...]:
    """Only objects that agree in this can be one another renamed."""
    return (each.key.group, each.key.kind, each.labels.get(SERVICE, ""), each.labels.get(TENANT_POD, ""))


def _buckets(objects: list[Object]) -> dict[tuple[str, ...], list[Object]]:
    found: dict[tuple[str, ...], list[Object]] = {}
    for each in objects:
        found.setdefault(_bucket(each), []).append(each)
    return found


def _alike(before: Object, after: Object) -> float:
    """How much two objects say in common, from 0 to 1: with their own names in it, or without, whichever is more."""
    named = _share(_leaves(before), _leaves(after))
    return max(named, _share(_anonymous(before), _anonymous(after)))


def _leaves(each: Object) -> frozenset[tuple[str, str]]:
    """What an object says, place by place."""
    return frozenset(
        (place, value)
        for place, value in _flat(each.body, "")
        if not f"{place}.".startswith(tuple(f"{own}." for own in _OWN))
    )


def _anonymous(each: Object) -> frozenset[tuple[str, str]]:
    own = {each.key.name, each.key.namespace}
    return frozenset(leaf for leaf in _leaves(each) if leaf[1] not in own)


def _flat(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(inner, f"{place}[]")
    else:
        yield place, str(value)


def _share(before: frozenset[tuple[str, str]], after: frozenset[tuple[str, str]]) -> float:
    """How much of two sets of leaves is common, from 0 to 1."""
    union = len(before | after)
    return len(before & after) / union if union else 0.0
