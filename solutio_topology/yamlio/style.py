"""How a value is written into a person's file: as they would, and so that YAML 1.1 and 1.2 read the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from solutio_topology.yamlio.emit import double_quoted, emit_scalar
from solutio_topology.yamlio.values import core, kubectl

WIDTH = 100
"""Characters up to which a map or list is written on one line."""
_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@+~=()%&?>-]|:(?=[^\s:])| (?=[^\s#]))*")
_SINGLE = re.compile(r"[\x20-\x7e\xa1-\ud7ff]*")
_TEXT = "tag:yaml.org,2002:str"
_yaml11 = yaml.resolver.Resolver()


def scalar(value: Any, *, flow: bool = False, quote: str = "") -> str:
    """A scalar on one line. `flow`: between brackets; `quote`: the quotes that stood there before."""
    if not isinstance(value, str):
        return emit_scalar(value)
    if quote == "'" and _SINGLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _is_plain(value, flow=flow):
        return value
    return double_quoted(value)


def _is_plain(text: str, *, flow: bool) -> bool:
    """Whether the text needs no quotes: every reader takes it for this text."""
    if not _PLAIN.fullmatch(text) or (flow and re.search(r"[:?]", text)):
        return False
    is_text = isinstance(core(text), str) and isinstance(kubectl(text), str)
    resolve: Callable[..., str] = _yaml11.resolve
    return is_text and resolve(yaml.ScalarNode, text, (True, False)) == _TEXT


def one_line(value: Any, quote: str = "", *, flow: bool = False) -> str:
    """Any value on one line, maps and lists in brackets."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{scalar(key, flow=True)}: {one_line(each, flow=True)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(one_line(each, flow=True) for each in value) + "]"
    return scalar(value, flow=flow, quote=quote)


def entry(key: str, value: Any, indent: str, *, block: bool | None = None) -> list[str]:
    """The lines of an entry of a block map. `block`: whether a map or list gets lines of its own; None: when long."""
    short = f"{indent}{scalar(key)}: {one_line(value)}"
    if not value or not isinstance(value, (dict, list)) or (not block and (block is False or len(short) <= WIDTH)):
        return [short]
    return [f"{indent}{scalar(key)}:", *lines(value, indent + "  ")]


def lines(value: dict[str, Any] | list[Any], indent: str) -> list[str]:
    """The lines of a map or list that is not empty, in block style."""
    if isinstance(value, list):
        return [f"{indent}- {one_line(each)}" for each in value]
    return [line for key, each in value.items() for line in entry(key, each, indent)]
