"""The nouns that every fact is made of: places, keys, labels, selectors, assumptions.

None of the many can stand in a circle of references: garbage is not looked for among them (``gc=False``).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from solutio_topology.yamlio import Text, plain

Pointer = tuple[str | int, ...]
Labels = dict[str, str]


class Document(Struct, frozen=True, gc=False):
    """One YAML document: the file it stands in (as people see it), which one of the file, and its bytes."""

    file: str
    index: int
    held: Text
    line: int
    """The line of the file on which the document starts, from 1; of what cannot be read, the line of the fault."""
    column: int = 1
    """The column of the fault, of what cannot be read."""

    @property
    def text(self) -> bytes:
        """Its bytes."""
        return plain(self.held)


@lru_cache(maxsize=1 << 14)
def _below(pointer: Pointer, steps: Pointer) -> Pointer:
    """A longer pointer: in a fleet the same ones lead to the same things in thousands of documents."""
    return pointer + steps


class Place(Struct, frozen=True, gc=False):
    """Where a fact stands. `item` is the position inside a ``List`` object, else None."""

    document: int
    pointer: Pointer = ()

    def at(self, *steps: str | int) -> Place:
        """The place of something below this one."""
        return Place(self.document, _below(self.pointer, steps))


class MadeObject(Place, frozen=True, gc=False):
    """The place of something that a controller makes: the object that it makes it from, as a whole.

    Of what a chart makes, `via` says where it comes from and `inside` points into it: nothing of it stands in a file.
    """

    via: str = ""
    inside: Pointer = ()

    def at(self, *steps: str | int) -> Place:
        """The same object; of what a chart makes, a place inside it."""
        return MadeObject(self.document, self.pointer, self.via, self.inside + steps) if self.via else self


class Key(Struct, frozen=True, order=True, gc=False):
    """What makes an object that object. `namespace` is empty for cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


class Assumption(Struct, frozen=True):
    """What a fact rests on that the YAML does not hold: a short name, a sentence, and where it comes from."""

    name: str
    statement: str
    source: str


class Operator(StrEnum):
    """The operators of a label selector expression."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class Requirement(Struct, frozen=True, gc=False):
    """One requirement of a selector. An absent key satisfies NotIn and DoesNotExist."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


class Selector(Struct, frozen=True, gc=False):
    """A label selector: all requirements hold. Without any it selects everything; an *absent* selector is None."""

    requirements: tuple[Requirement, ...] = ()
