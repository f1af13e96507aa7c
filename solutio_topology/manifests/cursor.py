"""A careful walk through parsed YAML: wrong types become notes with a place, never exceptions and never silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from solutio_topology.manifests.facts import Place, Unreadable

_KINDS = {dict: "a map", list: "a list", str: "text", int: "a number", bool: "true or false", float: "a number"}
_TEXT = frozenset({str})


def describe(value: Any) -> str:
    """What a value is, in people's words."""
    return "nothing" if value is None else _KINDS.get(type(value), type(value).__name__)


def _remedy(key: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches

    like = get_close_matches(key, sorted(known), 1)
    return f"write {like[0]}" if like else f"the fields are {', '.join(sorted(known))}"


class Cursor(Struct, eq=False):
    """A value and where it stands. Missing values are None, and everything below them is missing too.

    Most values are looked at and none is spoken of, so a place is put together when it is asked for.
    """

    value: Any
    _place: Place | Cursor
    """Where the value stands, or the cursor that it stands under, at `step`."""
    sink: list[Unreadable]
    _step: str | int | None = None

    @property
    def place(self) -> Place:
        """Where the value stands."""
        if isinstance(self._place, Cursor):
            above = self._place.place
            self._place = above if self._step is None else above.at(self._step)
        return self._place

    def __bool__(self) -> bool:
        return self.value is not None

    def note(self, message: str, remedy: str) -> None:
        """Say that something here cannot be read."""
        self.sink.append(Unreadable(message, remedy, self.place))

    def get(self, *keys: str) -> Cursor:
        """What stands under `keys`."""
        found = self
        for key in keys:
            value = found.value
            found = Cursor(value.get(key), found, self.sink, key) if type(value) is dict else found._missing()
        return found

    def _missing(self) -> Cursor:
        if self.value is not None:
            self._wrong("a map")
        return Cursor(None, self, self.sink)

    def has(self, key: str) -> bool:
        """Whether the key is written, even with nothing behind it."""
        return isinstance(self.value, dict) and key in self.value

    def only(self, known: frozenset[str]) -> None:
        """Note every field that the object does not have: the API server refuses it, or drops it in silence."""
        if isinstance(self.value, dict) and not self.value.keys() <= known:
            for key in self.value.keys() - known:
                self.get(key).note(f"there is no field {key} here: what it says is not done", _remedy(key, known))

    def items(self, key: str) -> Iterator[Cursor]:
        """The items of the list under `key`; none when it is missing."""
        found = self.get(key)
        if found.value is None:
            return
        if not isinstance(found.value, list):
            found._wrong("a list")
            return
        for index, item in enumerate(found.value):
            yield Cursor(item, found, self.sink, index)

    def text(self, key: str, default: str = "") -> str:
        """The text under `key`."""
        found = self.get(key)
        if found.value is None:
            return default
        if isinstance(found.value, str):
            return found.value
        found._wrong("text")
        return str(found.value) if isinstance(found.value, (int, float)) else default

    def number(self, key: str, default: int = 0) -> int:
        """The whole number under `key`. A number in quotes is noted: the API server refuses it."""
        found = self.get(key)
        if found.value is None:
            return default
        if isinstance(found.value, int) and not isinstance(found.value, bool):
            return found.value
        if isinstance(found.value, float) and found.value.is_integer():
            return int(found.value)  # JSON knows one kind of number: 8080.0 and 8.08e3 are 8080 to the API server.
        found._wrong("a whole number")
        return int(found.value) if isinstance(found.value, str) and found.value.isdecimal() else default

    def flag(self, key: str, default: bool = False) -> bool:
        """The truth value under `key`."""
        found = self.get(key)
        if found.value is None:
            return default
        if isinstance(found.value, bool):
            return found.value
        found._wrong("true or false")
        return default

    def number_or_name(self, key: str) -> int | str | None:
        """A port: a number or a name. A name that is a number is noted and read as the number it means."""
        found = self.get(key)
        value = found.value
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, float) and value.is_integer() and value < 2**31:
            return int(value)  # As in `number`.
        if isinstance(value, str):
            if value.isdecimal():
                found.note(f'"{value}" in quotes is a port name without a letter', "write the number without quotes")
                return int(value)
            return value
        found._wrong("a whole number or a name")
        return None

    def labels(self, key: str) -> dict[str, str]:
        """A map of text to text: where it is one, the very one that stands there, which nobody may change."""
        found = self.get(key)
        if found.value is None:
            return {}
        if not isinstance(found.value, dict):
            found._wrong("a map")
            return {}
        if _TEXT.issuperset(map(type, found.value.values())):
            same: dict[str, str] = found.value
            return same
        good = {name: value for name, value in found.value.items() if isinstance(value, str)}
        for name, value in found.value.items():
            if name not in good:
                found.get(name)._wrong("text")
                good[name] = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return good

    def keys(self, key: str) -> tuple[str, ...]:
        """The keys of the map under `key`, whatever stands behind them: for maps whose values are nobody's business."""
        found = self.get(key)
        if found.value is None or isinstance(found.value, dict):
            return tuple(found.value or ())
        found._wrong("a map")
        return ()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = list(self.items(key))
        for item in found:
            if not isinstance(item.value, str):
                item._wrong("text")
        return tuple(item.value for item in found if isinstance(item.value, str))

    def _wrong(self, wanted: str) -> None:
        name = self.place.pointer[-1] if self.place.pointer else "the document"
        self.note(f"{name} must be {wanted}, not {describe(self.value)}", f"write {wanted} here")
