"""``solutio validate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from solutio_topology.cli.options import (
    Charts,
    Environments,
    ExitZero,
    Format,
    FormatOption,
    NoColor,
    Outputs,
    Quiet,
    Strict,
    TopologyFile,
    Verbose,
    exit_code,
    progress,
    tell,
    use_color,
)

Manifests = Annotated[
    Path | None, typer.Option("--manifests", help="Judge this folder instead of rendered/.", metavar="DIR")
]


def command(
    environments: Environments = None,
    topology: TopologyFile = None,
    manifests: Manifests = None,
    charts: Charts = None,
    form: FormatOption = Format.HUMAN,
    output: Outputs = None,
    strict: Strict = False,
    exit_zero: ExitZero = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Check the topology, its graph, the rendered manifests and every path through them."""
    from solutio_topology.workflows.answers import Asked

    options = (form, f"{strict=}", f"{exit_zero=}", f"{quiet=}", f"{verbose=}", f"{use_color(no_color=no_color)=}")
    is_plain = manifests is None and charts is None and not output
    asked = Asked.of(topology, ("validate", *(environments or ()), *options)) if is_plain else None
    if asked is not None and (known := asked.answer()) is not None:
        sys.stdout.write(known.text)
        raise typer.Exit(known.code)

    from solutio_topology.workflows.apart import begun

    # Only JSON tells the evidence of what holds, line by line.
    precise = Format.JSON in {form, *(each.partition("=")[0] for each in output or ())}
    with begun(topology, (environments or ()) if manifests is None and charts is None else ()) as apart:
        from solutio_topology.report.model import Report
        from solutio_topology.workflows.project import open_project
        from solutio_topology.workflows.validate import validate

        project = open_project(topology)
        named = project.environments(tuple(environments or ()))
        before = asked.before(project, named) if asked is not None else ""
        with progress("checking") as told:
            found = validate(
                project, named, manifests=manifests, charts=charts, precise=precise, apart=apart, tell=told
            )
    report = Report("validate", found.findings, found.outcomes, found.acknowledged)
    text = tell(report, form, output, quiet=quiet, verbose=verbose, no_color=no_color)
    code = exit_code(report, strict=strict, exit_zero=exit_zero)
    if asked is not None:
        asked.keep(before, named, text, code)
    raise typer.Exit(code)
