"""``solutio decisions``: list, export and import."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Quiet, TopologyFile, Verbose
from solutio_topology.cli.plain import Command, tree

if TYPE_CHECKING:
    from solutio_topology.store.records import RecordDrift


class ListFormat(StrEnum):
    """The formats of the list."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


Folder = Annotated[
    Path | None, typer.Option("--dir", help="Folder of the records; default: docs/adr beside the topology.")
]
Files = Annotated[list[Path], typer.Argument(help="MADR files.", metavar="FILE...", show_default=False)]


def build() -> typer.Typer:
    """The commands on decisions."""
    app = tree("decisions", "What was decided: list it, write it as MADR files, take MADR files over.")
    for command in (list_, export, import_):
        app.command(name=command.__name__.rstrip("_"), cls=Command)(command)
    return app


def list_(
    topology: TopologyFile = None,
    form: Annotated[ListFormat, typer.Option("--format", "-f", help="Format of the result.")] = ListFormat.HUMAN,
    verbose: Verbose = False,
) -> None:
    """Show every decision, and by what its choice and its rejected alternatives are recognised."""
    from solutio_topology.checks.decisions.listing import rows
    from solutio_topology.report.decisions import render
    from solutio_topology.workflows.project import open_project

    sys.stdout.write(render(rows(open_project(topology).topology), form.value, verbose=verbose))


def export(
    topology: TopologyFile = None,
    folder: Folder = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what differs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Drop what was edited by hand in exported files.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write a MADR file for each decision; files that people wrote are never touched."""
    from solutio_topology.workflows.decisions import check_records, export_records
    from solutio_topology.workflows.project import open_project

    project = open_project(topology)
    drift = check_records(project, folder) if check else export_records(project, folder, force=force)
    if not (quiet and (drift.clean or not check)):
        sys.stdout.write(_told(drift, done=not check))
    raise typer.Exit(1 if check and not drift.clean else 0)


def _told(drift: RecordDrift, *, done: bool) -> str:
    """A line a file that differs, and how many do not."""
    words = (
        ("written", "written again", "written over", "removed")
        if done
        else ("missing", "changed", "edited", "left over")
    )
    lines = [f"{words[0]}: {name}" for name in drift.missing]
    lines += [f"{words[1]}: {name}" for name in drift.changed]
    lines += [f"{words[2]}: {name}" for name in drift.edited]
    lines += [f"{words[3]}: {name}" for name in drift.orphaned]
    lines += [f"in the way, written by people: {name}" for name in drift.foreign]
    lines += [f"{name} would have the number of {other}" for name, other in drift.taken]
    return "\n".join([*lines, f"{drift.unchanged} records unchanged"]) + "\n"


def import_(
    files: Files,
    topology: TopologyFile = None,
    replace: Annotated[bool, typer.Option("--replace", help="Let a record replace the decision of its key.")] = False,
    quiet: Quiet = False,
) -> None:
    """Add the decisions in MADR files to the topology; its comments and all other lines stay."""
    from solutio_topology.workflows.decisions import import_records

    done = import_records(topology, files, replace=replace)
    for each in done.imported:
        if each.left:
            sys.stderr.write(f"{each.name}: not taken over: {', '.join(each.left)}\n")
    if not quiet:
        for key in done.changed:
            sys.stdout.write(f"{done.topology}: decisions.{key}\n")
        unchanged = len({each.key for each in done.imported} - set(done.changed))
        sys.stdout.write(f"{len(done.changed)} decisions written, {unchanged} unchanged\n")
