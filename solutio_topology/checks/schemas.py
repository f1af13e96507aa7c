"""JSON Schemas of Kubernetes objects and custom resources: found as data, compiled once a kind.

The core schemas are the data files of the package kubernetes-validate; its code is not imported, because it takes ten
milliseconds an object and reports one error. Custom resources have theirs in ``schemas/crds`` (``_crds`` in a wheel).
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    import jsonschema_rs

Schema = dict[str, Any]
_DATA = Path("kubernetes_validate", "kubernetes-json-schema")


class CustomKind(Struct, frozen=True):
    """A custom resource whose schema is at hand."""

    scope: str
    """``Namespaced`` or ``Cluster``."""
    path: Path


@cache
def _core_folder() -> Path | None:
    for entry in sys.path:
        folder = Path(entry or ".") / _DATA
        if folder.is_dir():
            return folder
    return None


@cache
def versions() -> tuple[str, ...]:
    """The Kubernetes versions of which the schemas are at hand, oldest first (``1.34``)."""
    folder = _core_folder()
    names = [path.name for path in folder.iterdir() if path.name.endswith("-local-strict")] if folder else []
    found = {tuple(int(part) for part in name[1:].split("-")[0].split(".")[:2]) for name in names}
    return tuple(f"{major}.{minor}" for major, minor in sorted(found))


@cache
def version_for(wanted: str) -> str | None:
    """The newest version at hand that is not newer than `wanted` (empty: the newest); None when there is none."""
    known = versions()
    if not wanted:
        return known[-1] if known else None
    older = [each for each in known if _number(each) <= _number(wanted)]
    return older[-1] if older else None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


@cache
def _definitions(version: str) -> Schema:
    folder = _core_folder()
    assert folder is not None
    content = (folder / f"v{version}.0-local-strict" / "_definitions.json").read_bytes()
    found: Schema = msgspec.json.decode(content)["$defs"]
    return found


@cache
def core_kinds(version: str) -> dict[tuple[str, str, str], str]:
    """(group, version, kind) of every kind of Kubernetes itself, and the name of its definition."""
    return {
        (each["group"], each["version"], each["kind"]): name
        for name, body in _definitions(version).items()
        for each in body.get("x-kubernetes-group-version-kind", ())
    }


def fields_of(version: str, definition: str) -> list[str]:
    """The fields of a definition; none for one that does not exist."""
    return list(_definitions(version).get(definition, {}).get("properties", ()))


@cache
def core_validator(version: str, definition: str) -> jsonschema_rs.Validator:
    """The compiled schema of a definition and of all that it refers to."""
    known, wanted, todo = _definitions(version), {}, [definition]
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted[name] = known[name]
            todo += _referred(version, name)
    return _compile({"$ref": f"#/$defs/{definition}", "$defs": wanted})


@cache
def _referred(version: str, definition: str) -> tuple[str, ...]:
    """The definitions that one refers to."""
    return tuple(_references(_definitions(version)[definition]))


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for each in schema for name in _references(each)]
    if not isinstance(schema, dict):
        return []
    found = [name for key, value in schema.items() if key != "$ref" for name in _references(value)]
    reference = schema.get("$ref")
    return [*found, reference.rpartition("/")[2]] if isinstance(reference, str) else found


def _compile(schema: Schema) -> jsonschema_rs.Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(schema)


@cache
def custom_folder() -> Path | None:
    """Where the schemas of custom resources are: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parents[1]
    for folder in (package / "_crds", package.parent / "schemas" / "crds"):
        if (folder / "index.json").is_file():
            return folder
    return None


@cache
def custom_kinds() -> dict[tuple[str, str, str], CustomKind]:
    """(group, version, kind) of the custom resources whose schemas are at hand."""
    folder = custom_folder()
    if folder is None:
        return {}
    return {
        (each["group"], each["version"], each["kind"]): CustomKind(each["scope"], folder / each["file"])
        for each in msgspec.json.decode((folder / "index.json").read_bytes())
    }


@cache
def custom_validator(path: Path) -> jsonschema_rs.Validator:
    """The compiled schema of a custom resource, made strict."""
    return _compile(strict(msgspec.json.decode(path.read_bytes())))


def inline_validator(schema: Schema) -> jsonschema_rs.Validator:
    """The compiled schema of a CustomResourceDefinition that stands among the manifests, made strict."""
    return _compile(strict(schema, top=True))


_META = ("apiVersion", "kind", "metadata")


def strict(schema: Any, *, top: bool = True) -> Any:
    """A structural schema as the API server reads it under strict field validation: no unknown fields, its extensions
    said in JSON Schema's own words."""
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict_part(key, value) for key, value in schema.items() if key not in _SILENT}
    properties = made.get("properties")
    if top and isinstance(properties, dict):
        made["properties"] = properties | {"apiVersion": {}, "kind": {}, "metadata": {}}
        made["required"] = [name for name in made.get("required", []) if name not in _META]
    keeps = schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(properties, dict) and not keeps and "additionalProperties" not in made:
        made["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made.setdefault("type", ["integer", "string"])
        made.pop("anyOf", None)
    if schema.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


_SILENT = frozenset({"$schema", "$id", "description", "default", "nullable", "format", "example", "title"})


def _strict_part(key: str, value: Any) -> Any:
    """What stands under a key of a schema. Only `properties` and its like hold whole schemas: the branches of allOf
    and its like speak of parts of an object, so they are not closed."""
    if key in {"properties", "patternProperties", "$defs"} and isinstance(value, dict):
        return {name: strict(each, top=False) for name, each in value.items()}
    if key in {"items", "additionalProperties"}:
        return strict(value, top=False)
    return value
