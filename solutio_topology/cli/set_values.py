"""``solutio set``."""

from __future__ import annotations

from typing import Annotated

import typer

from solutio_topology.cli.editing import DryRun, EditForm, EditFormat, tell_change
from solutio_topology.cli.options import Quiet, TopologyFile, complete_environment, completing

Pairs = Annotated[
    list[str] | None,
    typer.Argument(help="Places and their new values: services.api.image.tag 2026.11.2", metavar="PATH VALUE"),
]
Unset = Annotated[
    list[str] | None, typer.Option("--unset", help="Take a value away; several times if need be.", metavar="PATH")
]
Pod = Annotated[
    str, typer.Option("--pod", help="For one tenant pod only.", metavar="POD", autocompletion=completing("pods"))
]
Ring = Annotated[
    str,
    typer.Option(
        "--ring", help="For the tenant pods of one ring only.", metavar="RING", autocompletion=completing("rings")
    ),
]
Env = Annotated[
    str, typer.Option("--env", help="For one environment only.", metavar="ENV", autocompletion=complete_environment)
]


def command(
    pairs: Pairs = None,
    pod: Pod = "",
    ring: Ring = "",
    env: Env = "",
    unset: Unset = None,
    topology: TopologyFile = None,
    dry_run: DryRun = False,
    form: EditFormat = EditForm.HUMAN,
    quiet: Quiet = False,
) -> None:
    """Edit single values of the topology in place; comments and layout are kept."""
    from solutio_topology.workflows.set_values import Scope, environments_of, set_values

    scope = Scope(pod, ring, env)
    change = set_values(topology, tuple(pairs or ()), tuple(unset or ()), scope)
    if not dry_run:
        change.write()
    following = [f"solutio render {name}" for name in environments_of(change.after, scope)]
    tell_change("set", change, following, form=form, dry_run=dry_run, quiet=quiet)
