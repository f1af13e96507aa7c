"""Editing a person's file in place: every line that is not about the edit stays as it is, to the byte.

The text is changed at the places that libyaml names, and never written anew: writers that keep comments do not keep the
blanks by which people align, nor the place of a comment behind what is added. What comes out is read again, and is
given out only when it says what was asked for and nothing else changed.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from solutio_topology.yamlio.compose import MERGE, FaultError, compose
from solutio_topology.yamlio.fault import Fault, Pointer
from solutio_topology.yamlio.outline import Item, outline
from solutio_topology.yamlio.read import read_document
from solutio_topology.yamlio.style import entry, lines, one_line, scalar


class Put(Struct, frozen=True):
    """Give the place a value; the maps above it are made where they are missing."""

    pointer: Pointer
    value: Any
    block: bool | None = None
    """Whether a new map gets lines of its own; None: as the entries beside it."""


class Append(Struct, frozen=True):
    """Add a value to the list at the place, which is made where it is missing."""

    pointer: Pointer
    value: Any


class Remove(Struct, frozen=True):
    """Take the entry of a map or list away."""

    pointer: Pointer


Edit = Put | Append | Remove
Patch = tuple[int, int, str]
"""From, to, and what stands there afterwards."""


def edit_document(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The file with the edits done, one after the other.

    Raises FaultError where the file cannot be read, where a place does not exist or is no map or list, and where the
    edit would change something else as well (through an anchor).
    """
    for edit in edits:
        data = _edited(data, edit)
    return data


def _edited(data: bytes, edit: Edit) -> bytes:
    value, positions, faults = read_document(data)
    if faults:
        raise FaultError(faults[0])
    decoded = data.decode()
    text = decoded.removeprefix("\ufeff")
    if compose(text) is None:
        raise FaultError(Fault(1, 1, "the file is empty", "start one with: solutio init"))
    if not _is_text(edit):
        place = positions.find(edit.pointer)
        raise FaultError(Fault(*place, "what shall stand here is not UTF-8", "give it in UTF-8, as the file is"))
    found = text
    for start, end, new in sorted(_Editor(text).patches(edit), reverse=True):
        found = found[:start] + new + found[end:]
    done = decoded[: len(decoded) - len(text)].encode() + found.encode()
    after, _, wrong = read_document(done)
    if wrong or _canonical(after) != _canonical(expected(value, edit)):
        place = positions.find(edit.pointer)
        told = "it cannot be edited here without changing something else: an anchor or a merge shares what stands here"
        raise FaultError(Fault(*place, told, "write the value out where it is used, then edit it"))
    return done


