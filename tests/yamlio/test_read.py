from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.yamlio import Fault, Parsed, emit, positions, read_document, read_manifests, read_value
from solutio_topology.yamlio.read import _read_carefully, _read_document_carefully, _read_plainly, is_plain
from tests.yamlio.test_emit import OBJECT

AMBIGUOUS = """\
a: yes
b: on
c: 1:30
d: 0123
e: 1_000
f: 0o14
g: 1e3
h: y
i: 2024-01-01
j: ~
k: .5
l: 0b11
m: +12
no: 0x1F
o: 1.
q: NULL
r: =
s: 12e03
t: 1__0
u: -0
v: 08
w: 0.1e1
x: "yes"
y: 0x
z: 1_0.5
aa: -.5
ab: 0o8
ac: 1_
ad: _1
ae: 12e
af: !!str 12
8080: port
base: &base {p: 1, q: [on, "on"]}
merged: {<<: *base, p: 2}
"""


def _one(text: str) -> Any:
    (document,), faults = read_manifests(text.encode())
    assert faults == []
    return document.value


def test_ambiguous_scalars_are_read_as_kubectl_reads_them() -> None:
    assert _one(AMBIGUOUS) == {
        **{"a": True, "b": True, "c": "1:30", "d": 83, "e": 1000, "f": 12, "g": 1000, "h": True, "i": "2024-01-01"},
        **{"j": None, "k": 0.5, "l": 3, "m": 12, "false": 31, "o": 1, "q": None, "r": "=", "s": 12000, "t": 10},
        **{"u": 0, "v": 8, "w": 1, "x": "yes", "true": "0x", "z": 10.5, "aa": -0.5, "ab": "0o8", "ac": 1, "ad": "_1"},
        **{"ae": "12e", "af": "12", "8080": "port", "base": {"p": 1, "q": [True, "on"]}},
        "merged": {"p": 2, "q": [True, "on"]},
    }


