"""Editing in place: what was asked for is there, and every line that is not about it is the same, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.yamlio import Pointer, read_document
from solutio_topology.yamlio.compose import FaultError
from solutio_topology.yamlio.edit import Append, Edit, Put, Remove, edit_document, expected
from solutio_topology.yamlio.outline import Item, outline
from tests.yamlio.styles import TREES, VALUES, documents

ROOT = Path(__file__).parents[2]
REFUSED = ("stands first behind a dash", "left with nothing")
REAL = {name: (ROOT / name).read_bytes() for name in ("topology.yaml", "examples/shop/topology.yaml")}


def _pointers(value: Any, at: Pointer = ()) -> Iterator[Pointer]:
    if at:
        yield at
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _pointers(each, (*at, key))


@st.composite
def edits(draw: st.DrawFn, value: Any) -> Edit:
    """An edit of a place that exists, or of one that does not yet."""
    pointers = list(_pointers(value))
    pointer = draw(st.sampled_from(pointers))
    kind = draw(st.sampled_from(["put", "new", "append", "remove"]))
    target = _at(value, pointer)
    if kind == "append" and isinstance(target, list):
        return Append(pointer, draw(VALUES))
    if kind == "new" and (isinstance(target, dict) or target is None):
        return Put((*pointer, "new", "tag"), draw(TREES))
    if kind == "remove":
        return Remove(pointer)
    return Put(pointer, draw(TREES))


def _at(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        value = value[step]
    return value


def _touchable(text: str, edit: Edit) -> tuple[int, int]:
    """The lines (first, last) that an edit may change: those of the entry, or of its owner when that is left empty."""
    here, start, kept = outline(text), 0, outline(text)
    for step in edit.pointer:
        at = here.step(step)
        if at is None:
            last = here.items[-1].end if here.items else here.end
            return text.count("\n", 0, (here.start if here.null else last)), text.count("\n", 0, here.end)
        if not (isinstance(edit, Remove) and len(here.items) == 1 and step == edit.pointer[-1]):
            start = here.keys[at].start if here.keys else here.items[at].start
            kept = here.items[at]
        here = here.items[at]
    if isinstance(edit, Append):
        start = _end_of(kept)
    return text.count("\n", 0, start) - _dash_above(text, start), text.count("\n", 0, kept.end)


def _end_of(item: Item) -> int:
    return item.items[-1].end if item.items else item.start


def _dash_above(text: str, start: int) -> int:
    """How many lines above its value a list's dash stands alone."""
    for number, line in enumerate(reversed(text[:start].split("\n")[:-1]), 1):
        said = line.partition("#")[0].strip()
        if said:
            return number if said.endswith("-") else 0
    return 0


def _lines(data: bytes) -> list[str]:
    """Without line breaks: the last line of a file may have none, and another line may become the last."""
    return [line.removesuffix("\r") for line in data.decode().removeprefix("\ufeff").split("\n")]


def _edited_or_refused(data: bytes, edit: Edit, *, shared: bool = False) -> bytes | None:
    """Only this may be refused: to remove the first key behind a dash, or the last entry, and what is `shared`."""
    reasons = (*(REFUSED if isinstance(edit, Remove) else ()), *(["share"] if shared else ()))
    try:
        return edit_document(data, [edit])
    except FaultError as error:
        if any(each in error.fault.message for each in reasons):
            return None
        raise


def _holds(data: bytes, edit: Edit) -> None:
    value, _, faults = read_document(data)
    assert faults == []
    done = _edited_or_refused(data, edit)
    if done is None:
        return
    after, _, wrong = read_document(done)
    assert wrong == []
    assert after == expected(value, edit)
    first, last = _touchable(data.decode().removeprefix("\ufeff"), edit)
    old, new = _lines(data), _lines(done)
    behind = old[last + 1 :]
    assert new[:first] == old[:first]
    assert new[len(new) - len(behind) :] == behind


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_only_the_lines_of_an_edit_change(data: st.DataObject) -> None:
    document = data.draw(documents())
    value, _, faults = read_document(document)
    assert faults == [], document
    _holds(document, data.draw(edits(value)))


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(sorted(REAL)), st.sampled_from(["\n", "\r\n"]), st.data())
def test_only_the_lines_of_an_edit_change_in_real_files(name: str, newline: str, data: st.DataObject) -> None:
    document = REAL[name].replace(b"\n", newline.encode())
    _holds(document, data.draw(edits(read_document(document)[0])))