def _is_text(edit: Edit) -> bool:
    """Whether a file in UTF-8 can hold it: bytes of a command line that are none come as halves of pairs."""
    try:
        json.dumps([edit.pointer, getattr(edit, "value", None)], ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def expected(value: Any, edit: Edit) -> Any:
    """What a value becomes by an edit. Raises KeyError, IndexError or TypeError for a place that does not exist."""
    value = copy.deepcopy(value)
    here = value
    for step in edit.pointer[:-1]:
        if (here.get(step) if isinstance(here, dict) else here[step]) is None and not isinstance(edit, Remove):
            here[step] = {}
        here = here[step]
    last = edit.pointer[-1]
    if isinstance(edit, Put):
        here[last] = edit.value
    elif isinstance(edit, Remove):
        del here[last]
    else:
        known = here.get(last) if isinstance(here, dict) else here[last]
        here[last] = [*(known or []), edit.value]
    return value


class _Editor:
    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._root = outline(text)

    def patches(self, edit: Edit) -> list[Patch]:
        """What must change in the text."""
        if isinstance(edit, Remove):
            return self._removal(edit)
        if isinstance(edit, Put):
            return self._put(edit.pointer, edit.value, edit.block)
        _, _, found, rest = self._walk(edit.pointer)
        if rest or found.null:
            return self._put(edit.pointer, [edit.value], block=False)
        if found.kind != "list":
            raise self._fault(found, "is no list", "write it as a list: […]")
        if found.flow:
            return self._insert_flow(found, one_line(edit.value, flow=True))
        indent = " " * self._column(found.body)
        return [self._insert_lines(found, [f"{indent}- {one_line(edit.value)}"], len(indent))]

    def _walk(self, pointer: Pointer) -> tuple[Item | None, int, Item, Pointer]:
        """How far a place exists: the last entry's owner, its position there, itself, and the steps that are left."""
        owner, position, here = None, 0, self._root
        for number, step in enumerate(pointer):
            if here.kind == "alias":
                raise self._fault(here, "is an alias: what it names is shared", "write the value out, then edit it")
            at = here.step(step)
            if at is None:
                return owner, position, here, pointer[number:]
            owner, position, here = here, at, here.items[at]
        return owner, position, here, ()

    # Put

    def _put(self, pointer: Pointer, value: Any, block: bool | None) -> list[Patch]:
        owner, position, found, rest = self._walk(pointer)
        for step in reversed(rest[1:]):
            value = {step: value}
        if not rest:
            return self._replace(owner, position, found, value)
        if found.null and found is not self._root:
            return self._replace(owner, position, found, {str(rest[0]): value})
        if found.kind != "map":
            raise self._fault(found, f"holds no keys, so that {rest[0]!r} cannot stand in it", "correct the place")
        if found.flow:
            return self._insert_flow(found, f"{scalar(str(rest[0]), flow=True)}: {one_line(value, flow=True)}")
        column = self._column(found.keys[0].start)
        block = self._siblings_are_blocks(found) if block is None else block
        return [self._insert_lines(found, entry(str(rest[0]), value, " " * column, block=block), column)]

    def _siblings_are_blocks(self, owner: Item) -> bool | None:
        """Whether the last entry that holds something has lines of its own; None where none does."""
        return next((not each.flow for each in reversed(owner.items) if each.kind in {"map", "list"}), None)

    def _replace(self, owner: Item | None, position: int, found: Item, value: Any) -> list[Patch]:
        is_block = found.kind in {"map", "list"} and not found.flow
        if is_block and isinstance(value, (dict, list)) and value and self._fits_block(owner, position, found, value):
            column = self._column(found.start if found.kind == "list" else found.keys[0].start)
            return [(found.body, found.end, self._newline.join(lines(value, " " * column)).lstrip())]
        in_flow = found.flow or (owner is not None and owner.flow)
        new = one_line(value, found.quote, flow=in_flow)
        if is_block:
            return self._replace_block(self._behind_colon(owner, position), found, f" {new}")
        return [(found.body, found.end, f" {new}" if found.empty else new)]

    def _replace_block(self, start: int, found: Item, new: str) -> list[Patch]:
        """One line instead of several, with the comment behind the key, which is not about what stood there."""
        end = self._line_end(start)
        if found.body > end and self._text[start:end].lstrip().startswith("#"):
            return [(start, start, new), (end, found.end, "")]
        return [(start, found.end, new)]

    def _fits_block(self, owner: Item | None, position: int, found: Item, value: Any) -> bool:
        """Whether a value in block style can stand where another one stood: a map must be indented, a list need not."""
        if owner is None or owner.kind != "map" or found.kind != "list" or isinstance(value, list):
            return True
        return self._column(found.body) > self._column(owner.keys[position].start)

    def _behind_colon(self, owner: Item | None, position: int) -> int:
        if owner is None:
            raise self._fault(self._root, "is the whole file", "edit a part of it")
        if owner.kind == "list":
            return owner.items[position].body
        return self._text.index(":", owner.keys[position].end) + 1

    def _insert_lines(self, owner: Item, new: list[str], column: int) -> Patch:
        """New lines behind an owner's last one, and behind the comments that belong to it."""
        at = self._line_end(owner.end)
        comment = re.compile(rf"\r?\n {{{column}}}[ \t]*#[^\n]*")
        while column and (match := comment.match(self._text, at)):
            at = match.end() - (1 if self._text[match.end() - 1] == "\r" else 0)
        return (at, at, "".join(self._newline + line for line in new))

    def _insert_flow(self, owner: Item, new: str) -> list[Patch]:
        if not owner.items:
            return [(owner.end - 1, owner.end - 1, new)]
        last = owner.items[-1]
        first = owner.keys[-1].start if owner.keys else last.start
        behind = self._text[last.end : owner.end - 1]
        own_lines = "\n" in behind and self._is_first(first)
        if not own_lines:
            return [(last.end, last.end, f", {new}")]
        comma = re.match(r"\s*,", behind)
        line = f"{self._newline}{' ' * self._column(first)}{new}{',' if comma else ''}"
        at = self._line_end(last.end + (comma.end() if comma else 0))
        patches: list[Patch] = [(at, at, line)]
        return patches if comma else [(last.end, last.end, ","), *patches] if at > last.end else [(at, at, "," + line)]

    # Remove

    def _removal(self, edit: Remove) -> list[Patch]:
        owner, position, found, rest = self._walk(edit.pointer)
        if rest and any(key.text == MERGE for key in found.keys):
            raise self._fault(found, f"gets {rest[0]!r} through {MERGE}, which is shared", "give it a value of its own")
        if rest or owner is None:
            raise self._fault(found, f"has no {rest[0] if rest else ''!r}", "name an entry that exists")
        if len(owner.items) == 1:
            return self._emptied(owner, edit.pointer[:-1])
        if owner.flow:
            return [self._removal_flow(owner, position)]
        start = owner.keys[position].start if owner.keys else self._dash(owner, found)
        if not self._is_first(start):
            raise self._fault(found, "stands first behind a dash, and cannot be taken out alone", "edit it by hand")
        begin, end = self._line_start(start), self._line_end(found.end)
        after = re.compile(r"\r?\n").match(self._text, end)
        if after:
            return [(begin, after.end(), "")]
        # The last line of a file that ends without a line break, as the one before it shall.
        return [(begin - len(self._newline), end, "")]

    def _emptied(self, owner: Item, pointer: Pointer) -> list[Patch]:
        above, position, _, _ = self._walk(pointer)
        if above is None:
            raise self._fault(owner, "would be left with nothing", "remove the file")
        return self._replace(above, position, owner, {} if owner.kind == "map" else [])

    def _removal_flow(self, owner: Item, position: int) -> Patch:
        starts = [key.start for key in owner.keys] or [each.start for each in owner.items]
        start, end = starts[position], owner.items[position].end
        tail = re.compile(r"[ \t]*,?[ \t]*(#[^\n]*)?\r?\n").match(self._text, end)
        if tail and self._is_first(start):
            return (self._line_start(start), tail.end(), "")
        if position:
            return (owner.items[position - 1].end, end, "")
        return (start, starts[1], "")

    # Places

    def _dash(self, owner: Item, found: Item) -> int:
        """Where the dash of a list's entry stands: in the column of the first one, on the last line that has it."""
        column, at = self._column(owner.start), self._line_start(found.start)
        while at > owner.start and self._text[at + column : at + column + 1] != "-":
            at = self._line_start(at - 1)
        return at + column

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        end = len(self._text) if end < 0 else end
        return end - 1 if end > at and self._text[end - 1] == "\r" else end

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    def _is_first(self, at: int) -> bool:
        return not self._text[self._line_start(at) : at].strip()

    def _fault(self, item: Item, problem: str, remedy: str) -> FaultError:
        line = self._text.count("\n", 0, item.start) + 1
        shown = self._text[item.start : self._line_end(item.start)][:40].strip() or "an empty value"
        return FaultError(Fault(line, self._column(item.start) + 1, f"{shown!r} {problem}", remedy))
