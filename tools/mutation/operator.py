"""What an operator is: a kind of fault, where it applies, and what it makes of each place."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.mutation.paths import find
from tools.mutation.tree import GONE, Edit, Item, Pointer, Tree


@dataclass(frozen=True)
class Site:
    """A place that a fault can be put into."""

    tree: Tree
    item: Item
    pointer: Pointer
    value: Any


@dataclass(frozen=True)
class Mutant:
    """One fault in one place of one tree."""

    operator: str
    tree: str
    item: Item
    edit: Edit

    def __str__(self) -> str:
        at = ".".join(str(step) for step in self.edit.pointer) or "object"
        value = " ".join(str(self.edit.value).split()) if self.edit.value is not None else ""
        more = f" + {[each['metadata']['name'] for each in self.edit.more if 'metadata' in each]}"
        return (
            f"{self.operator}: {self.item.file} {self.item.name} {at} = {value[:120]}{more if self.edit.more else ''}"
        )


Maker = Callable[[Site], Iterable[Any]]


@dataclass(frozen=True)
class Operator:
    """A kind of fault. `kinds` empty: objects of every kind. `make` yields values for the place, or whole edits."""

    name: str
    what: str
    kinds: tuple[str, ...]
    at: str
    make: Maker

    def mutants(self, tree: Tree) -> Iterator[Mutant]:
        """The fault in every place of a tree, in the order of the files."""
        for item in tree.of_kind(*self.kinds) if self.kinds else tree.items:
            for pointer, value in find(item.body, self.at) if self.at else [((), item.body)]:
                for made in self.make(Site(tree, item, pointer, value)):
                    edit = made if isinstance(made, Edit) else Edit(pointer, made)
                    if edit.more or edit.value != value:
                        yield Mutant(self.name, tree.name, item, edit)


def drop(_site: Site) -> Iterator[Any]:
    """Take it out."""
    yield GONE


def misspell(site: Site) -> Iterator[Any]:
    """A text with something added; a whole number with one added."""
    if isinstance(site.value, bool):
        return
    if isinstance(site.value, int):
        yield site.value + 1
    elif isinstance(site.value, str):
        yield str(int(site.value) + 1) if site.value.isdecimal() else f"{site.value}x"


def put(*values: Any) -> Maker:
    """Other values, whatever stood there."""
    return lambda _site: iter(values)


def add(*values: Any) -> Maker:
    """A list with something more in it."""
    return lambda site: ([*site.value, value] for value in values) if isinstance(site.value, list) else iter(())


def join(**values: Any) -> Maker:
    """A map with something more in it; one edit for each."""
    return lambda site: ({**site.value, key: value} for key, value in values.items() if isinstance(site.value, dict))


def flip(site: Site) -> Iterator[Any]:
    """True for false, and the other way round."""
    if isinstance(site.value, bool):
        yield not site.value
    elif site.value in ("true", "false"):
        yield "false" if site.value == "true" else "true"


def swap(**pairs: str) -> Maker:
    """One word for another."""
    return lambda site: iter([pairs[site.value]] if site.value in pairs else [])


def widen_range(site: Site) -> Iterator[Any]:
    """A range of addresses twice as wide, and all addresses."""
    network = ipaddress.ip_network(site.value)
    if network.prefixlen:
        yield str(network.supernet())
        yield "0.0.0.0/0" if network.version == 4 else "::/0"


def narrow_range(site: Site) -> Iterator[Any]:
    """A range of addresses half as wide."""
    network = ipaddress.ip_network(site.value)
    if network.prefixlen < network.max_prefixlen:
        yield str(next(network.subnets()))