# Styles one by one.


def _done(text: str, *edits: Edit) -> str:
    return edit_document(text.encode(), edits).decode()


NEW = Put(("pods", "acme"), {"t": "e", "o": ["a"]})


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        # New entries are written as those beside them.
        (
            "pods:\n  a: {t: 1}   # x\n\n# next\ny: 1\n",
            NEW,
            "pods:\n  a: {t: 1}   # x\n  acme: {t: e, o: [a]}\n\n# next\ny: 1\n",
        ),
        (
            "pods:\n  a:\n    t: 1\n  # soon: acme\n# next\ny: 1\n",
            NEW,
            "pods:\n  a:\n    t: 1\n  # soon: acme\n  acme:\n    t: e\n    o: [a]\n# next\ny: 1\n",
        ),
        ("pods: {a: {t: 1}}\n", NEW, "pods: {a: {t: 1}, acme: {t: e, o: [a]}}\n"),
        ("pods: {}   # none yet\n", NEW, "pods: {acme: {t: e, o: [a]}}   # none yet\n"),
        ("pods:   # none yet\ny: 1\n", NEW, "pods: {acme: {t: e, o: [a]}}   # none yet\ny: 1\n"),
        (
            "pods: {\n  a: {t: 1}, # x\n  b: {} # y\n}\n",
            NEW,
            "pods: {\n  a: {t: 1}, # x\n  b: {}, # y\n  acme: {t: e, o: [a]}\n}\n",
        ),
        (
            "pods: {\n  a: {t: 1},\n  b: {}, # y\n}\n",
            NEW,
            "pods: {\n  a: {t: 1},\n  b: {}, # y\n  acme: {t: e, o: [a]},\n}\n",
        ),
        # The end of the file stays as it is.
        ("pods:\n  a: {}", NEW, "pods:\n  a: {}\n  acme: {t: e, o: [a]}"),
        ("pods:\r\n  a: {}\r\n", NEW, "pods:\r\n  a: {}\r\n  acme: {t: e, o: [a]}\r\n"),
        (
            "pods:\n  a:\n    note: |\n      text\n\ny: 1\n",
            Put(("pods", "b"), 1),
            "pods:\n  a:\n    note: |\n      text\n  b: 1\n\ny: 1\n",
        ),
        (
            "pods:\n  a:\n    note: |+\n      text\n\ny: 1\n",
            Put(("pods", "b"), 1),
            "pods:\n  a:\n    note: |+\n      text\n\n  b: 1\ny: 1\n",
        ),
        # Text stays text for every reader, in the quotes that it had.
        ("tag: 2026.11.1 # x\n", Put(("tag",), "2026.11.2"), "tag: 2026.11.2 # x\n"),
        ("tag: 2026.11.1 # x\n", Put(("tag",), "2026.11"), 'tag: "2026.11" # x\n'),
        ("tag: '1.9'\n", Put(("tag",), "1.10"), "tag: '1.10'\n"),
        ('tag: "1.9"\n', Put(("tag",), "v2"), 'tag: "v2"\n'),
        ("tag: a\n", Put(("tag",), "on"), 'tag: "on"\n'),
        ("tag: a\n", Put(("tag",), "0x1f"), 'tag: "0x1f"\n'),
        ("tag: a\n", Put(("tag",), "1_000"), 'tag: "1_000"\n'),
        ("tag: a\n", Put(("tag",), "12:30:45"), 'tag: "12:30:45"\n'),
        ("tag: a\n", Put(("tag",), "2026-11-02"), 'tag: "2026-11-02"\n'),
        ("tag: a\n", Put(("tag",), "1e3"), 'tag: "1e3"\n'),
        ("way: a -> b\n", Put(("way",), "a -> c"), "way: a -> c\n"),
        ("way: a -> b\n", Put(("way",), "> c"), 'way: "> c"\n'),
        ("t: {url: a}\n", Put(("t", "url"), "https://x"), 't: {url: "https://x"}\n'),
        ("tag: !!str 1.9\n", Put(("tag",), "1.10"), 'tag: !!str "1.10"\n'),
        # An anchor that something uses is kept where the value is replaced by its like.
        ("a: &v {x: 1}\nb: *v\n", Put(("b",), {"x": 2}), "a: &v {x: 1}\nb: {x: 2}\n"),
        (
            "base: &b {x: 1}\nb:\n  <<: *b\n  y: 1\n",
            Put(("b", "x"), 2),
            "base: &b {x: 1}\nb:\n  <<: *b\n  y: 1\n  x: 2\n",
        ),
        # Lists.
        ("r:\n- a\n- b\nz: 1\n", Put(("r",), {"a": {}}), "r: {a: {}}\nz: 1\n"),
        ("r:\n  - a\n  - b\nz: 1\n", Put(("r",), {"a": {}}), "r:\n  a: {}\nz: 1\n"),
        ("l:\n- a # x\n- b\nz: 1\n", Append(("l",), "c"), "l:\n- a # x\n- b\n- c\nz: 1\n"),
        ("l:\n- a # x\n- b\nz: 1\n", Remove(("l", 0)), "l:\n- b\nz: 1\n"),
        ("l: # of l\n- a # of a\nz: 1\n", Remove(("l", 0)), "l: [] # of l # of a\nz: 1\n"),
        ("l: # of l\r\n  # of a\r\n  - a\r\n", Remove(("l", 0)), "l: [] # of l\r\n"),
        ("p:  # of p\n  a: 1\nz: 1\n", Remove(("p", "a")), "p: {}  # of p\nz: 1\n"),
        ("p:  # of p\n  a: 1\nz: 1\n", Put(("p",), "x"), "p: x  # of p\nz: 1\n"),
        ("l: [ a, b ]\n", Remove(("l", 0)), "l: [ b ]\n"),
        ("l: [a]\n", Remove(("l", 0)), "l: []\n"),
        ("p: {a: 1}\n", Append(("p", "l"), "c"), "p: {a: 1, l: [c]}\n"),
        # A comment above stays; those inside go with the entry.
        ("p:\n  # of a\n  a:\n    x: 1\n    # in a\n    y: 2\n  b: 1\n", Remove(("p", "a")), "p:\n  # of a\n  b: 1\n"),
        ("p:\n  a: 1\n  b: 1", Remove(("p", "b")), "p:\n  a: 1"),
    ],
)
def test_it_is_written_as_the_person_did(before: str, edit: Edit, after: str) -> None:
    assert _done(before, edit) == after


