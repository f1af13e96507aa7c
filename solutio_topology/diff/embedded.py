"""Documents inside of objects: a ConfigMap's files, compared by what they say."""

from __future__ import annotations

import configparser
import json
from collections.abc import Callable
from typing import Any

from solutio_topology.diff.values import ABSENT, ValueChange, compare_values


def compare_texts(change: ValueChange) -> ValueChange | None:
    """A change of a file in a ConfigMap with what differs in it; None where both sides say the same."""
    name = change.fields[-1]
    if not isinstance(change.before, str) or not isinstance(change.after, str):
        return change
    for reader in _readers(name, change.before):
        before, after = reader(change.before), reader(change.after)
        if before is not ABSENT and after is not ABSENT:
            inner = tuple(compare_values(before, after))
            return ValueChange(change.path, change.before, change.after, inner) if inner else None
    return change


def _readers(name: str, text: str) -> tuple[Callable[[str], Any], ...]:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    found = _READERS.get(ending)
    if found is not None:
        return (found,)
    return (_json,) if text.lstrip().startswith(("{", "[")) else ()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return ABSENT


def _yaml(text: str) -> Any:
    from solutio_topology.yamlio import read_manifests

    documents, faults = read_manifests(text.encode())
    return ABSENT if faults else [each.value for each in documents]


def _toml(text: str) -> Any:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ABSENT


def _ini(text: str) -> Any:
    parser = configparser.ConfigParser(interpolation=None, allow_no_value=True, default_section="")
    # Keys of many programs mind their case.
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    try:
        parser.read_string(text if text.lstrip().startswith("[") else f"[]\n{text}")
    except configparser.Error:
        return ABSENT
    return {name: dict(section) for name, section in parser.items()}


_READERS: dict[str, Callable[[str], Any]] = {
    "json": _json,
    "yaml": _yaml,
    "yml": _yaml,
    "toml": _toml,
    "ini": _ini,
    "cfg": _ini,
    "properties": _ini,
}
