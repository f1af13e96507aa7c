from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import ryaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from solutio_topology.yamlio import emit

TRAPS = [
    *[
        "y",
        "Y",
        "n",
        "N",
        "yes",
        "Yes",
        "YES",
        "no",
        "No",
        "NO",
        "on",
        "On",
        "ON",
        "off",
        "OFF",
        "true",
        "True",
        "TRUE",
        "false",
        "null",
        "Null",
        "NULL",
        "~",
        "none",
        "nan",
        ".nan",
        ".NaN",
        "inf",
        ".inf",
    ],
    *[
        "-.inf",
        "+.inf",
        "1_000",
        "0123",
        "08",
        "0o14",
        "0x1F",
        "0b11",
        "1e3",
        "1E3",
        "1.5e3",
        "12e03",
        "+12",
        "-0",
        ".5",
        "1.",
        "1.0",
        "1__0",
        "0",
        "00",
        "1:30",
        "190:20:30",
        "12:30:45",
    ],
    *[
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "=",
        "<<",
        "?",
        "-",
        ":",
        ",",
        "[",
        "]",
        "{",
        "}",
        "#",
        "&",
        "*",
        "!",
        "|",
        ">",
        "'",
        '"',
        "%",
        "@",
        "`",
        "--",
        "---",
        "...",
        "a:",
        ":a",
        "a:b",
        "a#b",
        "a::",
        "1k",
        "250m",
    ],
    *[
        "100Mi",
        "1.5Gi",
        "10.0.0.0/8",
        "1.2.3.4",
        "1.2",
        "v1.2",
        ":443",
        "0.0.0.0:80",
        "http://a.b:80/c?d=e",
        "#c",
        "${A}",
        "$(A)",
        "{{a}}",
        "*.x",
        "x.*",
        "100%",
        "1E",
        "1e",
    ],
    *[
        "",
        " ",
        "a ",
        " a",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "a\tb",
        "\t",
        "a\n",
        "\na",
        "a\n\n",
        "a\nb",
        " a\nb",
        "a\n b\n",
    ],
    *[
        "a \nb",
        "a\n \nb",
        "a\n\nb\n",
        "# a\nb\n",
        "a\n#b",
        "---\na",
        "a\n---\nb\n",
        "a\rb",
        "a\r\nb\n",
        "\x85",
        "\u2028",
        "\ufeff",
    ],
    *[
        "\x00",
        "\x07",
        "\x7f",
        "é",
        "日本",
        "😀",
        "a\u00a0b",
        "\u200b",
        "yes: no",
        "x" * 3000,
        "'a'",
        '"a"',
        "\\",
        "a\\nb",
        "\x1b[0m",
    ],
    *[
        "- - a\n- b",
        "key: |\n  x\n",
        "\x85a\nb",
        "a\u2029\nb\n",
        "0x",
        "1,000",
        "1.000,5",
        "NO ",
        "e1",
        "E1",
        "_1",
        "1_",
        "+",
        "-",
    ],
]

TEXT = st.one_of(
    st.sampled_from(TRAPS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=20),
    st.from_regex(r"[-+.0-9_:exobEinfaty ]{1,8}", fullmatch=True),
    st.lists(st.sampled_from(["a", " ", "\n", "#", ":", "-", "\t", "b c"]), max_size=8).map("".join),
)
SCALAR = st.one_of(
    TEXT,
    st.booleans(),
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=64),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXT.filter(lambda k: len(k) < 300), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECT = st.dictionaries(TEXT.filter(lambda k: len(k) < 300), VALUE, min_size=1, max_size=4)


def _readers() -> dict[str, Any]:
    ruamel = YAML(typ="safe", pure=True)
    return {
        "PyYAML, YAML 1.1": lambda text: list(yaml.load_all(text, yaml.SafeLoader)),
        "libyaml, YAML 1.1": lambda text: list(yaml.load_all(text, yaml.CSafeLoader)),
        "ryaml, YAML 1.2": ryaml.loads_all,
        "ruamel, YAML 1.2": lambda text: list(ruamel.load_all(text)),
    }


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(OBJECT, min_size=1, max_size=2))
def test_every_reader_reads_back_what_was_written(objects: list[dict[str, Any]]) -> None:
    text = emit(objects, header="generated").decode()
    for name, read in _readers().items():
        assert read(text) == objects, name


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_as_value_key_and_item(trap: str) -> None:
    data = {"value": trap, "list": [trap, {"in": trap}], "map": {trap: trap} if len(trap) < 900 else {}}
    text = emit([data]).decode()
    for name, read in _readers().items():
        assert read(text) == [data], name


def test_kubectl_reads_the_traps_as_strings(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on PATH")
    data = {f"k{index}": trap for index, trap in enumerate(TRAPS)}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "traps"}, "data": data}
    (tmp_path / "traps.yaml").write_bytes(emit([body]))
    command = [kubectl, "label", "--local", "--dry-run=client", "-f", str(tmp_path / "traps.yaml"), "a=b", "-o", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["data"] == data


def test_the_style_is_the_one_people_write() -> None:
    objects = [
        {"kind": "A", "list": [{"name": "x", "ports": [1, 2]}, ["y"]], "empty": {}, "nothing": [], "text": "a\n\nb\n"},
        {"kind": "B", "float": 1e300, "on": "on"},
    ]
    assert emit(objects, header="one\ntwo").decode() == (
        '# one\n# two\nkind: A\nlist:\n- name: x\n  ports:\n  - 1\n  - 2\n- - "y"\nempty: {}\nnothing: []\n'
        'text: |\n  a\n\n  b\n---\nkind: B\nfloat: 1.0e+300\n"on": "on"\n'
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf, {1: 2}, {"a": {None: 1}}, object(), "\ud800", {"k" * 2000: 1}])
def test_what_yaml_cannot_say_is_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        emit([{"a": bad}])
