"""Where everything in a text begins and really ends: what editing in place needs and readers throw away.

libyaml lets a block end where the next token begins, behind the blank lines and comments that follow it. Here it ends
with its last value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from msgspec import Struct, field

_PROPERTY = re.compile(r"([&!][^\s,\[\]{}]*)[ \t]*(?:\r?\n[ \t]*)?")


class Item(Struct):
    """A value of a text: offsets are in characters, `end` is behind its last one."""

    kind: str
    """``scalar``, ``map``, ``list`` or ``alias``."""
    start: int
    body: int
    """Where it begins behind its anchor and tag."""
    end: int
    flow: bool = False
    """Written with brackets, or in a place where brackets are written."""
    quote: str = ""
    """Of a scalar: ``'``, ``"``, ``|``, ``>`` or nothing."""
    text: str = ""
    """Of a scalar: its text without quotes."""
    keys: list[Item] = field(default_factory=list)
    """Of a map: its keys, one for each of `items`."""
    items: list[Item] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing is written: the value of ``key:``."""
        return self.kind == "scalar" and self.body == self.end and not self.quote

    @property
    def null(self) -> bool:
        """Whether it says nothing."""
        return self.kind == "scalar" and not self.quote and self.text in {"", "~", "null", "Null", "NULL"}

    def step(self, name: str | int) -> int | None:
        """The position of an entry among `items`."""
        if self.kind == "list":
            return name if isinstance(name, int) and 0 <= name < len(self.items) else None
        return next((at for at, key in enumerate(self.keys) if key.text == str(name)), None)


def outline(text: str) -> Item:
    """The root value of a text that `compose` could read and that holds one."""
    events = iter(yaml.parse(text, yaml.CSafeLoader))
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            return _item(event, events, text, flow=False)
    raise ValueError("the text holds no value")


def _item(event: yaml.Event, events: Iterator[yaml.Event], text: str, *, flow: bool) -> Item:
    start, end = _span(event)
    if isinstance(event, yaml.AliasEvent):
        return Item("alias", start, start, end, flow)
    body = _behind_properties(text, start, end)
    if isinstance(event, yaml.ScalarEvent):
        quote = event.style or ""
        end = _block_end(text, body, end) if quote in {"|", ">"} else end
        return Item("scalar", start, body, max(end, body), flow, quote, event.value)
    assert isinstance(event, yaml.CollectionStartEvent)
    own = bool(event.flow_style)
    item = Item("map" if isinstance(event, yaml.MappingStartEvent) else "list", start, body, end, own)
    _fill(item, events, text, flow=flow or own)
    return item


def _fill(item: Item, events: Iterator[yaml.Event], text: str, *, flow: bool) -> None:
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            last = item.items[-1].end if item.items else item.end
            item.end = _span(event)[1] if item.flow else last
            return
        if item.kind == "map" and len(item.keys) == len(item.items):
            item.keys.append(_item(event, events, text, flow=flow))
        else:
            item.items.append(_item(event, events, text, flow=flow))


def _span(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None
    assert event.end_mark is not None
    return event.start_mark.index, event.end_mark.index


def _behind_properties(text: str, start: int, end: int) -> int:
    while start < end and text[start] in "&!" and (match := _PROPERTY.match(text, start)):
        start = min(match.end(), end)
    return start


def _block_end(text: str, body: int, end: int) -> int:
    """The end of a block scalar's last line; the blank lines behind it are its own only when it says so."""
    header = text[body : text.find("\n", body) if "\n" in text[body:] else end]
    if "+" in header.partition("#")[0]:
        return end - len(text[body:end]) + len(text[body:end].removesuffix("\n").removesuffix("\r"))
    return body + len(text[body:end].rstrip())
