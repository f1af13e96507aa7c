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


def core(text: str) -> Any:
    """A plain scalar as YAML 1.2's core schema reads it."""
    known = _CORE.get(text, _MISSING)
    if known is not _MISSING:
        return known
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
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
    digits = text.replace("_", "")
    number = _go_integer(digits)
    if number is not None:
        return number
    return float(digits) if _FLOAT.fullmatch(digits) else text


def _go_integer(digits: str) -> int | None:
    """As Go's ParseInt with base 0 reads it: ``0x``, ``0o``, ``0b`` and a leading ``0`` choose the base."""
    match = re.fullmatch(r"([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)", digits)
    if match is None:
        return None
    sign, body = match.groups()
    base = 8 if re.fullmatch(r"0[0-7]+", body) else 0
    value = int(body, base)
    if value >= 2**64:
        return None
    return -value if sign == "-" else value


class Builder:
    """Builds the value of a node and collects what is wrong on the way: duplicate keys, keys that are no strings."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
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
        if node.tag in {PLAIN, "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool"}:
            return self._resolve(text)
        return text

    def _map(self, node: yaml.MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        places: dict[str, int] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == MERGE and key.tag == PLAIN:
                merged.extend(value.value if isinstance(value, yaml.SequenceNode) else [value])
                continue
            name = self._key(key)
            if name in places:
                self.faults.append(
                    Fault(
                        *start(key),
                        f"the key {name!r} stands twice in one map, first on line {places[name]}",
                        "keep one",
                    )
                )
                continue
            places[name] = start(key)[0]
            found[name] = self.value(value)
        for source in merged:
            self._merge(source, found)
        return found

    def _merge(self, source: yaml.Node, into: dict[str, Any]) -> None:
        if not isinstance(source, yaml.MappingNode):
            self.faults.append(Fault(*start(source), "<< merges a map, and this is none", "name a map"))
            return
        for name, value in self._map(source).items():
            into.setdefault(name, value)

    def _key(self, key: yaml.Node) -> str:
        if not isinstance(key, yaml.ScalarNode):
            self.faults.append(Fault(*start(key), "a key is a list or a map", "use text as key"))
            return ""
        value = self._scalar(key)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return "null" if value is None else str(value)
