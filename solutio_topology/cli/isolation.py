"""``solutio isolation``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from solutio_topology.cli.options import Environment, NoColor, TopologyFile, Verbose, use_color, working


class IsolationFormat(StrEnum):
    """The formats of a statement."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


Pod = Annotated[str | None, typer.Argument(help="Tenant pod; all dedicated ones when none is named.", metavar="[POD]")]
Form = Annotated[IsolationFormat, typer.Option("--format", "-f", help="Format of the result.")]
Manifests = Annotated[Path | None, typer.Option("--manifests", help="Judge this folder.", metavar="DIR")]


def command(
    environment: Environment,
    pod: Pod = None,
    topology: TopologyFile = None,
    manifests: Manifests = None,
    form: Form = IsolationFormat.HUMAN,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Say what each dedicated tenant pod has for itself and what it shares, proved from the manifests."""
    from solutio_topology.findings import Verdict
    from solutio_topology.workflows.isolation import state
    from solutio_topology.workflows.project import open_project

    project = open_project(topology)
    (name,) = project.environments((environment,))
    with working(f"reading the manifests of {name}"):
        found, notes = state(project, name, pod, manifests=manifests)
    if form is IsolationFormat.JSON:
        from solutio_topology.report import isolation_json

        sys.stdout.write(isolation_json.render(found, notes))
    elif form is IsolationFormat.MARKDOWN:
        from solutio_topology.report import isolation_markdown

        sys.stdout.write(isolation_markdown.render(found))
    else:
        from solutio_topology.report import isolation_text

        text = isolation_text.render(found, color=use_color(no_color=no_color), verbose=verbose)
        sys.stdout.write(text or f"{name} has no dedicated tenant pod\n")
    sys.stderr.write("".join(f"{note}\n" for note in notes))
    worst = max((each.verdict.rank for each in found), default=0)
    raise typer.Exit({Verdict.UNDECIDED.rank: 2, Verdict.REFUTED.rank: 1}.get(worst, 0))
