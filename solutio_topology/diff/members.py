"""What is found of the first of several equal tenant pods, told for each of them.

A comparison looks at few members of a class of equals (docs/adr/0006); here the others get what it found, under their
own names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.manifests.shared import InseparableError
from solutio_topology.manifests.tokens import Names

T = TypeVar("T")
Form = Callable[[str], Any]
"""Makes a value for a member of a class, by the member's name."""


class Members(Struct, frozen=True, dict=True):
    """The classes of equal tenant pods; without any, everything is as it was found."""

    names: Names = field(default_factory=lambda: Names({}))
    stands_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """First member of a class → the members that were not looked at."""
    seen: frozenset[str] = frozenset()
    """Every member that was looked at of a class of which some were not."""
    shortened: frozenset[str] = frozenset()
    """Files without what speaks of those that were not looked at: their places are not there."""

    def each(self, found: Iterable[T], about: Callable[[T], str]) -> Iterator[T]:
        """What was found, and what is so of those that were not looked at; `about` says whom it is about.

        What is about two members of classes is told of these two only: `partial` finds it.
        """
        for thing in found:
            yield thing
            yield from self._others(thing, self._concerned(about(thing)))

    def each_apart(self, found: Iterable[T], about: Callable[[T], str]) -> Iterator[T]:
        """As `each`, of what must not be about two members. Raises InseparableError."""
        found = tuple(found)
        if self.partial(found, about):
            raise InseparableError
        return self.each(found, about)

    def partial(self, found: Iterable[T], about: Callable[[T], str]) -> bool:
        """Whether something is about two members of classes, and so of more than is told."""
        return any(len(self._concerned(about(thing))) > 1 for thing in found)

    def waits(self, found: Mapping[T, set[T]]) -> dict[T, set[T]]:
        """Who waits for whom: whoever waits for the first member and is nobody's waits for the others as well."""
        told: dict[T, set[T]] = {}
        for thing, needed in found.items():
            concerned = self._concerned(str(thing))
            told[thing] = needed if concerned else set(self.each(needed, str))
            told.update(self._others((thing, needed), concerned))
        return told

    def _concerned(self, text: str) -> frozenset[str]:
        return self.names.mentioned(text) & self.seen if self.stands_for else frozenset()

    def _others(self, thing: T, concerned: frozenset[str]) -> Iterator[T]:
        if len(concerned) != 1:
            return
        (head,) = concerned
        members = self.stands_for.get(head, ())
        form = self._forms[head].of(thing) if members else None
        yield from (thing if form is None else form(member) for member in members)

    @cached_property
    def _forms(self) -> dict[str, _Forms]:
        return {head: _Forms(self.names, head) for head in self.stands_for}


class _Forms:
    """Values in which the names of a tenant pod can be replaced by those of another."""

    def __init__(self, names: Names, pod: str) -> None:
        self._names = names
        self._pod = pod

    def of(self, value: Any) -> Form | None:
        """How a value is made for another tenant pod; None for one that is the same for all."""
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind is dict:
            return self._joined(dict, [self.of(item) for item in value.items()], list(value.items()))
        if kind in (list, tuple, set, frozenset):
            return self._joined(kind, [self.of(item) for item in value], list(value))
        if isinstance(value, Struct):
            return self._record(value)
        return None

    def _text(self, value: str) -> Form | None:
        pieces = self._names.apart(value, self._pod)
        return partial(self._names.filled, pieces) if len(pieces) > 1 else None

    def _joined(self, kind: Callable[[Iterable[Any]], Any], forms: list[Form | None], items: list[Any]) -> Form | None:
        """A collection: what is the same for all is shared."""
        named = [(at, form) for at, form in enumerate(forms) if form is not None]
        if not named:
            return None

        def made(pod: str) -> Any:
            found = items.copy()
            for at, form in named:
                found[at] = form(pod)
            return kind(found)

        return made

    def _record(self, value: Struct) -> Form | None:
        forms = {name: self.of(getattr(value, name)) for name in value.__struct_fields__}
        named = {name: form for name, form in forms.items() if form is not None}
        return (lambda pod: replace(value, **{name: form(pod) for name, form in named.items()})) if named else None


NOBODY: Final = Members()
"""No classes: everything was looked at."""
