"""``solutio reach``."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from solutio_topology.cli.options import Charts, TopologyFile


class ReachFormat(StrEnum):
    """The formats of a list of connections."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    DOT = "dot"


Place = Annotated[str, typer.Argument(help="A folder of manifests, or an environment.", metavar="DIR|ENV")]
From = Annotated[str | None, typer.Option("--from", help="Only from sources whose name holds this.")]
To = Annotated[str | None, typer.Option("--to", help="Only to destinations whose name holds this.")]
External = Annotated[bool, typer.Option("--external", help="Only connections with addresses or names outside.")]
Form = Annotated[ReachFormat, typer.Option("--format", "-f", help="Format of the list.")]
Explain = Annotated[bool, typer.Option("--explain", help="Say which rules allow each connection.")]
Diff = Annotated[
    str | None, typer.Option("--diff", help="Compare with another folder or environment.", metavar="DIR2|ENV2")
]


def command(
    place: Place,
    source: From = None,
    target: To = None,
    external: External = False,
    explain: Explain = False,
    diff: Diff = None,
    charts: Charts = None,
    form: Form = ReachFormat.TEXT,
    topology: TopologyFile = None,
) -> None:
    """List every connection that the manifests allow."""
    from solutio_topology.workflows.reach import changes, connections

    differs = False
    if diff is not None:
        found, differs = changes(
            place,
            diff,
            topology,
            charts=charts,
            source=source,
            target=target,
            external=external,
            form=form.value,
        )
    else:
        found = connections(
            place,
            topology,
            charts=charts,
            source=source,
            target=target,
            external=external,
            explain=explain,
            form=form.value,
        )
    sys.stdout.write(found.text)
    sys.stderr.write("".join(f"{line}\n" for line in (*found.faults, *found.notes)))
    raise typer.Exit(2 if found.faults else int(differs))
