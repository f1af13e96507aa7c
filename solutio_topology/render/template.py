"""The expressions in the strings of components: Jinja, sandboxed, strict about names, and free of side effects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from solutio_topology.errors import SolutioError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from solutio_topology.render.alike import Alike


class RenderError(SolutioError):
    """A topology that cannot be rendered, though each part of it is well-formed."""


OMIT = "\N{WHITE SQUARE}omit\N{WHITE SQUARE}"
"""What ``omit`` prints: a key or an item whose value is this is left out."""


def is_template(text: str) -> bool:
    """Whether a string holds an expression at all; everything else stays as it is."""
    return "{{" in text or "{%" in text


def fill(text: str, names: Mapping[str, Any], place: str) -> str:
    """The text with its expressions evaluated. Raises RenderError that names `place`."""
    if not is_template(text):
        return text
    from jinja2 import TemplateError

    try:
        return _compiled(text).render({**names, "omit": OMIT})
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, ArithmeticError) as error:
        raise RenderError(
            f"{place}: the expression fails: {error}",
            remedy="docs/catalog.md lists the names that expressions of components can use",
        ) from error


def fill_documents(text: str, names: Mapping[str, Any], place: str, alike: Alike | None = None) -> list[Any]:
    """The YAML documents of a text with expressions, without what `omit` marks. Raises RenderError.

    `alike`: how the tenant pod is like others but for its names.
    """
    filled = fill(text, names, place)
    documents, fault = alike.made(_read, filled, "documents") if alike is not None else _read(filled)
    if fault:
        raise RenderError(f"{place}: not YAML once its expressions are evaluated: {fault}")
    return documents


def _read(text: str) -> tuple[list[Any], str]:
    """Documents and what is wrong with them."""
    from solutio_topology.yamlio import read_value

    documents = []
    for part in text.split("\n---\n"):
        value, faults = read_value(part.encode())
        if faults:
            return [], faults[0].message
        if value is not None:
            documents.append(_without_omitted(value))
    return documents, ""


def _without_omitted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_omitted(item) for key, item in value.items() if item != OMIT}
    if isinstance(value, list):
        return [_without_omitted(item) for item in value if item != OMIT]
    return value


@cache
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["merge"] = lambda first, second: {**first, **second}
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    environment.globals.clear()
    return environment
