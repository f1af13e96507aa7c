"""The JSON Schema of ``topology.yaml``, for editors."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from typing import Any

from solutio_topology.spec.base import Model


def json_schema() -> dict[str, Any]:
    """The schema, with a title and a description for everything that can be written."""
    from solutio_topology.spec.topology import Topology

    found = Topology.model_json_schema(by_alias=True)
    for model in _models():
        _describe(model, found if model is Topology else found.get("$defs", {}).get(model.__name__, {}))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "solutio topology",
        "description": "Services, edges, tiers, cost items and decisions of a SaaS on Kubernetes.",
        **{key: value for key, value in found.items() if key not in {"title", "description"}},
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _models(root: type[Model] = Model) -> Iterator[type[Model]]:
    for model in root.__subclasses__():
        yield model
        yield from _models(model)


def _describe(model: type[Model], schema: dict[str, Any]) -> None:
    """Give each property the text under its field. Pydantic could, at every start, for ten times the time."""
    texts = {name: text for base in reversed(model.__mro__) if issubclass(base, Model) for name, text in _texts(base)}
    for name, field in model.model_fields.items():
        known = schema.get("properties", {}).get(field.alias or name)
        if known is not None and name in texts and "description" not in known:
            known["description"] = texts[name]


def _texts(model: type[Model]) -> Iterator[tuple[str, str]]:
    """The texts that stand under the fields of a model's source."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(tree, ast.ClassDef)
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            yield field.target.id, inspect.cleandoc(str(text.value.value))
