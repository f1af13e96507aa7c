"""Writing YAML that reads back the same under YAML 1.1 and 1.2.

A writer of our own, because the fast emitters of the registry print ``yes``, ``1_000`` or ``0123`` unquoted, and the
ones that quote them do so for one version of YAML and take twenty times as long. It writes JSON-like data in block
style, in the order of the maps, and quotes every string that any reader could take for something else.
"""

from __future__ import annotations

import json
import marshal
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_PLAIN = re.compile(
    r"""(?:
        (?:\.{0,2}/)?[A-Za-z_/](?:[A-Za-z0-9_./@+=~,()%$?&-]|:(?=[^\s:])|[ ](?=[^\s\#]))*   # words, paths, URLs, images
      | [0-9]+(?:\.[0-9]+)?(?:m|k|Ki|Mi|Gi|Ti)                                # quantities
      | [0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}                              # address ranges
    )""",
    re.VERBOSE,
)
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "none"})
_LITERAL = re.compile(r"[^\s\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_BLANK_LINE = re.compile(r"^[ \t]+$|[ \t]$", re.MULTILINE)
_MAX_KEY = 1000
"""Readers look no further than 1024 characters for the colon of a simple key."""

_TEXTS: dict[tuple[str, bytes], str] = {}
"""What stands below a key, by its indentation and by its value with the types in it."""
_MAX_TEXTS = 16384


def emit(objects: Iterable[Mapping[str, Any]], header: str = "") -> bytes:
    """The objects as one YAML stream, each line of `header` a comment before the first document.

    Raises ValueError for what YAML cannot say the same to everyone: NaN, infinity, keys that are no strings.
    """
    out: list[str] = [f"# {line}".rstrip() + "\n" for line in header.splitlines()]
    for index, item in enumerate(objects):
        if index:
            out.append("---\n")
        _node(item, "", out, "")
    return "".join(out).encode()


def _node(value: Any, indent: str, out: list[str], lead: str) -> None:
    """Append `value`; `lead` is what already stands on the line before it."""
    if isinstance(value, dict) and value:
        _map(value, indent, out, first=lead)
    elif isinstance(value, (list, tuple)) and value:
        _list(value, indent, out, first=lead)
    else:
        out.append(f"{lead}{_scalar(value, indent)}\n")


def _map(value: Mapping[str, Any], indent: str, out: list[str], first: str) -> None:
    lead = first or indent
    for key, item in value.items():
        kind = type(item)
        if kind is str and "\n" not in item:
            out.append(f"{lead}{_key(key)}: {_inline(item)}\n")
        elif item and (kind is dict or kind is list or isinstance(item, (dict, list, tuple))):
            out.append(f"{lead}{_key(key)}:\n")
            _below(item, indent, out)
        else:
            out.append(f"{lead}{_key(key)}: {_scalar(item, indent + '  ')}\n")
        lead = indent


def _below(value: Any, indent: str, out: list[str]) -> None:
    """Append what stands below a key. Most of it stands in other objects, too, and is written once."""
    if len(value) == 1:  # Looked up as fast as it is written.
        _block(value, indent, out)
        return
    try:
        known = (indent, marshal.dumps(value, 2))
    except ValueError:  # Something of a type of its own.
        _block(value, indent, out)
        return
    text = _TEXTS.get(known)
    if text is None:
        lines: list[str] = []
        _block(value, indent, lines)
        text = "".join(lines)
        if len(_TEXTS) >= _MAX_TEXTS:
            _TEXTS.clear()
        _TEXTS[known] = text
    out.append(text)


def _block(value: Any, indent: str, out: list[str]) -> None:
    if isinstance(value, dict):
        _map(value, indent + "  ", out, "")
    else:
        _list(value, indent, out, "")


def _list(value: Iterable[Any], indent: str, out: list[str], first: str) -> None:
    lead = first or indent
    for item in value:
        _node(item, indent + "  ", out, f"{lead}- ")
        lead = indent


@lru_cache(maxsize=4096)
def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise ValueError(f"a key must be a string, not {key!r}")
    text = _inline(key)
    if len(text) > _MAX_KEY:
        raise ValueError(f"a key of {len(key)} characters is longer than YAML readers accept")
    return text


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, str):
        return _literal(value, indent) if "\n" in value and _can_be_literal(value) else _inline(value)
    return emit_scalar(value)


def emit_scalar(value: Any) -> str:
    """A value that is no string and holds nothing. Raises ValueError for what JSON has not got."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    raise ValueError(f"{type(value).__name__} is nothing that YAML manifests hold: {value!r}")


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be written: JSON, which the API server speaks, has no such number")
    text = repr(value)
    mantissa, e, exponent = text.partition("e")
    # YAML 1.1 takes an exponent for a number only behind a fraction, and with a sign.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}" if e else text


@lru_cache(maxsize=65536)
def _inline(text: str) -> str:
    """The string on one line: plain where every reader takes it for a string, else double-quoted."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """The string in double quotes. Raises ValueError for half of a surrogate pair."""
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError("half of a surrogate pair cannot be written as UTF-8")
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _can_be_literal(text: str) -> bool:
    """Whether a literal block reads back exactly: no leading blank or blank line ends, one newline at the end."""
    return (
        _LITERAL.match(text) is not None
        and not text.endswith("\n\n")
        and _UNPRINTABLE.search(text) is None
        and _BLANK_LINE.search(text) is None
    )


def _literal(text: str, indent: str) -> str:
    lines = text.removesuffix("\n").split("\n")
    body = "\n".join(f"{indent or '  '}{line}" if line else "" for line in lines)
    return f"|{'' if text.endswith(chr(10)) else '-'}\n{body}"
