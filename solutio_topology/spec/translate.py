"""Pydantic's errors in people's words: what stands there, what was expected, what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic_core import ErrorDetails

from solutio_topology.findings import Finding, Rule
from solutio_topology.spec.rules import MISSING_KEY, UNKNOWN_KEY, WRONG_VALUE
from solutio_topology.spec.source import SourceMap, dotted
from solutio_topology.yamlio import Pointer

_ALWAYS = frozenset({"extra_forbidden", "missing", "value_error"})
_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
    "decimal_type": "an amount of money",
    "date_type": "a date such as 2027-01-31",
    "none_required": "nothing",
}


def translate(errors: list[ErrorDetails], data: Any, source: SourceMap) -> Iterator[Finding]:
    """One finding per place, in the order of the errors; a union that fails in every branch is told once."""
    grouped: dict[Pointer, list[ErrorDetails]] = {}
    for error in errors:
        grouped.setdefault(real_pointer(error["loc"], data, is_missing=error["type"] == "missing"), []).append(error)
    for pointer, group in grouped.items():
        if not any(other[: len(pointer)] == pointer and other != pointer for other in grouped) or any(
            error["type"] in _ALWAYS or "[key]" in error["loc"] for error in group
        ):
            yield _finding(pointer, group, data, source)


def real_pointer(loc: tuple[int | str, ...], data: Any, *, is_missing: bool = False) -> Pointer:
    """Pydantic's location without the names of union branches and of checks on keys; a missing key is its last step."""
    found: list[str | int] = []
    for index, step in enumerate(loc):
        if step == "[key]":
            break
        is_last = index == len(loc) - 1
        if isinstance(data, dict) and (step in data or (is_last and is_missing)):
            found.append(step)
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            found.append(step)
            data = data[step] if step < len(data) else None
    return tuple(found)


def _finding(pointer: Pointer, group: list[ErrorDetails], data: Any, source: SourceMap) -> Finding:
    error = group[0]
    if error["type"] == "extra_forbidden":
        return _unknown(pointer, group, data, source)
    if error["type"] == "missing":
        return _missing(pointer, source)
    value = value_at(data, pointer)
    is_key = "[key]" in error["loc"]
    about = f"the name {pointer[-1]!r}" if is_key else f"{dotted(pointer) or 'the file'}: {_shown(value)}"
    return _at(WRONG_VALUE, pointer, f"{about} {_problem(group, value)}", source, key=is_key)


def _unknown(pointer: Pointer, group: list[ErrorDetails], data: Any, source: SourceMap) -> Finding:
    name = str(pointer[-1])
    guess = did_you_mean(name, _known_keys(group, data))
    parent = dotted(pointer[:-1]) or "the topology"
    return _at(UNKNOWN_KEY, pointer, f"{parent} has no key {name!r}{guess}", source, key=True)


def _known_keys(group: list[ErrorDetails], data: Any) -> list[str]:
    from solutio_topology.spec.shape import keys_at

    del data
    return keys_at(tuple(step for step in group[0]["loc"][:-1]))


def _missing(pointer: Pointer, source: SourceMap) -> Finding:
    parent = dotted(pointer[:-1]) or "the topology"
    message = f"{parent} lacks the key {pointer[-1]!r}"
    return _at(MISSING_KEY, pointer[:-1], message, source, remedy=f"add {pointer[-1]}: …", key=True)


def _problem(group: list[ErrorDetails], value: Any) -> str:
    if any(error["type"] == "string_type" for error in group) and isinstance(value, (int, float, bool)):
        wanted = [_WANTED[error["type"]] for error in group if error["type"] in _WANTED]
        return f"is not {' or '.join(dict.fromkeys(wanted))}; put it in quotes to make it text"
    wanted = [_WANTED[error["type"]] for error in group if error["type"] in _WANTED]
    if len(wanted) == len(group):
        return f"is not {' or '.join(dict.fromkeys(wanted))}"
    return _detail(next(error for error in group if error["type"] not in _WANTED))


def _detail(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return f"does not have the right shape: {_shape(str(context['pattern']))}"
    if kind == "literal_error":
        return f"is none of {context['expected']}"
    if kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        return f"is out of range: {error['msg'].removeprefix('Input ')}"
    if kind == "value_error":
        return f"cannot stand so: {context['error']}"
    return f"is wrong: {error['msg'][0].lower()}{error['msg'][1:]}"


def _shape(pattern: str) -> str:
    from solutio_topology.spec.shape import SHAPES

    return SHAPES.get(pattern, f"it must match {pattern}")


def _shown(value: Any) -> str:
    if value is None:
        return "an empty value"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return repr(text if len(text) <= 60 else text[:57] + "…")


def value_at(data: Any, pointer: Pointer) -> Any:
    """The value at a pointer, or None."""
    for step in pointer:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def did_you_mean(name: str, known: list[str]) -> str:
    """``; did you mean …?`` for the nearest of `known`, or nothing."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6) or [
        known_name for known_name in known if known_name.lower() == name.lower()
    ]
    return f"; did you mean {near[0]!r}?" if near else ""


def _at(
    rule: Rule, pointer: Pointer, message: str, source: SourceMap, *, remedy: str = "", key: bool = False
) -> Finding:
    location = source.locate(pointer, key=key)
    return rule.finding(message, location, subject=dotted(pointer), remedy=remedy, excerpt=source.excerpt(location))
