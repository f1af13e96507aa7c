from __future__ import annotations

from pathlib import Path

import pytest

from solutio_topology.yamlio import Fault
from solutio_topology.yamlio.round_trip import RoundTrip, dump_round_trip, load_round_trip

ROOT = Path(__file__).parents[2]
FILE = """\
# Head
on: yes          # 1.2: text
sizes:
  small:  {cpu: 100m, ports: [{port: 80}]}
  large:  {cpu: "2"}

list:
  - name: 'quoted'   # keep me
    text: |
      one
        two
  - name: plain

# Tail
"""


def _load(data: bytes) -> RoundTrip:
    document = load_round_trip(data)
    assert isinstance(document, RoundTrip)
    return document


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.yaml"), *ROOT.glob("examples/*/topology.yaml")]), ids=str)
def test_a_file_that_is_not_edited_stays_as_it_is(path: Path) -> None:
    assert dump_round_trip(_load(path.read_bytes())) == path.read_bytes()


@pytest.mark.parametrize("text", [FILE, FILE.replace("\n", "\r\n"), "\ufeff" + FILE, "a: 1\n", "{a: [1, 2]}\n"])
def test_every_byte_is_kept(text: str) -> None:
    assert dump_round_trip(_load(text.encode())) == text.encode()


def test_only_the_lines_of_an_edit_change() -> None:
    document = _load(FILE.encode())
    document.value["sizes"]["large"]["cpu"] = "4"
    document.value["list"].append({"name": "new"})
    document.value["added"] = True
    edited = dump_round_trip(document).decode().splitlines()
    before = FILE.splitlines()
    assert [line for line in before if line not in edited] == ['  large:  {cpu: "2"}']
    assert [line for line in edited if line not in before] == ['  large: {cpu: "4"}', "  - name: new", "added: true"]


@pytest.mark.parametrize(
    ("data", "line"), [(b"a: [\n", 2), (b"a: 1\na: 2\n", 2), (b"a: 1\n---\nb: 2\n", 2), (b"\xff\xfea\x00", 1)]
)
def test_what_cannot_be_edited_is_said_with_its_line(data: bytes, line: int) -> None:
    fault = load_round_trip(data)
    assert isinstance(fault, Fault)
    assert fault.line == line


def test_a_null_that_is_written_out_costs_no_other_line_its_layout() -> None:
    text = "a:   1\nb: null   # none\nc:\n  - ~\n  - {d: null}\nlast: 1\n"
    document = _load(text.encode())
    document.value["last"] = 2
    assert dump_round_trip(document).decode() == text.replace("last: 1", "last: 2")