def test_kubectl_agrees(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on PATH")
    lines = AMBIGUOUS.splitlines()
    text = "apiVersion: example.com/v1\nkind: Any\nmetadata: {name: x}\nspec:\n" + "".join(
        f"  {line}\n" for line in lines
    )
    (tmp_path / "any.yaml").write_text(text)
    assert _one(text)["spec"] == _kubectl(kubectl, text, tmp_path)["spec"]


def _kubectl(program: str, text: str, folder: Path) -> Any:
    (folder / "any.yaml").write_text(text)
    command = [program, "label", "--local", "--dry-run=client", "-f", str(folder / "any.yaml"), "a=b", "-o", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout, parse_int=lambda digits: int(digits) if len(digits) < 19 else float(digits))


def _number_like() -> list[str]:
    """Two thousand scalars that look somewhat like numbers, the same ones in every run."""
    chosen = random.Random(7)
    made = {"".join(chosen.choices("0123456789_+-.:exobXEinfaNyTZ", k=chosen.randint(1, 6))) for _ in range(2500)}
    made |= {"+_0", ".0_", ".53_1", "505._", "70e_7", "1e400", "9223372036854775808", "-9223372036854775809"}
    made |= {"0xffffffffffffffff", "0x1ffffffffffffffff", "-.nan", "3.0", "8e1", "1" * 399, "1_" * 2500 + "1"}
    finite = (text for text in made if text.lstrip("+-").lower() not in {".inf", ".nan"})
    return sorted(text for text in finite if not re.match(r"[-:]$|---", text) and not text.endswith(":"))


def test_kubectl_agrees_on_everything_that_looks_like_a_number(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not on PATH")
    scalars = _number_like()
    head = "apiVersion: example.com/v1\nkind: Any\nmetadata: {name: x}\nspec:\n"
    text = head + "".join(f"  k{index}: {scalar}\n" for index, scalar in enumerate(scalars))
    theirs = _kubectl(kubectl, text, tmp_path)["spec"]
    ours = {f"k{index}": _one(f"k: {scalar}\n")["k"] for index, scalar in enumerate(scalars)}
    assert {key: (scalars[int(key[1:])], value) for key, value in ours.items() if value != theirs[key]} == {}


PIECES = [
    *["a", "key", "- ", "-", "\n", "\n  ", "\n    ", ": ", ":", " ", "\t", "#", " # c", "'", '"', "[", "]", "{", "}"],
    *[",", "|", "|-", ">", "1", "-1", "1.5", "true", "null", "~", "...", "\n...\n", "\\n", "\\x41", "\x85", "\u2028"],
    *["\ufeff", "\u00a0", "? ", "!", "! ", "&a", "*a", "<<: ", "\r\n", "\r", "%", "@", "''", '""', "1:30", "y: 2\n"],
    *[
        "- z\n",
        "|2\n",
        "{a: 1, b: [2]}",
        '"k": v\n',
        "1: ",
        "-1: ",
        "1.5: ",
        "no",
        "{1: 2}",
        "{1}",
        "1_0",
        ".5",
        "1e3",
        "0x1",
    ],
    *["\n# 1,000: yes\n", "\n  # !no", "\nk: |\n", "\n  k: |-\n", "\n    !x\n", "\n      yes", "\n\n", '"\n k: |\n'],
    *["\n- k: |\n", '{a: "\n  b: |\n    c", y: no}', "   y: no\n", "  '1\n", "  #!\n"],
]


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(st.sampled_from(["", "k: ", "k:\n  ", "k:\n- "]), st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_the_fast_reader_is_used_only_where_the_careful_one_says_the_same(lead: str, rest: str) -> None:
    data = (lead + rest).encode()
    documents, faults = read_manifests(data)
    if is_plain(data) and len(documents) == 1 and not faults:
        value, careful_faults = _read_carefully(documents[0].text)
        assert (repr(documents[0].value), careful_faults) == (repr(value), [])


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(
    st.sampled_from(["", "---\n", "k: ", "k:\n  ", "k:\n- ", "a: 1\n"]),
    st.lists(st.sampled_from([*PIECES, "\n---\n", "\n...\n", "a: 1\n", "b: {c: 2}\n"]), max_size=9).map("".join),
)
def test_a_persons_file_is_read_fast_only_where_the_careful_reader_says_the_same(lead: str, rest: str) -> None:
    data = (lead + rest).encode()
    fast = _read_plainly(data)
    if fast is not None:
        value, where, faults = _read_document_carefully(data)
        assert (repr(fast), faults) == (repr(value), [])
        steps = [(key,) for key in value] if isinstance(value, dict) else [()]
        lazy = read_document(data)[1]
        assert [lazy.find(step, key=True) for step in steps] == [where.find(step, key=True) for step in steps]


@pytest.mark.parametrize("depth", [98, 99, 100, 101, 102, 130])
@pytest.mark.parametrize("step", ["[", "- "])
def test_a_persons_file_that_is_too_deep_is_told_however_it_is_read(depth: int, step: str) -> None:
    data = (step * depth + "1" + ("]" * depth if step == "[" else "")).encode()
    value, _, faults = read_document(data)
    careful = _read_document_carefully(data)
    assert (value, faults) == (careful[0], careful[2])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(OBJECT, min_size=1, max_size=3))
def test_what_is_written_is_read_back(objects: list[dict[str, Any]]) -> None:
    documents, faults = read_manifests(emit(objects))
    assert ([document.value for document in documents], faults) == (objects, [])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(OBJECT)
def test_the_fast_and_the_careful_reader_agree(value: dict[str, Any]) -> None:
    assert _read_carefully(emit([value])) == (value, [])


@pytest.mark.parametrize(
    "text",
    [
        "# 1,000 of them: yes\na: b\n",
        "a:\n  # !x\n  b: c\n",
        "a: |\n  !x\n  /y\nb: c\n",
        "a:\n  b: |-\n    y\n\n    - 010\n  c: d\n",
        "a: |\n  !x",
    ],
)
def test_what_is_a_comment_or_mere_text_is_read_fast(text: str) -> None:
    assert is_plain(text.encode())
    assert _one(text) == _read_carefully(text.encode())[0]


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  x\nb: yes\n",
        "- a: |\n    x\n  b: yes\n",
        'a: {p: "x\n  k: |\n    x", b: yes}\n',
        "a: # 1\n  yes\n",
        'a: "\n  k: |\n    x"\nb: yes\n',
    ],
)
def test_what_only_looks_like_it_is_read_carefully(text: str) -> None:
    assert not is_plain(text.encode())


def test_documents_keep_their_lines_and_empty_ones_are_left_out() -> None:
    documents, faults = read_manifests(
        b"# only a comment\n---\na: 1\n---\n---\n# x\n\nb: |\n  --- no\n---  # c\nc: 3\n"
    )
    assert faults == []
    assert documents == [
        Parsed(b"---\na: 1\n", 2, {"a": 1}),
        Parsed(b"---\n# x\n\nb: |\n  --- no\n", 5, {"b": "--- no\n"}),
        Parsed(b"---  # c\nc: 3\n", 10, {"c": 3}),
    ]


