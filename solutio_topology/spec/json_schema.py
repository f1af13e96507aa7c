"""The JSON Schema of ``topology.yaml``, for editors: types, descriptions, and examples of every field."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from solutio_topology.spec.base import Model
from solutio_topology.spec.shape import branches
from solutio_topology.yamlio import read_document

EXAMPLES = 2
LONG = 240
"""Characters beyond which a map of maps is an example by one of its entries."""


def json_schema() -> dict[str, Any]:
    """The schema, with a title and a description for everything that can be written."""
    from solutio_topology.spec.topology import Topology

    found = Topology.model_json_schema(by_alias=True)
    _close(found)
    examples = examples_by_field()
    for model in _models():
        schema = found if model is Topology else found.get("$defs", {}).get(model.__name__, {})
        _describe(model, schema)
        for name, known in schema.get("properties", {}).items():
            if values := examples.get((model.__name__, name)):
                known["examples"] = values
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "solutio topology",
        "description": "Services, edges, tiers, cost items and decisions of a SaaS on Kubernetes.",
        **{key: value for key, value in found.items() if key not in {"title", "description"}},
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _close(schema: Any) -> None:
    """Refuse, in every map, the keys that its pattern does not fit: pydantic only speaks of those that do."""
    if isinstance(schema, dict):
        if "patternProperties" in schema:
            schema.setdefault("additionalProperties", False)
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


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


def examples_by_field() -> dict[tuple[str, str], list[Any]]:
    """Up to two values of every field, by the name of its model and its key, from ``examples.yaml``."""
    from solutio_topology.spec.topology import Topology

    data, _, _ = read_document((Path(__file__).parent / "examples.yaml").read_bytes())
    found: dict[tuple[str, str], list[Any]] = {}
    for model, key, value in _values(Topology, data):
        known = found.setdefault((model, key), [])
        short = _shortened(value)
        if len(known) < EXAMPLES and short not in known:
            known.append(short)
    return found


def _values(annotation: Any, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Every value below a place of the format, with the model and the key that it stands under."""
    for branch in branches(annotation):
        if isinstance(branch, type) and issubclass(branch, Model) and isinstance(value, dict):
            fields = {field.alias or name: field for name, field in branch.model_fields.items()}
            if set(value) <= set(fields):
                for key, inner in value.items():
                    yield branch.__name__, key, inner
                    yield from _values(fields[key].annotation, inner)
        elif get_origin(branch) is dict and isinstance(value, dict):
            for inner in value.values():
                yield from _values(get_args(branch)[1], inner)
        elif get_origin(branch) is list and isinstance(value, list):
            for inner in value:
                yield from _values(get_args(branch)[0], inner)


def _shortened(value: Any) -> Any:
    """A value as an example of its kind: of a large map the smallest entry, so that hovering shows no page."""
    if (
        isinstance(value, dict)
        and len(json.dumps(value)) > LONG
        and all(isinstance(each, dict) for each in value.values())
    ):
        key = min(value, key=lambda name: len(json.dumps(value[name])))
        return {key: _shortened(value[key])}
    return value


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
