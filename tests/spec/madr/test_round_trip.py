"""Reading what was written gives the decisions again, whatever people write into them."""

from __future__ import annotations

import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.spec.decisions import Decision, Recognition, Rejected
from solutio_topology.spec.madr import edited_by_hand, is_ours, read_record, records
from solutio_topology.workflows.project import open_project

ROOT = Path(__file__).parents[3]

_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff")
# What a record is made of, so that it also stands in the texts.
_PIECES = st.sampled_from(
    ['"', '", because ', "# ", "## Considered Options", "* ", ": ", "\\#", "```", "---", "because", "Bad, because x"]
)
_line = (
    st.lists(st.text(_CHARACTERS, max_size=6) | _PIECES, min_size=1, max_size=4)
    .map("".join)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
_text = st.lists(_line | st.just(""), min_size=1, max_size=5).map("\n".join).map(str.strip).filter(bool)
_name = st.from_regex(r"[a-z][a-z0-9-]{0,6}[a-z0-9]", fullmatch=True)
_marks = st.builds(
    Recognition,
    images=st.lists(st.sampled_from(["mongo", "bitnami/mongodb*"]), max_size=2, unique=True),
    hosts=st.lists(st.sampled_from(["*.mongodb.net"]), max_size=1),
    ports=st.lists(st.integers(1, 65535), max_size=1),
    known=st.booleans(),
)
_rejected = st.builds(
    Rejected,
    reason=st.none() | _line,
    recognise=st.none() | _marks,
    allowed=st.dictionaries(_name, _line, max_size=2),
    unseen=st.none() | _line,
)
_decision = st.builds(
    Decision,
    title=_line,
    chosen=_line,
    why=st.none() | _line,
    context=st.none() | _text,
    rejected=st.dictionaries(_line, _rejected, max_size=3),
    components=st.lists(_name, max_size=2, unique=True),
    recognise=st.none() | _marks,
    placement=st.sampled_from([None, "cluster", "external"]),
    unseen=st.none() | _line,
    status=st.sampled_from(["proposed", "accepted", "rejected", "deprecated", "superseded"]),
    date=st.none() | st.dates(datetime.date(2000, 1, 1)),
    supersedes=st.lists(_name, max_size=2, unique=True),
    id=st.none() | st.integers(1, 9999),
)


def _spelled_out(decision: Decision) -> Decision:
    """The decision, the short forms of its alternatives spelled out: both say the same."""
    return decision.model_copy(update={"rejected": decision.alternatives()})


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(_name, _decision, min_size=1, max_size=3))
def test_reading_what_was_written_gives_the_decisions_again(decisions: dict[str, Decision]) -> None:
    written = records(decisions)
    read = [read_record(text.encode(), name) for name, text in written.items()]
    assert {each.key: _spelled_out(each.decision) for each in read} == {
        key: _spelled_out(each) for key, each in decisions.items()
    }
    assert all(each.left == () for each in read)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(_name, _decision, min_size=1, max_size=2), st.data())
def test_it_is_seen_when_somebody_edits_a_record(decisions: dict[str, Decision], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(sorted(records(decisions).values())))
    assert is_ours(text)
    assert not edited_by_hand(text)
    at = data.draw(st.integers(text.index("\n", 4) + 1, len(text)))
    assert edited_by_hand(f"{text[:at]}x{text[at:]}")


def test_a_new_decision_changes_no_other_record() -> None:
    decisions = open_project(ROOT / "topology.yaml").topology.decisions
    first = {key: each for key, each in decisions.items() if key != "db"}
    assert records(first).items() <= records(decisions).items()
