"""Comparing two values in meaning: maps by key, lists by merge key or as sets, scalars by what they mean."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from solutio_topology.diff import lists, scalars


class _Absent:
    """What stands where nothing is. There is one."""

    def __repr__(self) -> str:
        return "(absent)"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent()


class Item(Struct, frozen=True):
    """A step into a list: the item that has this merge key."""

    keys: lists.Keys
    key: tuple[Any, ...]

    def __str__(self) -> str:
        return "[" + "/".join(str(part) for part in self.key) + "]"


class Member(Struct, frozen=True):
    """A step into a list that is a set: one of its members, by its content."""

    text: str

    def __str__(self) -> str:
        return "[]"


class Order(Struct, frozen=True):
    """A step to the order of a list whose items have merge keys."""

    keys: lists.Keys

    def __str__(self) -> str:
        return "(order)"


Step = str | int | Item | Member | Order


class ValueChange(Struct, frozen=True):
    """One place that differs. `before` or `after` is `ABSENT` where it stands on one side only."""

    path: tuple[Step, ...]
    before: Any
    after: Any
    inner: tuple[ValueChange, ...] = ()
    """Of a text that is a document itself (a configuration file): what differs in it."""

    def reversed(self) -> ValueChange:
        """The same change, the other way round."""
        return ValueChange(self.path, self.after, self.before, tuple(each.reversed() for each in self.inner))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields on the way, items left out: ``("spec", "template", …, "image")``."""
        return tuple(step for step in self.path if isinstance(step, str))

    @property
    def pointer(self) -> str:
        """The place as people read it: ``spec.template.spec.containers[api].image``."""
        return pointer(self.path)


def pointer(path: Iterable[Step]) -> str:
    """A path as people read it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, str):
            text += f".{step}" if text else step
        else:
            text += str(step)
    return text


def compare_values(before: Any, after: Any, path: tuple[Step, ...] = ()) -> Iterator[ValueChange]:
    """Every place in which two values differ in meaning, in a stable order."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _maps(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    elif not _same(path, before, after):
        yield ValueChange(path, before, after)


def _same(path: tuple[Step, ...], before: Any, after: Any) -> bool:
    old, new = canonical(before, path), canonical(after, path)
    # True equals 1 in Python, and nowhere else.
    return bool(old == new) and isinstance(old, bool) is isinstance(new, bool)


def _maps(before: dict[str, Any], after: dict[str, Any], path: tuple[Step, ...]) -> Iterator[ValueChange]:
    for key in dict.fromkeys((*before, *after)):
        if key not in before:
            yield ValueChange((*path, key), ABSENT, after[key])
        elif key not in after:
            yield ValueChange((*path, key), before[key], ABSENT)
        else:
            yield from compare_values(before[key], after[key], (*path, key))


def _lists(before: list[Any], after: list[Any], path: tuple[Step, ...]) -> Iterator[ValueChange]:
    keys = lists.keys_of(path, before, after)
    if keys is not None:
        yield from _keyed(keys, before, after, path)
    elif lists.is_set(path):
        yield from _sets(before, after, path)
    elif len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from compare_values(old, new, (*path, index))
    else:
        yield ValueChange(path, before, after)


def _keyed(
    keys: lists.Keys, before: list[dict[str, Any]], after: list[dict[str, Any]], path: tuple[Step, ...]
) -> Iterator[ValueChange]:
    old = {lists.key_of(keys, item): item for item in before}
    new = {lists.key_of(keys, item): item for item in after}
    for key in dict.fromkeys((*old, *new)):
        at = (*path, Item(keys, key))
        if key not in old:
            yield ValueChange(at, ABSENT, new[key])
        elif key not in new:
            yield ValueChange(at, old[key], ABSENT)
        else:
            yield from compare_values(old[key], new[key], at)
    if lists.has_order(path) and list(old) != list(new):
        yield ValueChange((*path, Order(keys)), list(old), list(new))


def _sets(before: list[Any], after: list[Any], path: tuple[Step, ...]) -> Iterator[ValueChange]:
    """Members that only one side has; two that differ in a few places are told as one that changed."""
    old, new = Counter(_text(each, path) for each in before), Counter(_text(each, path) for each in after)
    gone, come = sorted((old - new).elements()), sorted((new - old).elements())
    by_text = {_text(each, path): each for each in (*before, *after)}
    for text in gone:
        yield ValueChange((*path, Member(text)), by_text[text], ABSENT)
    for text in come:
        yield ValueChange((*path, Member(text)), ABSENT, by_text[text])


def _text(value: Any, path: tuple[Step, ...]) -> str:
    """A value as a text that is the same for all that mean the same."""
    return json.dumps(canonical(value, path), sort_keys=True, default=str, ensure_ascii=False)


def canonical(value: Any, path: tuple[Step, ...] = ()) -> Any:
    """One form for all values that mean the same: sets sorted, quantities as numbers."""
    if isinstance(value, dict):
        return {key: canonical(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        found = [canonical(inner, path) for inner in value]
        keys = lists.keys_of(path, value, value)
        if lists.is_set(path) or (keys is not None and not lists.has_order(path)):
            found.sort(key=lambda each: json.dumps(each, sort_keys=True, default=str))
        return found
    return scalars.meaning(tuple(step for step in path if isinstance(step, str)), value)


def apply(changes: Iterable[ValueChange], value: Any) -> Any:
    """`value` with every change made: what the other side means."""
    for change in changes:
        value = _applied(value, change.path, change)
    return value


def _applied(value: Any, path: tuple[Step, ...], change: ValueChange) -> Any:
    if not path:
        return change.after
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        found = dict(value)
        new = _applied(found.get(step), rest, change)
        if new is ABSENT:
            del found[step]
        else:
            found[step] = new
        return found
    items = list(value)
    if isinstance(step, int):
        items[step] = _applied(items[step], rest, change)
        return items
    return _in_list(items, step, rest, change)


def _in_list(items: list[Any], step: Item | Member | Order, rest: tuple[Step, ...], change: ValueChange) -> list[Any]:
    if isinstance(step, Order):
        rank = {key: number for number, key in enumerate(change.after)}
        return sorted(items, key=lambda item: rank[lists.key_of(step.keys, item)])
    if isinstance(step, Member):
        if change.after is not ABSENT:
            return [*items, change.after]
        index = next(number for number, item in enumerate(items) if _text(item, change.path[:-1]) == step.text)
        return items[:index] + items[index + 1 :]
    found = next((number for number, item in enumerate(items) if lists.key_of(step.keys, item) == step.key), None)
    if found is None:
        return [*items, change.after]
    new = _applied(items[found], rest, change)
    return items[:found] + ([] if new is ABSENT else [new]) + items[found + 1 :]
