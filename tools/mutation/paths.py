"""Places inside a document by pattern: ``spec/ingress|egress/*/from/*``.

Steps are divided by slashes. ``|`` divides alternatives, ``*`` is any key or position, ``**`` any number of steps.
A key that holds a slash itself is written with ``~1`` for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.mutation.tree import Pointer


def find(body: Any, pattern: str) -> Iterator[tuple[Pointer, Any]]:
    """Every place of `body` that the pattern names, with its value; each once."""
    seen: set[Pointer] = set()
    for pointer, value in _find(body, pattern.split("/"), ()):
        if pointer not in seen:
            seen.add(pointer)
            yield pointer, value


def _find(value: Any, steps: list[str], pointer: Pointer) -> Iterator[tuple[Pointer, Any]]:
    if not steps:
        yield pointer, value
        return
    step, rest = steps[0], steps[1:]
    if step == "**":
        yield from _find(value, rest, pointer)
        for key, child in children(value):
            yield from _find(child, steps, (*pointer, key))
        return
    wanted = [each.replace("~1", "/") for each in step.split("|")]
    for key, child in children(value):
        if step == "*" or key in wanted:
            yield from _find(child, rest, (*pointer, key))


def children(value: Any) -> Iterator[tuple[str | int, Any]]:
    """The keys or positions of a value, each with what stands there."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)