@pytest.mark.parametrize(
    ("text", "edit", "said"),
    [
        ("a: &v {x: 1}\nb: *v\n", Put(("b", "x"), 2), "is an alias"),
        ("a: &v {x: 1}\nb: *v\n", Put(("a", "x"), 2), "an anchor or a merge shares"),
        ("a: &v {x: {y: 1, z: 1}}\nb: {<<: *v}\n", Put(("b", "x", "y"), 2), "an anchor or a merge shares"),
        ("a: 1\n", Put(("a", "x"), 2), "holds no keys"),
        ("a: 1\n", Append(("a",), 2), "is no list"),
        ("a: 1\n", Remove(("a",)), "left with nothing"),
        ("a: 1\n", Remove(("b",)), "has no 'b'"),
        ("- b: 1\n  c: 2\n", Remove((0, "b")), "stands first behind a dash"),
        ("a: [\n", Put(("a",), 1), "not YAML"),
        ("# nothing\n", Put(("a",), 1), "the file is empty"),
    ],
)
def test_what_cannot_be_edited_is_said(text: str, edit: Edit, said: str) -> None:
    with pytest.raises(FaultError, match=said):
        edit_document(text.encode(), [edit])


SHARED = "base: &b {x: 1, m: {y: 1}} # {shared}\nuse: *b   # the same\nown:\n  <<: *b\n  z: 1\nlist: [*b, 2]\n"


@settings(max_examples=60, deadline=None)
@given(documents(), st.data())
def test_what_is_shared_is_edited_for_one_place_or_not_at_all(document: bytes, data: st.DataObject) -> None:
    text = SHARED.encode() + document.removeprefix("\ufeff".encode())
    edit = data.draw(edits(read_document(text)[0]))
    done = _edited_or_refused(text, edit, shared=True)
    assert done is None or read_document(done)[0] == expected(read_document(text)[0], edit)
