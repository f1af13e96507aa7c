"""Choosing a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solutio_topology.report.model import Report

FORMATS = ("human", "json", "sarif", "junit", "github", "markdown")


def render(report: Report, name: str, *, color: bool = False, verbose: bool = False) -> str:
    """The report in one of FORMATS. Raises KeyError for another."""
    if name == "human":
        from solutio_topology.report import human

        return human.render(report, color=color, verbose=verbose)
    return _writer(name)(report)


def _writer(name: str) -> Callable[[Report], str]:
    from solutio_topology.report import as_json, github, junit, markdown, sarif

    return {
        "json": as_json.render,
        "sarif": sarif.render,
        "junit": junit.render,
        "github": github.render,
        "markdown": markdown.render,
    }[name]
