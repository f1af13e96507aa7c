from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solutio_topology import catalog
from solutio_topology.errors import InputError
from solutio_topology.spec import json_schema as json_schema_module
from solutio_topology.spec.base import SHAPES
from solutio_topology.spec.json_schema import json_schema, schema_text
from solutio_topology.spec.load import load_text
from solutio_topology.yamlio import emit, read_document

ROOT = Path(__file__).parents[2]


def _read(path: str) -> dict[str, Any]:
    value, _, faults = read_document((ROOT / path).read_bytes())
    assert faults == []
    found: dict[str, Any] = value
    return found


def test_the_committed_schema_is_the_one_of_the_models() -> None:
    assert (ROOT / "schemas" / "topology.schema.json").read_text() == schema_text()


def test_every_property_has_a_description_for_the_editor() -> None:
    schema = json_schema()
    parts = {"Topology": schema, **schema["$defs"]}
    missing = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part.get("properties", {}).items()
        if "description" not in value
    ]
    assert missing == []


@pytest.mark.parametrize(
    "path", ["topology.yaml", "examples/shop/topology.yaml", "solutio_topology/workflows/starter.yaml"]
)
def test_it_accepts_what_the_models_accept(path: str) -> None:
    errors = [error.message for error in jsonschema_rs.validator_for(json_schema()).iter_errors(_read(path))]
    assert errors == []


def test_every_property_has_examples_and_they_are_valid() -> None:
    schema = json_schema()
    parts = {"Topology": schema, **schema["$defs"]}
    found = {
        f"{name}.{key}": (value, value.get("examples", []))
        for name, part in parts.items()
        for key, value in part.get("properties", {}).items()
    }
    assert [name for name, (_, examples) in found.items() if not examples] == []
    wrong = [
        (name, example)
        for name, (value, examples) in found.items()
        for example in examples
        if not jsonschema_rs.is_valid({"$defs": schema["$defs"], **value}, example)
    ]
    # Of a large map one entry is shown, which may lack what the whole has.
    assert wrong == []


def test_the_document_of_the_examples_is_a_valid_topology(tmp_path: Path) -> None:
    (tmp_path / "pods").mkdir()
    (tmp_path / "pods" / "beta.yaml").write_text("pods: {beta: {tier: own}}\n")
    data = (Path(json_schema_module.__file__).parent / "examples.yaml").read_bytes()
    loaded = load_text(data, "examples.yaml", folder=tmp_path, known_components=catalog.names())
    assert set(loaded.topology.pods) == {"main", "acme", "beta"}


def test_every_pattern_is_said_in_words() -> None:
    text = json.dumps(json_schema())
    patterns = {json.loads(f'"{each}"') for each in re.findall(r'"pattern": "((?:[^"\\\\]|\\\\.)*)"', text)}
    assert patterns - set(SHAPES) == set()
    assert patterns


@pytest.mark.parametrize("key", ["services", "platform", "apiVersion", "tiers"])
def test_it_refuses_what_the_models_refuse(key: str) -> None:
    validator = jsonschema_rs.validator_for(json_schema())
    data = _read("topology.yaml")
    assert not validator.is_valid({name: value for name, value in data.items() if name != key})
    assert not validator.is_valid({**data, key: 7})
    assert not validator.is_valid({**data, "servces": {}})


SCHEMA_RULES = {"S003", "S004", "S005"}
# What no schema says: whole numbers written as 2.0, dates and numbers of a schedule that do not exist, one bound that
# depends on another, unknown placeholders, ranges that begin inside of themselves.
ONLY_THE_MODELS = (
    "is more than",
    "before it begins",
    "is less than the request",
    "climbs out",
    "nothing fills",
    "of a schedule",
    "no day of the calendar",
    "no range of addresses",
    "names an address inside",
    "the tag latest moves",
    "add store: its name",
    "a claim keeps its data",
    "only a claim has a class",
    "primary names the port",
    "a component of kind",
    "an edge is not what makes itself real",
)
EXAMPLE = _read("solutio_topology/spec/examples.yaml")
del EXAMPLE["include"]
JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    7,
    70000,
    1.5,
    "",
    "x",
    "../x",
    "A B",
    [],
    ["x"],
    {},
    {"a": 1},
    {"from": "x"},
    {"A B": {}},
    "1Gi",
    "/x",
]


def _pointers(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in ((*prefix, key), *_pointers(inner, (*prefix, key)))]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(_pointers(EXAMPLE)), st.sampled_from(JUNK))
def test_it_judges_as_the_models_do(pointer: tuple[Any, ...], junk: Any) -> None:
    # A text there names a file of prices: what it says is judged, and there is none.
    assume(not (pointer == ("costs", "prices") and isinstance(junk, str)))
    data = copy.deepcopy(EXAMPLE)
    target = data
    for step in pointer[:-1]:
        target = target[step]
    target[pointer[-1]] = junk
    findings: tuple[Any, ...] = ()
    try:
        load_text(emit([data]), "topology.yaml")
    except InputError as error:
        findings = error.findings
    refused = [
        each
        for each in findings
        if each.code in SCHEMA_RULES and not any(words in each.message for words in ONLY_THE_MODELS)
    ]
    assert VALIDATOR.is_valid(data) == (refused == []), [str(each) for each in refused]


VALIDATOR = jsonschema_rs.validator_for(json_schema())
