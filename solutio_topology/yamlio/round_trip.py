"""Editing a person's file: every line that is not edited stays as it is, to the byte.

ruamel.yaml keeps comments, quotes, order and indentation, but not the blanks by which people align values. So the lines
that an edit changes are found between what ruamel writes before and after it, and only those are put into the file.
ruamel is slow to import and to run: only commands that edit come here.
"""

from __future__ import annotations

import difflib
import io
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.yamlio.fault import Fault, undecodable

if TYPE_CHECKING:
    from ruamel.yaml import YAML

_WIDE = 1 << 20
"""No line is folded: a folded line would be a change that nobody asked for."""


class RoundTrip(Struct, frozen=True):
    """A file that is being edited. `value` is ruamel's map or list: change it in place, then `dump_round_trip`."""

    value: Any
    yaml: YAML
    text: str
    """The file before the edit, its lines ended by ``\\n``."""
    written: str
    """What ruamel makes of it unedited."""
    newline: str
    mark: bool
    """Whether the file begins with a byte order mark."""


def load_round_trip(data: bytes) -> RoundTrip | Fault:
    """The one document of `data` for editing, or what is wrong with it."""
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.util import load_yaml_guess_indent

    if (fault := undecodable(data)) is not None:
        return fault
    decoded = data.decode()
    text = decoded.removeprefix("\ufeff").replace("\r\n", "\n")
    yaml = _configured()
    try:
        value = yaml.load(text)
        _, indent, offset = load_yaml_guess_indent(text)
    except (YAMLError, ValueError) as error:
        return _fault(error)
    _indent(yaml, indent, offset)
    newline = "\r\n" if "\r\n" in decoded else "\n"
    return RoundTrip(value, yaml, text, _dump(yaml, value), newline, decoded.startswith("\ufeff"))


def _configured() -> YAML:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def _indent(yaml: YAML, indent: int | None, offset: int | None) -> None:
    """Lists as the file indents them: `indent` to what follows the dash, `offset` to the dash."""
    dash = offset or 0
    yaml.indent(mapping=2, sequence=max(indent or 2, dash + 2), offset=dash)


def _fault(error: Any) -> Fault:
    mark = getattr(error, "problem_mark", None)
    place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = getattr(error, "problem", None) or "cut off"
    return Fault(place[0], place[1], f"not YAML: {said}", "check the indentation and quotes before it")


def dump_round_trip(document: RoundTrip) -> bytes:
    """The file as it now is."""
    edited = _dump(document.yaml, document.value)
    text = _patched(document.text, document.written, edited).replace("\n", document.newline)
    return (("\ufeff" if document.mark else "") + text).encode()


def _dump(yaml: YAML, value: Any) -> str:
    out = io.StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _patched(text: str, before: str, after: str) -> str:
    """`text` with the lines changed that differ between `before`, which says the same as `text`, and `after`."""
    own, old, new = text.splitlines(True), before.splitlines(True), after.splitlines(True)
    if len(own) != len(old) or any(_words(a) != _words(b) for a, b in zip(own, old, strict=True)):
        return after
    out: list[str] = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        out += own[start:end] if kind == "equal" else new[first:last]
    return "".join(out)


def _words(line: str) -> list[str]:
    """What a line says but for its blanks, and for a ``null`` behind a key or dash, which ruamel leaves out."""
    words = line.split()
    return [
        word
        for before, word in zip(["", *words], words, strict=False)
        if not (word in {"null", "~"} and (before.endswith(":") or before == "-"))
    ]
