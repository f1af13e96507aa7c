"""Equal changes in many tenant pods, told once: whole names of a pod and its namespaces stand for any."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.wording import say_value

T = TypeVar("T")


@dataclass(frozen=True)
class Group(Generic[T]):
    """Things that say the same, each of another tenant pod."""

    members: tuple[T, ...]

    @property
    def first(self) -> T:
        """The one that is told."""
        return self.members[0]

    @property
    def more(self) -> int:
        """How many say the same besides."""
        return len(self.members) - 1


def group(things: Iterable[T], pod_of: Callable[[T], str], text_of: Callable[[T], str]) -> tuple[Group[T], ...]:
    """The things in groups of equal texts, names of their own tenant pods left out; in the order of the first."""
    found: dict[str, list[T]] = {}
    for thing in things:
        found.setdefault(anonymous(text_of(thing), pod_of(thing)), []).append(thing)
    return tuple(Group(tuple(members)) for members in found.values())


def anonymous(text: str, pod: str) -> str:
    """A text with every whole token that is the tenant pod's name replaced."""
    if not pod:
        return text
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(pod)}(?![A-Za-z0-9])", "{pod}", text)


def group_objects(changes: Sequence[ObjectChange]) -> tuple[Group[ObjectChange], ...]:
    """Changed objects, equal changes of several tenant pods together."""
    return group(changes, lambda each: each.pod, _text)


def _text(change: ObjectChange) -> str:
    places = (f"{each.pointer} {say_value(each.before, 400)} {say_value(each.after, 400)}" for each in change.changes)
    name = re.sub(r"-[0-9a-f]{8}$", "", change.key.name)
    return "\n".join((change.action, change.key.kind, change.key.namespace, name, *places))
