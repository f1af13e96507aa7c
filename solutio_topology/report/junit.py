"""JUnit XML: a test case per rule and per path, so that what passed is visible."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from solutio_topology.findings import Finding, Severity, Verdict
from solutio_topology.report.model import Report


def render(report: Report) -> str:
    """The report as one ``testsuites`` element."""
    root = ElementTree.Element("testsuites", name="solutio")
    _suite(root, "rules", list(_rule_cases(report)))
    for outcome in report.outcomes:
        _suite(root, f"paths {outcome.environment}", list(_path_cases(report, outcome.environment)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


Case = tuple[str, str, str]
"""Name, failure (empty: passed), and text."""


def _suite(root: ElementTree.Element, name: str, cases: list[Case]) -> None:
    failures = sum(bool(failure) for _, failure, _ in cases)
    suite = ElementTree.SubElement(root, "testsuite", name=name, tests=str(len(cases)), failures=str(failures))
    for case_name, failure, text in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=f"solutio.{name}", name=case_name)
        if failure:
            ElementTree.SubElement(case, "failure", message=_clean(failure)).text = _clean(text)
        elif text:
            ElementTree.SubElement(case, "system-out").text = _clean(text)


def _clean(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(char for char in text if char >= " " or char in "\n\t")


def _rule_cases(report: Report) -> Iterator[Case]:
    from solutio_topology.checks.registry import rules

    by_code: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    for rule in rules():
        found = by_code.pop(rule.code, [])
        yield _case(f"{rule.code} {rule.name}", found)
    for code, found in sorted(by_code.items()):
        yield _case(code, found)


def _case(name: str, found: list[Finding]) -> Case:
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    text = "\n".join(f"{finding.location}: {finding.message}" for finding in found)
    return name, f"{len(errors)} errors" if errors else "", text


def _path_cases(report: Report, environment: str) -> Iterator[Case]:
    outcome = next(each for each in report.outcomes if each.environment == environment)
    for path in outcome.paths:
        bad = path.verdict in {Verdict.REFUTED, Verdict.UNDECIDED}
        told = [f"{hop.link.key}: {hop.verdict}" + (f": {hop.cause.message}" if hop.cause else "") for hop in path.hops]
        text = "\n".join([path.missing, *told] if path.missing else told)
        yield f"{path.name} of {path.pod}", path.verdict.value if bad else "", text
