from __future__ import annotations

import json
from xml.etree import ElementTree

from msgspec.structs import replace

from solutio_topology import __version__
from solutio_topology.findings import Finding, Location, Related, Severity
from solutio_topology.report import as_json, github, human, junit, markdown, sarif
from solutio_topology.report.model import Report

FOUND = Finding(
    code="R001",
    name="service-leads-nowhere",
    severity=Severity.ERROR,
    message="Service a/b has no pods: 100% of | them, gone\nreally",
    remedy="correct the selector",
    location=Location("rendered/prod/a.yaml", 7, 3, "/spec/selector"),
    subject="Service a/b",
    related=(Related(Location("rendered/prod/c.yaml", 2, 1), "the pods are here"),),
    excerpt="  selector: {app: x}",
)
LONG = Finding(
    code="G007",
    name="single-point-of-failure",
    severity=Severity.WARNING,
    message="word " * 40,
    remedy="more " * 30,
    location=Location("topology.yaml", 1, 1),
    subject="service x",
)
REPORT = Report("validate", (FOUND, LONG), acknowledged=((LONG, "a reason"),))


def test_json_says_what_the_contract_says() -> None:
    found = json.loads(as_json.render(REPORT))
    assert (found["schemaVersion"], found["toolVersion"], found["command"], found["ok"]) == (
        1,
        __version__,
        "validate",
        False,
    )
    assert found["findings"][0] == {
        "code": "R001",
        "name": "service-leads-nowhere",
        "severity": "error",
        "message": FOUND.message,
        "remedy": "correct the selector",
        "file": "rendered/prod/a.yaml",
        "line": 7,
        "column": 3,
        "pointer": "/spec/selector",
        "subject": "Service a/b",
        "related": [{"file": "rendered/prod/c.yaml", "line": 2, "message": "the pods are here"}],
    }
    assert found["summary"] == {
        "error": 1,
        "warning": 1,
        "info": 0,
        "acknowledged": 1,
        "hops": {"proven": 0, "assumed": 0, "refuted": 0, "undecided": 0},
    }


def test_sarif_has_a_rule_a_region_and_a_stable_fingerprint_for_each_result() -> None:
    log = json.loads(sarif.render(REPORT))
    run = log["runs"][0]
    first = run["results"][0]
    assert (log["version"], first["ruleId"], first["level"]) == ("2.1.0", "R001", "error")
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "R001"
    place = first["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "rendered/prod/a.yaml"}, "region": {"startLine": 7, "startColumn": 3}}
    again = json.loads(sarif.render(REPORT))["runs"][0]["results"][0]
    assert first["partialFingerprints"] == again["partialFingerprints"]
    assert len(first["partialFingerprints"]["solutio/v1"]) == 64


def test_junit_has_a_case_for_every_rule_and_fails_the_ones_with_errors() -> None:
    root = ElementTree.fromstring(junit.render(REPORT).partition("\n")[2])
    (suite,) = root.findall("testsuite")
    failing = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert [str(name)[:4] for name in failing] == ["R001"]
    assert int(suite.get("tests", "0")) > 50
    assert suite.get("failures") == "1"


def test_github_commands_are_escaped() -> None:
    first = github.render(REPORT).splitlines()[0]
    assert first == (
        "::error file=rendered/prod/a.yaml,line=7,col=3,title=R001 service-leads-nowhere"
        "::Service a/b has no pods: 100%25 of | them, gone%0Areally. correct the selector"
    )


def test_markdown_keeps_its_tables() -> None:
    lines = markdown.render(REPORT).splitlines()
    assert lines[0] == "## solutio validate: failed"
    (row,) = [line for line in lines if "R001" in line]
    assert r"of \| them, gone really" in row
    assert row.count(" | ") == 4


def test_text_for_people_fits_80_columns_and_points_at_the_place() -> None:
    text = human.render(REPORT)
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= 80
    at = next(index for index, line in enumerate(lines) if "selector: {app: x}" in line)
    assert lines[at + 1].index("^") == lines[at].index("selector")
    assert "\x1b[" not in text
    assert "\x1b[31m" in human.render(REPORT, color=True)
    assert lines[-1] == "1 error, 1 warning, 0 info; 1 acknowledged"


def test_what_crosses_tenants_is_told_before_everything_else() -> None:
    crossing = replace(FOUND, code="N002", name="cross-tenant-connection", location=Location("z.yaml", 9))
    findings = tuple(sorted((FOUND, LONG, crossing), key=lambda each: each.sort_key))
    assert findings[0] == crossing
    assert human.render(Report("validate", findings)).splitlines()[:3] == [
        "TENANTS ARE NOT ISOLATED: 1 way leads from one to another",
        "",
        "z.yaml",
    ]
