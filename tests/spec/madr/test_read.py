"""Records as people write them, by the templates of MADR, and what is said of those that are none."""

from __future__ import annotations

import datetime

import pytest

from solutio_topology.errors import InputError
from solutio_topology.spec.decisions import Decision
from solutio_topology.spec.madr import read_record

FULL = """\
---
# These are optional metadata elements. Feel free to remove any of them.
status: "superseded by [ADR-0019](0019-use-postgres-18.md)"
date: 2026-02-28
decision-makers: [Ana, Rui]
consulted: Eva
---

# Use PostgreSQL for orders

## Context and Problem Statement

Orders and stock change together.
Which database keeps them consistent?

```sh
# not a heading
```

## Decision Drivers

* nobody wants two databases

## Considered Options

* PostgreSQL 16
* MongoDB
* Files on
  a volume
* MySQL

## Decision Outcome

Chosen option: "PostgreSQL 16", because
it is what the team knows.

### Consequences

* Good, because one backup is enough

## Pros and Cons of the Options

### PostgreSQL 16

* Good, because transactions

### MongoDB

{example}

* Good, because quick to start
* Bad, because no joins
* Bad, because another
  thing to run

### MySQL

* Neutral, because much the same

## More Information

See the wiki.
"""


def test_the_full_template() -> None:
    found = read_record(FULL.encode(), "docs/adr/0012-use-postgresql.md")
    assert found.key == "use-postgresql"
    assert found.decision == Decision(
        id=12,
        title="Use PostgreSQL for orders",
        chosen="PostgreSQL 16",
        why="it is what the team knows.",
        context=(
            "Orders and stock change together.\nWhich database keeps them consistent?\n\n```sh\n# not a heading\n```"
        ),
        rejected={"MongoDB": "no joins; another thing to run", "Files on a volume": None, "MySQL": None},
        status="superseded",
        date=datetime.date(2026, 2, 28),
    )
    assert found.superseded_by == "0019-use-postgres-18.md"
    assert found.left == (
        "decision-makers",
        "consulted",
        "Decision Drivers",
        "Consequences",
        "what is good or neutral about PostgreSQL 16",
        "what is good or neutral about MongoDB",
        "what is good or neutral about MySQL",
        "More Information",
    )


def test_the_minimal_template_with_windows_line_ends() -> None:
    text = (
        "# 3. Take Redis\n\n## Considered Options\n\n- Redis\n- Valkey\n\n## Decision Outcome\n\nChosen option: Redis\n"
    )
    found = read_record(text.replace("\n", "\r\n").encode(), "take-redis.md")
    assert found.key == "take-redis"
    assert found.decision == Decision(title="Take Redis", chosen="Redis", rejected={"Valkey": None})


def test_the_template_before_there_was_a_front_matter() -> None:
    text = (
        "# Use Redis\n\n* Status: Accepted\n* Deciders: Ana\n* Date: 2024-03-01\n\n"
        "## Considered Options\n\n* [Redis](x)\n\n"
        "## Decision Outcome\n\nChosen option: **Redis 7**, because it is fast.\n"
    )
    decision = read_record(text.encode(), "0001-redis.md").decision
    assert (decision.status, decision.date) == ("accepted", datetime.date(2024, 3, 1))
    assert (decision.chosen, decision.why) == ("Redis 7", "it is fast.")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "this is no MADR record: it has no title"),
        ("# Title\n\nSome text.\n", 1, "this is no MADR record: it does not say which option was chosen"),
        ("# T\n\n## Decision Outcome\n\nWe took Redis.\n", 3, "it does not say which option was chosen"),
        ("---\nstatus: [\n---\n# T\n", 2, "the front matter is"),
        ("---\n- a\n---\n# T\n", 1, "the front matter is no map"),
        (
            "---\ndate: soon\n---\n# T\n\n## Decision Outcome\n\nChosen option: x\n",
            1,
            "'soon' is no day of the calendar",
        ),
        ("---\nstatus: maybe\n---\n# T\n\n## Decision Outcome\n\nChosen option: x\n", 1, "status: 'maybe' is none of"),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_record(text.encode(), "x.md")
    (finding,) = caught.value.findings
    assert message in finding.message
    assert (finding.location.file, finding.remedy != "") == ("x.md", True)
    assert finding.location.line >= line


@pytest.mark.parametrize("data", [b"\x00\xff", b"---\n", b"---\n---\n", b"# \n", "# T\u2028\n".encode(), b"#" * 10_000])
def test_junk_is_refused_and_breaks_nothing(data: bytes) -> None:
    with pytest.raises(InputError):
        read_record(data, "x.md")
