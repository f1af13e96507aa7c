"""``solutio cost``."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Environments, NoColor, TopologyFile, use_color

if TYPE_CHECKING:
    from solutio_topology.cost.estimate import Comparison, Estimate


class CostFormat(StrEnum):
    """The formats of a bill."""

    HUMAN = "human"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Form = Annotated[CostFormat, typer.Option("--format", "-f", help="Format of the result.")]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Compare with another value, without editing: services.api.replicas.min=4. Several times if need be.",
        metavar="PATH=VALUE",
    ),
]


def command(
    environments: Environments = None,
    topology: TopologyFile = None,
    values: Values = None,
    form: Form = CostFormat.HUMAN,
    no_color: NoColor = False,
) -> None:
    """Say what environments cost a month: each line with its price and source, by layer, tier, tenant pod and pool."""
    from solutio_topology.workflows.cost import compare, estimate
    from solutio_topology.workflows.project import open_project, open_with

    color = use_color(no_color=no_color)
    named = tuple(environments or ())
    if values:
        project, changed = open_with(topology, values)
        found = compare(project, changed, project.environments(named))
        sys.stdout.write(_compared(found, values, form, color=color))
    else:
        project = open_project(topology)
        sys.stdout.write(_told(estimate(project, project.environments(named)), form, color=color))


def _told(found: tuple[Estimate, ...], form: CostFormat, *, color: bool) -> str:
    if form is CostFormat.JSON:
        from solutio_topology.report import cost_json

        return cost_json.render(found)
    if form is CostFormat.CSV:
        from solutio_topology.report import cost_csv

        return cost_csv.render(found)
    if form is CostFormat.MARKDOWN:
        from solutio_topology.report import cost_markdown

        return cost_markdown.render(found)
    from solutio_topology.report import cost_text

    return cost_text.render(found, color=color)


def _compared(found: tuple[Comparison, ...], values: list[str], form: CostFormat, *, color: bool) -> str:
    if form is CostFormat.JSON:
        from solutio_topology.report import cost_json

        return cost_json.render_comparison(found, values)
    if form is CostFormat.CSV:
        from solutio_topology.report import cost_csv

        return cost_csv.render_comparison(found)
    if form is CostFormat.MARKDOWN:
        from solutio_topology.report import cost_markdown

        return cost_markdown.render_comparison(found, values)
    from solutio_topology.report import cost_text

    return cost_text.render_comparison(found, values, color=color)
