"""Markdown for a pull request or a wiki."""

from __future__ import annotations

from solutio_topology.report.model import Report, summary, taken_on_word


def render(report: Report) -> str:
    """A heading, a table of findings, a table of paths."""
    lines = [f"## solutio {report.command}: {'passed' if report.ok else 'failed'}", ""]
    lines += [f"- {line}" for line in summary(report)]
    if report.findings:
        lines += ["", "| severity | rule | place | finding | what to do |", "|---|---|---|---|---|"]
        lines += [
            f"| {each.severity} | {each.code} {each.name} | `{each.location}` "
            f"| {cell(each.message)} | {cell(each.remedy)} |"
            for each in report.findings
        ]
    for outcome in report.outcomes:
        if outcome.paths:
            lines += [
                "",
                f"### Paths of {outcome.environment}",
                "",
                "| path | tenant pod | verdict | hops |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {path.name} | {path.pod} | {path.verdict} | "
                + (cell(path.missing) or ", ".join(f"{hop.link.key}: {hop.verdict}" for hop in path.hops))
                + " |"
                for path in outcome.paths
            ]
    if taken := taken_on_word(report):
        lines += ["", "### Assumed", "", "| what | hops | source |", "|---|---|---|"]
        lines += [f"| {name} | {count} | {cell(source)} |" for name, count, source in taken]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """Text that can stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ")