def test_json_crlf_and_a_byte_order_mark_are_read() -> None:
    assert _one('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert _one("a: 1\r\nb:\r\n- x\r\n") == {"a": 1, "b": ["x"]}
    assert _one("\ufeffa: 1\n") == {"a": 1}


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"\xff\xfea\x00", 1, "UTF-16"),
        (b"a: 1\n\x00", 2, "NUL"),
        (b"a: 1\nb: \xe9\n", 2, "not UTF-8"),
        (b"a: 1\n---\na: [1,\n", 4, "not YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "stands twice in one map, first on line 1"),
        (b"a: " + b"[" * 200 + b"]" * 200, 1, "levels deep"),
        (b"a: &a [1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(9)
        ), 7, "aliases stand for"),
        (b"a: &a [*a]\n", 1, "stands inside what it names"),
        (b"a: *b\n", 1, "an undefined alias"),
        (b"{a: " * 20_000, 1, "levels deep"),
        (b"<<: 3\n", 1, "merges a map"),
        (b"? [1]\n: 2\n", 1, "a key is a list or a map"),
        (b"a: .inf\n", 1, "no number that JSON"),
        (b"a: !!int foo\n", 1, "cannot be read as !!int"),
        (b"x: 1\n~: b\n", 2, "a key is null"),
        (b"a: 1\n<<: {a: 2}\n", 2, "kubectl takes the merged value"),
        (b"<<: {a: 2}\n<<: {b: 2}\n", 2, "'<<' stands twice"),
        (b"a: &x 1\nb: &x 2\n", 2, "an anchor is defined twice"),
        (b"a: 1\n...\nb: 1\n", 3, "behind the end of the document"),
        (b"%YAML 1.1\n---\na: 1\n", 2, "behind the end of the document"),
        (b"x" * (64 * 1024 * 1024 + 1), 0, "is the limit"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(data: bytes, line: int, message: str) -> None:
    _, faults = read_manifests(data)
    assert [(fault.line, message in fault.message) for fault in faults] == [(line, True)]


def test_tags_are_followed_and_merges_that_nobody_doubts_are_made() -> None:
    assert _one("a: !!str 1\nb: !!int '12'\nc: !own text\nd: !!float 1\ne: !!bool yes\nf: !!null ''\n") == {
        **{"a": "1", "b": 12, "c": "text", "d": 1, "e": True, "f": None}
    }
    assert _one("<<: [{a: 1, b: 2}, {b: 3, c: 4}]\nc: 5\n") == {"a": 1, "b": 2, "c": 5}


def test_numbers_of_thousands_of_digits_are_no_numbers() -> None:
    digits = "1" * 5000
    assert _one(f"a: {digits}\n") == {"a": digits}
    _, _, faults = read_document(f"a: {digits}\nb: -{digits}\n".encode())
    assert [(fault.line, "no number that JSON" in fault.message) for fault in faults] == [(1, True), (2, True)]


def test_a_bad_document_does_not_hide_the_good_ones() -> None:
    documents, faults = read_manifests(b"a: 1\n---\nb: [\n---\nc: 3\n")
    assert ([document.value for document in documents], len(faults)) == ([{"a": 1}, {"c": 3}], 1)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=40))
def test_any_bytes_give_an_answer(data: bytes) -> None:
    documents, faults = read_manifests(data)
    assert all(isinstance(fault, Fault) for fault in faults)
    assert all(document.value is not None for document in documents)
    read_document(data)


def test_positions_of_values_and_keys() -> None:
    where = positions(b"---\na:\n- x: 1\n  y: {z: 2}\n", first_line=5)
    assert where.find(("a", 0, "y", "z")) == (8, 10)
    assert where.find(("a", 0, "y"), key=True) == (8, 3)
    assert where.find(("a", 0, "nothing", "here")) == (7, 3)


def test_a_persons_file_is_yaml_1_2_and_every_duplicate_is_told() -> None:
    value, where, faults = read_document(b"on: yes\nn: 0123\nv: 1.10\nx: &x {k: 1}\ny: {<<: *x, l: 2}\non: 1\nv: 2\n")
    assert value == {"on": "yes", "n": 123, "v": 1.1, "x": {"k": 1}, "y": {"k": 1, "l": 2}}
    assert where.find(("y", "k")) == (4, 11)
    assert [(fault.line, fault.column) for fault in faults] == [(6, 1), (7, 1)]


def test_several_documents_are_no_persons_file() -> None:
    _, _, faults = read_document(b"a: 1\n---\nb: 2\n")
    assert [fault.line for fault in faults] == [2]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(OBJECT)
def test_a_value_is_read_the_same_with_and_without_positions(value: dict[str, Any]) -> None:
    assert read_value(emit([value])) == (value, [])


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: [", "a: &x {b: 1}\nc: {<<: *x}\n", "1: a\n", "a: {1: b}\n", ""])
def test_what_is_unusual_is_read_the_same_with_and_without_positions(text: str) -> None:
    value, _, faults = read_document(text.encode())
    assert read_value(text.encode()) == (value, faults)
