"""Pydantic's errors in people's words: what stands there, what was expected, what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

from pydantic_core import ErrorDetails

from solutio_topology.findings import Finding, Location, Rule
from solutio_topology.spec.base import SHAPES
from solutio_topology.spec.plain import value_at
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
    "is_instance_of": "an amount of money",
    "decimal_type": "an amount of money",
    "date_type": "a date such as 2027-01-31",
    "none_required": "nothing",
}
_BOUNDS = {
    "greater_than_equal": "of {ge} or more",
    "less_than_equal": "of {le} or less",
    "greater_than": "of more than {gt}",
    "less_than": "of less than {lt}",
}
_SIZED: dict[type, str] = {str: "the text", list: "the list", dict: "the map"}
_UNITS: dict[type, str] = {str: "characters", list: "entries", dict: "entries"}
_QUOTED = re.compile(r"'([^']*)'")
_PLAIN = re.compile(r"[^\s,\[\]{}#]+")


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
        return _unknown(pointer, group, source)
    if error["type"] == "missing":
        return _missing(pointer, source)
    is_key = "[key]" in error["loc"]
    value = pointer[-1] if is_key else value_at(data, pointer)
    location = source.locate(pointer, key=is_key)
    place = f"{dotted(pointer[:-1]) or 'the topology'}: the name" if is_key else f"{dotted(pointer) or 'the file'}:"
    problem, remedy = _problem(group, value)
    return WRONG_VALUE.finding(
        f"{place} {problem}",
        location,
        subject=dotted(pointer),
        remedy=remedy.replace("{token}", _token(source, location)),
        excerpt=source.excerpt(location),
    )


def _unknown(pointer: Pointer, group: list[ErrorDetails], source: SourceMap) -> Finding:
    from solutio_topology.spec.shape import keys_at

    name = str(pointer[-1])
    known = keys_at(group[0]["loc"][:-1])
    guess = did_you_mean(name, known) or f"; it has {', '.join(known)}"
    parent = dotted(pointer[:-1]) or "the topology"
    return _at(UNKNOWN_KEY, pointer, f"{parent} has no key {name!r}{guess}", source)


def _missing(pointer: Pointer, source: SourceMap) -> Finding:
    parent = dotted(pointer[:-1]) or "the topology"
    message = f"{parent} lacks the key {pointer[-1]!r}"
    return _at(MISSING_KEY, pointer[:-1], message, source, remedy=f"add {pointer[-1]}: …")


def _problem(group: list[ErrorDetails], value: Any) -> tuple[str, str]:
    """What is wrong with a value, and what to do; no remedy where the rule's own says it."""
    wanted = list(dict.fromkeys(_WANTED[error["type"]] for error in group if error["type"] in _WANTED))
    others = [error for error in group if error["type"] not in _WANTED]
    if others:
        return _detail(others[0], value)
    message = f"{_shown(value)} is not {' or '.join(wanted)}"
    if _WANTED["string_type"] in wanted and isinstance(value, (int, float, bool)):
        return message, 'put it in quotes to make it text: "{token}"'
    if _WANTED["int_type"] in wanted and isinstance(value, str) and value.isdigit():
        return message, f"write it without quotes: {value}"
    if _WANTED["list_type"] in wanted and isinstance(value, str):
        return message, "write it as a list: [{token}]"
    return message, ""


def _detail(error: ErrorDetails, value: Any) -> tuple[str, str]:
    context = error.get("ctx", {})
    kind = error["type"]
    if kind == "value_error":
        # Raised by our own validators, in words that say everything.
        return str(context["error"]), ""
    if kind == "string_pattern_mismatch":
        return f"{_shown(value)} does not have the right shape", f"write {SHAPES[str(context['pattern'])]}"
    if kind == "literal_error":
        known = _QUOTED.findall(str(context["expected"]))
        if len(known) == 1:
            return f"{_shown(value)} is not {known[0]!r}", f"write {known[0]}"
        return f"{_shown(value)} is none of {', '.join(known)}{did_you_mean(str(value), known)}", ""
    if kind in _BOUNDS:
        return f"{_shown(value)} is out of range", f"write a number {_BOUNDS[kind].format(**context)}"
    if kind in {"string_too_short", "too_short"}:
        least = int(context["min_length"])
        return _too_short(value, least), f"write {least} or more {_UNITS[type(value)]}"
    return f"{_shown(value)} is wrong: {error['msg'][0].lower()}{error['msg'][1:]}", ""


def _too_short(value: Any, least: int) -> str:
    what = _SIZED[type(value)]
    return f"{what} is empty" if not value else f"{what} is too short: {len(value)} of {least} {_UNITS[type(value)]}"


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "an empty value"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return f"the value {str(value).lower()}"
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "…"
    return repr(text) if isinstance(value, str) else f"the number {text}"


def _token(source: SourceMap, location: Location) -> str:
    """A plain scalar as it is written: what the number 1.1 was read from may be 1.10."""
    match = _PLAIN.match(source.excerpt(location), max(location.column - 1, 0))
    return match.group() if match else "…"


def did_you_mean(name: str, known: list[str]) -> str:
    """``; did you mean …?`` for the nearest of `known`, or nothing."""
    near = [each for each in known if each.lower() == name.lower()] or difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _at(rule: Rule, pointer: Pointer, message: str, source: SourceMap, *, remedy: str = "") -> Finding:
    location = source.locate(pointer, key=True)
    return rule.finding(message, location, subject=dotted(pointer), remedy=remedy, excerpt=source.excerpt(location))
