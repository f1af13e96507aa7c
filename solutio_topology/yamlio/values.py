"""From nodes to values, under the two schemas that matter: YAML 1.2 core for people, kubectl's for manifests."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from solutio_topology.yamlio.compose import MERGE, PLAIN, start
from solutio_topology.yamlio.fault import Fault

Resolve = Callable[[str], Any]

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_GO_INT = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)")
_GO_OCTAL = re.compile(r"0[0-7]+")
_MAX_DIGITS = 400
"""Longer ones are no numbers that anyone's arithmetic holds; Python refuses to convert them at some length."""
_CORE = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys(["true", "True", "TRUE"], True),
    **dict.fromkeys(["false", "False", "FALSE"], False),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
}
_KUBECTL = {
    **_CORE,
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "off", "Off", "OFF"], False),
}
_MISSING = object()
_TAG = "tag:yaml.org,2002:"
_TAGS: dict[str, type | tuple[type, ...]] = {
    PLAIN: object,
    f"{_TAG}int": int,
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": bool,
    f"{_TAG}null": type(None),
}
"""What a scalar with this tag must be read as; with any other tag it is text."""


def core(text: str) -> Any:
    """A plain scalar as YAML 1.2's core schema reads it."""
    known = _CORE.get(text, _MISSING)
    if known is not _MISSING:
        return known
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text) and len(text) <= _MAX_DIGITS:
        return int(text)
    if re.fullmatch(r"0o[0-7]+|0x[0-9a-fA-F]+", text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text


def kubectl(text: str) -> Any:
    """A plain scalar as kubectl reads it: go-yaml v2, where ``on`` is true, ``0123`` is 83 and ``1_000`` is 1000.

    Source: ``resolve.go`` of the YAML library that sigs.k8s.io/yaml wraps; checked against kubectl itself.
    """
    known = _KUBECTL.get(text, _MISSING)
    if known is not _MISSING:
        return known
    if text[0] not in "+-.0123456789":
        return text
    number = _go_fraction(text) if text[0] == "." else _go_number(text.replace("_", ""))
    return text if number is None or math.isinf(number) else number


def _go_fraction(text: str) -> float | None:
    """Go's ParseFloat, which takes an underscore between digits only; so does Python's."""
    try:
        return float(text) if text.isascii() else None
    except ValueError:
        return None


def _go_number(digits: str) -> float | None:
    """Go's ParseInt with base 0 (``0x``, ``0o``, ``0b`` and a leading ``0`` choose the base), else a decimal float.

    What 64 bits with a sign do not hold becomes a float in the JSON that kubectl makes of it.
    """
    match = _GO_INT.fullmatch(digits)
    if match is not None and len(digits) <= _MAX_DIGITS:
        sign, body = match.groups()
        value = int(body, 8 if _GO_OCTAL.fullmatch(body) else 0) * (-1 if sign == "-" else 1)
        if -(2**63) <= value < 2**64:
            return value if value < 2**63 else float(value)
    return float(digits) if _FLOAT.fullmatch(digits) else None


class Builder:
    """Builds the value of a node and collects what is wrong on the way: duplicate keys, keys that are no strings."""

    def __init__(self, resolve: Resolve, first_line: int = 1) -> None:
        """`first_line`: the line of the file on which the document starts, for words that name another line."""
        self._resolve = resolve
        self._above = first_line - 1
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node) -> Any:
        """The plain value: dict with string keys, list, str, int, float, bool or None."""
        if isinstance(node, yaml.MappingNode):
            return self._map(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> Any:
        text: str = node.value
        wanted = _TAGS.get(node.tag)
        if wanted is None:
            return text
        value = self._resolve(text)
        if isinstance(value, float) and not math.isfinite(value):
            self._wrong(node, f"{text} is no number that JSON, which the API server speaks, can say", "write a number")
            return None
        if not isinstance(value, wanted):
            kind = node.tag.rpartition(":")[2]
            self._wrong(node, f"{text!r} cannot be read as !!{kind}", "correct the value, or remove the tag")
            return None
        return value

    def _wrong(self, node: yaml.Node, message: str, remedy: str) -> None:
        self.faults.append(Fault(*start(node), message, remedy))

    def _map(self, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merges: list[tuple[yaml.Node, frozenset[str]]] = []
        for key, value in node.value:
            merge = isinstance(key, yaml.ScalarNode) and key.value == MERGE and key.tag == PLAIN
            name = MERGE if merge else self._key(key)
            if name in lines:
                told = f"the key {name!r} stands twice in one map, first on line {self._above + lines[name]}"
                self._wrong(key, told, "keep one")
                continue
            lines[name] = start(key)[0]
            if merge:
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                merges.extend((source, frozenset(found)) for source in sources)
            else:
                found[name] = self.value(value)
        for source, before in merges:
            self._merge(source, before, found)
        return found

    def _merge(self, source: yaml.Node, before: frozenset[str], into: dict[str, Any]) -> None:
        """Merge a map; `before` are the keys that are written before the merge key."""
        if not isinstance(source, yaml.MappingNode):
            self._wrong(source, "<< merges a map, and this is none", "name a map")
            return
        for name, value in self._map(source).items():
            if self._resolve is kubectl and name in before and into[name] != value:
                told = f"<< stands behind {name!r}: kubectl takes the merged value, kustomize the written one"
                self._wrong(source, told, "write << first in its map")
            into.setdefault(name, value)

    def _key(self, key: yaml.Node) -> str:
        if not isinstance(key, yaml.ScalarNode):
            self._wrong(key, "a key is a list or a map", "use text as key")
            return ""
        value = self._scalar(key)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None and self._resolve is kubectl:
            self._wrong(key, "a key is null: kubectl refuses it", "use text as key")
        return "null" if value is None else str(value)
