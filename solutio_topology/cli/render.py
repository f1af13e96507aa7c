"""``solutio render``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Environment, Format, FormatOption, Quiet, TopologyFile, Verbose, progress

if TYPE_CHECKING:
    from solutio_topology.store import Drift
    from solutio_topology.workflows.render import Scope

Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; say what differs, and exit with 1 if anything does.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that were changed by hand.")]

Pod = Annotated[
    str | None,
    typer.Option(
        "--pod",
        metavar="NAME",
        help="Render one tenant pod, with the bases it builds on and the lists that name it; leave the rest as it is.",
    ),
]
Shard = Annotated[
    str | None,
    typer.Option("--shard", metavar="N/M", help="Render the N-th of M shares: M jobs together render everything."),
]


def command(
    environment: Environment,
    topology: TopologyFile = None,
    check: Check = False,
    force: Force = False,
    pod: Pod = None,
    shard: Shard = None,
    form: FormatOption = Format.HUMAN,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write overlays/ENV and rendered/ENV."""
    from solutio_topology.workflows.project import open_project
    from solutio_topology.workflows.render import check_environment, write_topology

    name, scope = environment, _scope(pod, shard)
    with progress(f"rendering {name}") as tell:
        if check:
            project = open_project(topology)
            (name,) = project.environments((environment,))
            drift = check_environment(project, name, scope=scope, tell=tell)
        else:
            done = write_topology(topology, name, scope=scope, force=force, tell=tell)
    if check:
        _tell_drift(name, drift, form, quiet=quiet)
        raise typer.Exit(0 if drift.clean else 1)
    if form is Format.JSON:
        found = {"environment": name, "written": done.written, "removed": done.removed, "unchanged": done.unchanged}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    elif not quiet:
        if done.recovered:
            sys.stdout.write(f"{name}: finished what a run that was cut off had begun to write\n")
        for path in done.written if verbose else ():
            sys.stdout.write(f"wrote {path}\n")
        for path in done.removed if verbose else ():
            sys.stdout.write(f"removed {path}\n")
        sys.stdout.write(
            f"{name}: {len(done.written)} files written, {len(done.removed)} removed, {done.unchanged} unchanged\n"
        )


def _scope(pod: str | None, shard: str | None) -> Scope:
    """What the options choose. Raises SolutioError for a share that does not exist."""
    from solutio_topology.errors import SolutioError
    from solutio_topology.workflows.render import Scope

    if pod is not None and shard is not None:
        raise SolutioError("--pod and --shard exclude each other", remedy="name one of them")
    if shard is None:
        return Scope(pod or "")
    number, _, count = shard.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise SolutioError(f"--shard {shard}: there is no such share", remedy="N/M with N from 1 to M: --shard 3/8")
    return Scope(shard=(int(number), int(count)))


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
