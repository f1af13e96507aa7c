"""``solutio path``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from solutio_topology.cli.options import Charts, Environment, Format, FormatOption, NoColor, TopologyFile, use_color

First = Annotated[str | None, typer.Argument(help="Path, or the service that it starts from.", metavar="[NAME|FROM]")]
Second = Annotated[str | None, typer.Argument(help="The service that it ends at.", metavar="[TO]")]
Pod = Annotated[str | None, typer.Option("--pod", help="Only this tenant pod.")]
Manifests = Annotated[Path | None, typer.Option("--manifests", help="Judge this folder.", metavar="DIR")]


def command(
    environment: Environment,
    first: First = None,
    second: Second = None,
    topology: TopologyFile = None,
    pod: Pod = None,
    manifests: Manifests = None,
    charts: Charts = None,
    form: FormatOption = Format.HUMAN,
    no_color: NoColor = False,
) -> None:
    """Show the evidence of a path, hop by hop, or the first hop that fails and why."""
    from solutio_topology.findings import Verdict
    from solutio_topology.workflows.path import prove
    from solutio_topology.workflows.project import open_project

    project = open_project(topology)
    (name,) = project.environments((environment,))
    shown = prove(project, name, first, second, pod=pod, manifests=manifests, charts=charts)
    found = shown.paths
    if form is Format.JSON:
        from solutio_topology.report import as_json

        document = [
            {**as_json.path(path), "hops": [as_json.hop(hop) for hop in path.hops]}
            | ({"equal": list(shown.equal[path.pod])} if path.pod in shown.equal else {})
            for path in found
        ]
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        from solutio_topology.report.human import render_paths

        sys.stdout.write(render_paths(list(found), shown.equal, color=use_color(no_color=no_color)))
    worst = max((path.verdict.rank for path in found), default=0)
    raise typer.Exit({Verdict.UNDECIDED.rank: 2, Verdict.REFUTED.rank: 1}.get(worst, 0))
