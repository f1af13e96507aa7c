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
            f"| {_cell(each.message)} | {_cell(each.remedy)} |"
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
                + (_cell(path.missing) or ", ".join(f"{hop.link.key}: {hop.verdict}" for hop in path.hops))
                + " |"
                for path in outcome.paths
            ]
    if taken := taken_on_word(report):
        lines += ["", "### Assumed", "", "| what | hops | source |", "|---|---|---|"]
        lines += [f"| {name} | {count} | {_cell(source)} |" for name, count, source in taken]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
