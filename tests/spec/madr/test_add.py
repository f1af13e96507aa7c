"""Putting decisions into a topology: its other lines stay, and what was there is never lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology import catalog
from solutio_topology.errors import InputError, SolutioError
from solutio_topology.spec.decisions import Decision
from solutio_topology.spec.load import load_text
from solutio_topology.spec.madr import read_record, records
from solutio_topology.spec.madr.add import add_decisions, plain
from solutio_topology.spec.madr.read import Imported
from solutio_topology.yamlio import read_document
from tests.spec.madr.test_round_trip import _decision, _name

ROOT = Path(__file__).parents[3]
TOPOLOGY = (ROOT / "topology.yaml").read_bytes()
KNOWN = load_text(TOPOLOGY, "topology.yaml", known_components=catalog.names()).topology.decisions


def _lines(data: bytes) -> list[str]:
    return data.decode().splitlines()


def test_what_is_there_already_changes_nothing() -> None:
    imported = [read_record(text.encode(), name) for name, text in records(KNOWN).items()]
    assert add_decisions(TOPOLOGY, "topology.yaml", KNOWN, imported) == (TOPOLOGY, ())


def test_a_new_decision_is_added_and_every_other_line_stays() -> None:
    decision = Decision(title="Cache", chosen="Redis", rejected={"Memcached": "no persistence", "Valkey": None}, id=9)
    data, changed = add_decisions(TOPOLOGY, "topology.yaml", KNOWN, [Imported("cache", decision)])
    assert changed == ("cache",)
    before, after = _lines(TOPOLOGY), _lines(data)
    added = [
        "  cache:",
        "    title: Cache",
        "    chosen: Redis",
        "    rejected:",
        "      Memcached: no persistence",
        "      Valkey: null",
        "    id: 9",
    ]
    at = after.index("  cache:")
    assert after[at : at + len(added)] == added
    assert [*after[:at], *after[at + len(added) :]] == before
    assert load_text(data, "topology.yaml", known_components=catalog.names()).topology.decisions["cache"] == decision


def test_a_decision_that_says_something_else_is_not_replaced_unless_told_to() -> None:
    other = Imported("db", KNOWN["db"].model_copy(update={"why": "it is known"}))
    with pytest.raises(SolutioError, match="another decision db already; nothing was written"):
        add_decisions(TOPOLOGY, "topology.yaml", KNOWN, [other])
    data, changed = add_decisions(TOPOLOGY, "topology.yaml", KNOWN, [other], replace=True)
    assert changed == ("db",)
    assert load_text(data, "topology.yaml").topology.decisions["db"].why == "it is known"


def test_two_records_of_one_decision_are_refused() -> None:
    twice = [Imported("x", KNOWN["db"]), Imported("x", KNOWN["front"])]
    with pytest.raises(SolutioError, match="two records are of one decision x"):
        add_decisions(TOPOLOGY, "topology.yaml", KNOWN, twice)


@pytest.mark.parametrize("said", ["0019-new.md", "new", "ADR-0019"])
def test_what_replaced_a_decision_says_so_from_now_on(said: str) -> None:
    old = Imported(
        "old", Decision(title="O", chosen="Files", status="superseded"), superseded_by=said, name="0001-old.md"
    )
    new = Imported("new", Decision(title="N", chosen="Redis", id=19), name="0019-new.md")
    data, changed = add_decisions(TOPOLOGY, "topology.yaml", KNOWN, [old, new])
    assert changed == ("old", "new")
    assert load_text(data, "topology.yaml").topology.decisions["new"].supersedes == ["old"]


def test_a_topology_without_decisions_gets_some() -> None:
    data, _ = add_decisions(b"# head\na: 1  # one\n", "t.yaml", {}, [Imported("x", Decision(title="T", chosen="C"))])
    assert data == b"# head\na: 1  # one\ndecisions:\n  x:\n    title: T\n    chosen: C\n"


_NEW = '  new:\n    title: New\n    chosen: Ours\n    date: "2026-02-28"\n'
_BLOCK = "decisions:\n  a:\n    title: A\n    chosen: x   # why\n"
_FLOW = "  a:   {title: A, chosen: x}\n"
_TEXT = "decisions:\n  a:\n    title: A\n    chosen: x\n    context: |\n      # no comment\n\n      more\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{_BLOCK}\n# about b\nb: 1\n", f"{_BLOCK}{_NEW}\n# about b\nb: 1\n"),
        (f"decisions:\n{_FLOW}  # more\n\n# about b\nb: 1", f"decisions:\n{_FLOW}  # more\n{_NEW}\n# about b\nb: 1"),
        (f"b: 1\ndecisions:\n  # about a\n{_FLOW}# end\n", f"b: 1\ndecisions:\n  # about a\n{_FLOW}{_NEW}# end\n"),
        (f"decisions:\n{_FLOW}b: 1\n".replace("\n", "\r\n"), f"decisions:\n{_FLOW}{_NEW}b: 1\n".replace("\n", "\r\n")),
        (f"{_TEXT}\nb: 1\n", f"{_TEXT}{_NEW}\nb: 1\n"),
        (
            "decisions:\n    a: {title: A}\nb: 1\n",
            "decisions:\n    a: {title: A}\n" + "".join(f"  {line}\n" for line in _NEW.splitlines()) + "b: 1\n",
        ),
        ("b:   1", f"b:   1\ndecisions:\n{_NEW}"),
        (
            "decisions: {a: {title: A}}\nb: 1\n",
            "decisions: {a: {title: A}, new: {title: New, chosen: Ours, date: 2026-02-28}}\nb: 1\n",
        ),
        ("decisions: {}\nb: 1\n", None),
    ],
)
def test_a_new_decision_stands_behind_the_others_wherever_comments_are(before: str, after: str | None) -> None:
    decision = Decision(title="New", chosen="Ours", date=datetime.date(2026, 2, 28))
    data, _ = add_decisions(before.encode(), "t.yaml", {}, [Imported("new", decision)])
    value, _, faults = read_document(data)
    assert faults == []
    assert value["decisions"]["new"] == {"title": "New", "chosen": "Ours", "date": "2026-02-28"}
    assert data.decode() == after or after is None


def test_a_comment_that_an_edit_would_lose_stops_it() -> None:
    text = b"decisions:\n  a:\n    title: A\n    chosen: x\n    why: y\n    # about why\nb: 1\n"
    other = Imported("a", Decision(title="A", chosen="x"))
    known = {"a": Decision(title="A", chosen="x", why="y")}
    with pytest.raises(SolutioError, match="the comment '# about why' would be lost; nothing was written"):
        add_decisions(text, "t.yaml", known, [other], replace=True)


def test_a_topology_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError):
        add_decisions(b"a: [", "t.yaml", {}, [Imported("x", Decision(title="T", chosen="C"))])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_name, _decision, min_size=1, max_size=2))
def test_what_was_added_reads_as_what_was_imported(decisions: dict[str, Decision]) -> None:
    known = set(decisions)
    mine = {
        key: each.model_copy(
            update={
                "components": [],
                "supersedes": [name for name in each.supersedes if name in known],
                "recognise": None,
            }
        )
        for key, each in decisions.items()
    }
    mine = {
        key: each.model_copy(
            update={"rejected": {n: r.model_copy(update={"allowed": {}}) for n, r in each.alternatives().items()}}
        )
        for key, each in mine.items()
    }
    data, _ = add_decisions(
        TOPOLOGY, "topology.yaml", {}, [Imported(key, each) for key, each in mine.items()], replace=True
    )
    found = load_text(data, "topology.yaml").topology.decisions
    assert {key: plain(found[key]) for key in mine} == {key: plain(each) for key, each in mine.items()}
