"""``solutio render``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Environment, Format, FormatOption, Quiet, TopologyFile, Verbose, working

if TYPE_CHECKING:
    from solutio_topology.store import Drift

Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; say what differs, and exit with 1 if anything does.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that were changed by hand.")]


def command(
    environment: Environment,
    topology: TopologyFile = None,
    check: Check = False,
    force: Force = False,
    form: FormatOption = Format.HUMAN,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write overlays/ENV and rendered/ENV."""
    from solutio_topology.workflows.project import open_project
    from solutio_topology.workflows.render import check_environment, write_environment

    project = open_project(topology)
    (name,) = project.environments((environment,))
    if check:
        drift = check_environment(project, name)
        _tell_drift(name, drift, form, quiet=quiet)
        raise typer.Exit(0 if drift.clean else 1)
    with working(f"rendering {name}"):
        done = write_environment(project, name, force=force)
    if form is Format.JSON:
        found = {"environment": name, "written": done.written, "removed": done.removed, "unchanged": done.unchanged}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    elif not quiet:
        for path in done.written if verbose else ():
            sys.stdout.write(f"wrote {path}\n")
        for path in done.removed if verbose else ():
            sys.stdout.write(f"removed {path}\n")
        sys.stdout.write(
            f"{name}: {len(done.written)} files written, {len(done.removed)} removed, {done.unchanged} unchanged\n"
        )


def _tell_drift(name: str, drift: Drift, form: Format, *, quiet: bool) -> None:
    groups = {
        "missing": drift.missing,
        "changed": drift.changed,
        "orphaned": drift.orphaned,
        "edited by hand": drift.edited,
        "not ours": drift.foreign,
    }
    if form is Format.JSON:
        sys.stdout.write(json.dumps({"environment": name, "clean": drift.clean, **groups}, indent=2) + "\n")
        return
    for label, paths in groups.items():
        for path in paths:
            sys.stdout.write(f"{label}: {path}\n")
    if not quiet:
        told = (
            ", ".join(f"{len(paths)} {label}" for label, paths in groups.items() if paths)
            or "all as it would be rendered"
        )
        sys.stdout.write(f"{name}: {told}\n")
