"""The values of a release: those of ConfigMaps in the order that it names them, then its own on top, as Flux merges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from solutio_topology.manifests.facts import Key
from solutio_topology.yamlio import read_manifests

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor
    from solutio_topology.manifests.facts import Object
    from solutio_topology.manifests.helm.wanted import Find

Values = dict[str, Any]
_STEP = re.compile(r"((?:[^.\[\\]|\\.)+)|\[(\d+)\]|\.")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_WORDS = {"true": True, "false": False, "null": None}
_MOST_ITEMS = 65536
"""Helm refuses a larger index of a list, too."""


def values_of(source: Object, at: Cursor, find: Find) -> tuple[Values, tuple[str, ...]]:
    """The merged values, and which part of them is not in the manifests (Secrets: their values are never read).

    Values that cannot be read are noted at the place where the release names them.
    """
    found: Values = {}
    unseen: list[str] = []
    for ref in at.get("spec").items("valuesFrom"):
        kind, name = ref.text("kind"), ref.text("name")
        data = find(Key("", kind, source.key.namespace, name)) if kind == "ConfigMap" else None
        if data is None:
            if kind != "ConfigMap" or not ref.flag("optional"):
                unseen.append(f"values of {kind} {name} are not seen")
            continue
        key = ref.text("valuesKey", "values.yaml")
        text = data.get("data").text(key) if data.get("data").has(key) else None
        if text is not None:
            found = _with(found, ref, text)
        elif not ref.flag("optional"):
            ref.note(f"ConfigMap {name} has no key {key}: Flux refuses the release", "name a key that it has")
    own = at.get("spec", "values")
    if own and not isinstance(own.value, dict):
        at.get("spec").labels("values")  # Notes what is wrong.
    return (merged(found, own.value) if isinstance(own.value, dict) else found), tuple(unseen)


def _with(found: Values, ref: Cursor, text: str) -> Values:
    """`found` with what one ConfigMap adds: a file of values, or one value for the path that the release names."""
    path = ref.text("targetPath")
    if path:
        steps = _steps(path)
        if steps is None:
            ref.get("targetPath").note(f"{path} is no path of a value", "write it as for helm --set: a.b[0].c")
            return found
        return merged(found, _set({}, steps, _typed(text)))
    documents, faults = read_manifests(text.encode())
    value = documents[0].value if documents else {}
    if faults or not isinstance(value, dict):
        why = faults[0].message if faults else "it is no map"
        ref.note(f"the values in ConfigMap {ref.text('name')} cannot be read: {why}", "write a map in YAML there")
        return found
    return merged(found, value)


def merged(under: Values, over: Values) -> Values:
    """Maps are merged at every depth; everything else is replaced."""
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        found[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def _steps(path: str) -> list[str | int] | None:
    found: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        at = match.end()
        if match.group(1):
            found.append(re.sub(r"\\(.)", r"\1", match.group(1)))
        elif match.group(2):
            found.append(int(match.group(2)))
    starts = bool(found) and isinstance(found[0], str)
    return found if starts and all(step < _MOST_ITEMS for step in found if isinstance(step, int)) else None


def _set(under: Any, steps: list[str | int], value: Any) -> Any:
    """`under` with `value` at `steps`; lists are filled up with nothing."""
    if not steps:
        return value
    first, *rest = steps
    if isinstance(first, int):
        items = list(under) if isinstance(under, list) else []
        items += [None] * (first + 1 - len(items))
        items[first] = _set(items[first], rest, value)
        return items
    fields = dict(under) if isinstance(under, dict) else {}
    return {**fields, first: _set(fields.get(first), rest, value)}


def _typed(text: str) -> Any:
    """A value as helm's ``--set`` reads it; in quotes it stays text."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
