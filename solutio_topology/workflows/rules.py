"""Explaining rules."""

from __future__ import annotations

from solutio_topology.checks.registry import rules
from solutio_topology.errors import SolutioError
from solutio_topology.findings import Rule


def listing() -> str:
    """One line a rule."""
    return "".join(f"{rule.code}  {rule.severity.value:<8}{rule.name:<34}{rule.summary}\n" for rule in rules())


def page(code: str) -> str:
    """A rule with its rationale, an example and its remedy. Raises SolutioError for a code that no rule has."""
    for rule in rules():
        if code.upper() in {rule.code, rule.name.upper()}:
            return text(rule)
    raise SolutioError(f"there is no rule {code!r}", remedy="solutio rules lists them")


def text(rule: Rule) -> str:
    """The page of a rule, as markdown."""
    return (
        f"# {rule.code} {rule.name}\n\n"
        f"Severity: {rule.severity.value}\n\n"
        f"{rule.summary}\n\n"
        f"## Why it matters\n\n{rule.rationale}\n\n"
        f"## Example\n\n```\n{rule.example}\n```\n\n"
        f"## What to do\n\n{rule.remedy[0].upper()}{rule.remedy[1:]}.\n"
    )
