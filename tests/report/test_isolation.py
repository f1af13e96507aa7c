from __future__ import annotations

import json

from solutio_topology import __version__
from solutio_topology.checks.isolation.model import Accepted, Aspect, Shared, Statement
from solutio_topology.checks.paths.model import Fact
from solutio_topology.checks.places import Where
from solutio_topology.findings import Finding, Location, Severity
from solutio_topology.manifests.facts import Assumption
from solutio_topology.report import isolation_json, isolation_markdown, isolation_text


def _fact(statement: str, line: int) -> Fact:
    return Fact(statement, Where(None, known=Location("a.yaml", line, 1)))


def _finding(code: str) -> Finding:
    at = Location("b.yaml", 7, 3)
    return Finding(code, "a-fault", Severity.ERROR, f"{code} is | wrong", "mend it", at, "Secret a/b")


STATEMENT = Statement(
    "prod",
    "acme",
    "enterprise",
    ("acme-gmbh",),
    (
        Aspect("namespaces", tuple(_fact(f"namespace n{number}", number) for number in range(1, 8))),
        Aspect(
            "secrets",
            (_fact("Secret x", 9),),
            (Shared(_fact("store s", 10), "the platform's"),),
            (Assumption("entries-differ", "each is its own", "nowhere"),),
            accepted=(Accepted(_finding("T008"), "for a while"),),
        ),
        Aspect("storage", (), undecided=(_fact("who knows", 11),)),
        Aspect("nodes", (), findings=(_finding("T014"),)),
    ),
)


def test_the_text_says_all_of_it_in_eighty_columns() -> None:
    text = isolation_text.render([STATEMENT])
    assert text.splitlines() == [
        "tenant pod acme of prod (tier enterprise, serves acme-gmbh): refuted",
        "  namespaces  proven",
        *(line for number in range(1, 5) for line in (f"     own: namespace n{number}", f"       a.yaml:{number}:1")),
        "     own: 3 more; --verbose shows them",
        "  secrets  assumed",
        "     own: Secret x",
        "       a.yaml:9:1",
        "     shared: store s (the platform's)",
        "     accepted: T008 T008 is | wrong: for a while",
        "     assumed entries-differ: each is its own [nowhere]",
        "  storage  undecided",
        "     undecided: who knows",
        "       a.yaml:11:1",
        "  nodes  refuted",
        "     T014: T014 is | wrong",
        "       b.yaml:7:3",
        "     do: mend it",
    ]
    assert "n7" in isolation_text.render([STATEMENT], verbose=True)
    assert "\x1b[31mrefuted" in isolation_text.render([STATEMENT], color=True)


def test_the_json_holds_all_of_it() -> None:
    found = json.loads(isolation_json.render([STATEMENT], ["a note"]))
    (pod,) = found.pop("pods")
    assert found == {
        "schemaVersion": 1,
        "toolVersion": __version__,
        "command": "isolation",
        "ok": False,
        "notes": ["a note"],
    }
    assert {key: pod[key] for key in ("environment", "pod", "tier", "orgs", "verdict")} == {
        "environment": "prod",
        "pod": "acme",
        "tier": "enterprise",
        "orgs": ["acme-gmbh"],
        "verdict": "refuted",
    }
    secrets = pod["aspects"][1]
    assert secrets["shared"] == [
        {"statement": "store s", "file": "a.yaml", "line": 10, "column": 1, "why": "the platform's"}
    ]
    assert secrets["accepted"][0]["reason"] == "for a while"
    assert pod["aspects"][3]["findings"][0]["code"] == "T014"
    assert json.loads(isolation_json.render([]))["ok"] is True


def test_the_page_has_a_table_of_each_kind_and_breaks_at_no_sign() -> None:
    text = isolation_markdown.render([STATEMENT])
    assert text.startswith("## Isolation of acme in prod: refuted\n\nTier enterprise; serves acme-gmbh.\n")
    assert "| secrets | assumed | 1 | 1 | 1 | 0 |" in text
    titles = [line for line in text.splitlines() if line.startswith("### ")]
    assert titles == ["### Its own", "### Shared", "### Accepted", "### Assumed", "### Not known", "### Contradicted"]
    assert "| nodes | T014 | T014 is \\| wrong | `b.yaml:7:3` | mend it |" in text
