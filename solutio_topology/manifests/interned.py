"""Equal parts of documents, kept once: a fleet says the same few thousand things a million times."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Interned(Struct, eq=False):
    """The texts, maps and lists of many documents: of equal ones the first stands for all.

    Equal is what reads the same: of one type, with its keys in one order. Nobody may change what is handed out.
    """

    _texts: dict[str, str] = field(default_factory=dict)
    _parts: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def intern(self, value: Any, done: dict[int, Any] | None = None) -> Any:
        """The value, made of parts that are kept. `done` remembers parts by who they are, while they are alive."""
        kind = type(value)
        if kind is str:
            return self._texts.setdefault(value, value)
        if kind is not dict and kind is not list:
            return value
        done = {} if done is None else done
        found = done.get(id(value))
        if found is None:
            found = done[id(value)] = self._map(value, done) if kind is dict else self._list(value, done)
        return found

    def _map(self, value: dict[str, Any], done: dict[int, Any]) -> dict[str, Any]:
        keep = self._texts.setdefault
        made = {keep(key, key): self.intern(item, done) for key, item in value.items()}
        kept: dict[str, Any] = self._parts.setdefault((dict, *made, *map(_mark, made.values())), made)
        return kept

    def _list(self, value: list[Any], done: dict[int, Any]) -> list[Any]:
        made = [self.intern(item, done) for item in value]
        kept: list[Any] = self._parts.setdefault((list, *map(_mark, made)), made)
        return kept


def _mark(value: Any) -> object:
    """What tells a kept value from others: a text itself, a part by who it is, and of numbers the type as well."""
    kind = type(value)
    if kind is str:
        return value
    return id(value) if kind is dict or kind is list else (kind, repr(value))
