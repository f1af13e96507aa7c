"""Reading YAML: manifests as kubectl reads them, and people's files with the place of everything in them.

Manifests are read by a fast YAML 1.2 parser wherever no scalar, tag, anchor or merge key stands that kubectl would read
differently, and else by a careful reader with kubectl's rules. Both give the same values where both apply.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.yamlio.fault import MAX_DEPTH, MAX_NODES, Fault, Pointer, undecodable
from solutio_topology.yamlio.packed import Text

if TYPE_CHECKING:
    import yaml

_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_CAREFUL = re.compile(
    rb"""(?x)
    [\n\r:\[{,-](?:(?<=-)[ \t]+|(?<!-)[ \t]*)                  # where a scalar can begin; most places end at
    (?=[-+.0-9&*!?<~:yYnNoOtTfF])                               # this look ahead, which makes it fast
    (?:
        [&*][^\s] | !                                           # anchors, aliases, tags
      | <<\s*:                                                  # merge keys
      | (?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)(?=\s*(?:[\n,\]}\#]|\Z|:\s|:\Z))
      | [-+]?0[0-9_xXoObB]                                      # other bases
      | [-+.0-9][-+.0-9eE]*_                                    # underscores
      | \+\.?[0-9]
      | -?\.[0-9]
      | [-+]?[0-9.]+[eE][-+]?[0-9]
      | [0-9]+\.(?=[\s,\]}]|\Z)
      | [-+]?[0-9]{18,}
      | [-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)
      | (?:[-+]?[0-9.]+|true|True|TRUE|false|False|FALSE|null|Null|NULL|~|)\s*:(?=\s|\Z)   # keys that are no strings
      | \?\s
    )
    | \n%                                                       # directives
    """
)
_MERE_TEXT = re.compile(
    rb"""(?x)
    (?<=\n)[ \t]*\#[^\n\r]*                                    # a line of comment
  | (?<=\n)(\ *)[A-Za-z0-9_./-]+:\ \|[-+]?(?=\n)               # a literal block; within quotes, where it is none,
    (?:\n(?:\1\ +[^\s"'\[\]{}][^\n\r"'\[\]{}]*|[ ]*)(?=\n|\Z))+  # it ends before they do
    """
)
_ODD = (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xef\xbb\xbf")
"""Line breaks of YAML 1.1, and byte order marks within the text."""
_TEXT = frozenset({str})
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_MERGE = re.compile(rb"<<|[{,]\s*[0-9]+\s*:|^\s*[0-9]+\s*:", re.MULTILINE)
"""What the fast reader does not read as the careful one: merge keys, and keys that are no strings."""


class Parsed(Struct, frozen=True):
    """One document of a manifest file: its text, the line of the file that it starts on, and its value."""

    text: Text
    line: int
    value: Any


def read_manifests(data: bytes) -> tuple[list[Parsed], list[Fault]]:
    """Every document that holds anything, as kubectl reads it, and what could not be read.

    Faults carry lines of the file. A document with a fault is left out; the others are still read.
    """
    if (fault := undecodable(data)) is not None:
        return [], [fault]
    documents: list[Parsed] = []
    faults: list[Fault] = []
    for text, line in split(data.removeprefix(b"\xef\xbb\xbf")):
        value, wrong = _read_one(text, line)
        faults.extend(Fault(fault.line + line - 1, fault.column, fault.message, fault.remedy) for fault in wrong)
        if not wrong and value is not None:
            documents.append(Parsed(text, line, value))
    return documents, faults


def split(data: bytes) -> list[tuple[bytes, int]]:
    """The documents of a stream with the line that each starts on. A ``---`` at the start of a line always ends one."""
    found: list[tuple[bytes, int]] = []
    begin = line = 0
    for match in _SEPARATOR.finditer(data):
        at = match.start()
        if data[begin:at].strip():
            found.append((data[begin:at], line + 1))
        line += data.count(b"\n", begin, at)
        begin = at
    if data[begin:].strip():
        found.append((data[begin:], line + 1))
    return found


def is_plain(text: bytes) -> bool:
    """Whether every reader of YAML takes the document for the same, so that the fast one will do."""
    return not _is_careful(b"\n" + text) and not _is_odd(text) and not _is_deep(text)


def _is_careful(lines: bytes) -> bool:
    """Whether something stands there that readers differ about, in more than lines that are comments or mere text."""
    return _CAREFUL.search(lines) is not None and _CAREFUL.search(_MERE_TEXT.sub(b"", lines)) is not None


def _is_odd(text: bytes) -> bool:
    return not text.isascii() and any(odd in text for odd in _ODD)


def _is_deep(text: bytes) -> bool:
    """Whether brackets nest deeper than any document may: the fast reader takes minutes to give up on them."""
    depth = 0
    for bracket in text.translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _read_one(text: bytes, line: int) -> tuple[Any, list[Fault]]:
    if is_plain(text):
        import ryaml

        try:
            values = ryaml.loads_all(text.decode())
        except (ryaml.InvalidYamlError, ValueError, TypeError):
            return _read_carefully(text, line)
        if len(values) == 1 and (b"{" not in text or _has_text_keys(values[0])):
            return values[0], []
    return _read_carefully(text, line)


def _has_text_keys(value: Any) -> bool:
    """Whether all keys are text: ``{1}`` is a map whose key no colon gives away."""
    below = [value]
    while below:
        item = below.pop()
        if type(item) is dict:
            if not _TEXT.issuperset(map(type, item)):
                return False
            below.extend(item.values())
        elif type(item) is list:
            below.extend(item)
    return True


def _read_carefully(text: bytes, line: int = 1) -> tuple[Any, list[Fault]]:
    from solutio_topology.yamlio.compose import FaultError, compose
    from solutio_topology.yamlio.values import Builder, kubectl

    try:
        node = compose(text.decode())
    except FaultError as error:
        return None, [error.fault]
    if node is None:
        return None, []
    builder = Builder(kubectl, line)
    value = builder.value(node)
    return value, builder.faults


class Positions:
    """Where everything in one document stands: its nodes, or its text, which is parsed when somebody asks."""

    def __init__(self, root: yaml.Node | None, first_line: int = 1, *, text: bytes | None = None) -> None:
        self._root = root
        self._text = text
        self._offset = first_line - 1

    def find(self, pointer: Pointer, *, key: bool = False) -> tuple[int, int]:
        """Line and column, from 1, of what `pointer` names (with `key`: of its key), or of the nearest parent."""
        from solutio_topology.yamlio.compose import find

        if self._text is not None:
            self._root, self._text = _composed(self._text), None
        if self._root is None:
            return (1 + self._offset, 1)
        line, column = find(self._root, pointer, key=key)
        return line + self._offset, column


def positions(text: bytes, first_line: int = 1) -> Positions:
    """The positions of one document; slow, for findings only. A text that cannot be parsed has one: its start."""
    return Positions(_composed(text), first_line)


def _composed(text: bytes) -> yaml.Node | None:
    from solutio_topology.yamlio.compose import FaultError, compose

    try:
        return compose(text.decode(errors="replace").removeprefix("\ufeff"))
    except FaultError:
        return None


def read_document(data: bytes) -> tuple[Any, Positions, list[Fault]]:
    """A file that a person writes: its value (YAML 1.2, ``<<`` allowed), positions, and every fault.

    With a fault the value is what could be read, or None. A file with several documents is a fault.
    """
    if (fault := undecodable(data)) is not None:
        return None, Positions(None), [fault]
    value = _read_plainly(data)
    if value is None:
        return _read_document_carefully(data)
    return value, Positions(None, text=data), []


def _read_plainly(data: bytes) -> Any:
    """The value of a document that no reader can take for anything else; None where the careful one must look."""
    if len(data) > MAX_NODES or not is_plain(data):
        return None
    import ryaml

    try:
        values = ryaml.loads_all(data.decode()) or []
    except (ryaml.InvalidYamlError, ValueError, TypeError):
        return None
    return values[0] if len(values) == 1 and _is_simple(values[0]) else None


def _is_simple(value: Any) -> bool:
    """Whether all keys are text, and nothing nests deeper than it may."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                if not all(type(key) is str for key in item):
                    return False
                below.extend(item.values())
            elif type(item) is list:
                below.extend(item)
        if not below:
            return True
        level = below
    return False


def _read_document_carefully(data: bytes) -> tuple[Any, Positions, list[Fault]]:
    from solutio_topology.yamlio.compose import FaultError, compose
    from solutio_topology.yamlio.values import Builder, core

    try:
        node = compose(data.decode().removeprefix("\ufeff"))
    except FaultError as error:
        return None, Positions(None), [error.fault]
    if node is None:
        return None, Positions(None), []
    builder = Builder(core)
    value = builder.value(node)
    return value, Positions(node), builder.faults


def read_value(data: bytes) -> tuple[Any, list[Fault]]:
    """As `read_document`, without positions: a file of our own, or what a template became, where faults are rare."""
    import ryaml

    try:
        values = ryaml.loads_all(data.decode()) or []
    except (ryaml.InvalidYamlError, ValueError, TypeError):
        values = []
    if len(values) == 1 and _MERGE.search(data) is None:
        return values[0], []
    value, _, faults = read_document(data)
    return value, faults
