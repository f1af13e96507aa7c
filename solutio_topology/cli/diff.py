"""``solutio diff``."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Environment, ExitZero, NoColor, TopologyFile, use_color, working
from solutio_topology.errors import SolutioError

if TYPE_CHECKING:
    from solutio_topology.diff.model import Difference


class DiffFormat(StrEnum):
    """The formats of a difference."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


Against = Annotated[
    str | None,
    typer.Option("--against", help="Revision or folder to compare with; default: HEAD.", metavar="REV|DIR"),
]
From = Annotated[str | None, typer.Option("--from", help="With --to: compare two revisions.", metavar="REV")]
To = Annotated[str | None, typer.Option("--to", help="With --from: the later revision.", metavar="REV")]
Pod = Annotated[str, typer.Option("--pod", help="Only this tenant pod.")]
Live = Annotated[bool, typer.Option("--live", help="Compare with the cluster of the current kubectl context.")]
Context = Annotated[str, typer.Option("--context", help="With --live: another kubectl context.")]
Stat = Annotated[bool, typer.Option("--stat", help="Only the summary.")]
Full = Annotated[bool, typer.Option("--full", help="Every place of every object.")]
Form = Annotated[DiffFormat, typer.Option("--format", "-f", help="Format of the result.")]
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on", help="Fail only on this; several times if need be.", metavar="danger|exposure|cost:+50|any"
    ),
]


def command(
    environment: Environment,
    topology: TopologyFile = None,
    against: Against = None,
    first: From = None,
    second: To = None,
    pod: Pod = "",
    live: Live = False,
    context: Context = "",
    stat: Stat = False,
    full: Full = False,
    form: Form = DiffFormat.HUMAN,
    fail_on: FailOn = None,
    exit_zero: ExitZero = False,
    no_color: NoColor = False,
) -> None:
    """Say what a rollout will do: objects, restarts, dangers, connections, money, findings."""
    from solutio_topology.diff.gates import failing
    from solutio_topology.workflows.diff import DEFAULT, diff
    from solutio_topology.workflows.project import open_project

    _one_way(against, first, second, live=live)
    project = open_project(topology)
    project.environments((environment,))
    revisions = (first, second) if first and second else None
    with working(f"comparing {environment}"):
        found = diff(
            project, environment, against=against or DEFAULT, revisions=revisions, pod=pod, live=live, context=context
        )
    failed = failing(found, tuple(fail_on or ("any",)))
    sys.stdout.write(_told(found, form, failed, stat=stat, full=full, color=use_color(no_color=no_color)))
    raise typer.Exit(1 if failed and not exit_zero else 0)


def _one_way(against: str | None, first: str | None, second: str | None, *, live: bool) -> None:
    """Raises SolutioError where the options ask for two comparisons at once."""
    if bool(first) != bool(second):
        raise SolutioError("--from and --to belong together", remedy="name both revisions")
    if sum((against is not None, bool(first), live)) > 1:
        raise SolutioError("--against, --from with --to, and --live exclude each other", remedy="choose one of them")


def _told(found: Difference, form: DiffFormat, failed: tuple[str, ...], *, stat: bool, full: bool, color: bool) -> str:
    if form is DiffFormat.JSON:
        from solutio_topology.report.diff_json import render as as_json

        return as_json(found, failing=failed)
    if form is DiffFormat.MARKDOWN:
        from solutio_topology.report.diff_markdown import render as as_markdown

        return as_markdown(found, failing=failed)
    from solutio_topology.report.diff_text import Extent, render

    extent = Extent.STAT if stat else Extent.FULL if full else Extent.USUAL
    return render(found, color=color, extent=extent)
