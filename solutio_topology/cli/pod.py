"""``solutio pod``: tenant pods, added, listed, moved to and removed."""

from __future__ import annotations

import json
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.editing import DryRun, EditForm, EditFormat, as_json, tell_change
from solutio_topology.cli.options import Environments, TopologyFile, complete_environment, completing
from solutio_topology.cli.plain import Command, tree
from solutio_topology.errors import SolutioError

if TYPE_CHECKING:
    from solutio_topology.workflows.pod_removal import Removal


class PlanForm(StrEnum):
    """The formats of a plan."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


Name = Annotated[
    str, typer.Argument(help="Tenant pod.", metavar="POD", show_default=False, autocompletion=completing("pods"))
]
Org = Annotated[str, typer.Argument(help="Organization.", metavar="ORG", show_default=False)]
Tier = Annotated[
    str,
    typer.Option(
        "--tier", help="What the customer buys.", metavar="TIER", show_default=False, autocompletion=completing("tiers")
    ),
]
Orgs = Annotated[
    list[str] | None,
    typer.Option("--orgs", "--org", help="Organizations that it serves; default: its name.", metavar="A,B"),
]
Domain = Annotated[str, typer.Option("--domain", help="A domain of the customer's own.", metavar="DOMAIN")]
Ring = Annotated[
    str,
    typer.Option(
        "--ring",
        help="When a release reaches it; default: in the last ring.",
        metavar="RING",
        autocompletion=completing("rings"),
    ),
]
Envs = Annotated[
    list[str] | None,
    typer.Option(
        "--env",
        help="Add it to this environment's list of tenant pods.",
        metavar="ENV",
        autocompletion=complete_environment,
    ),
]
In = Annotated[
    Path | None, typer.Option("--file", help="Put it into this file, which the topology includes.", metavar="FILE")
]
To = Annotated[
    str,
    typer.Option(
        "--to",
        help="Tenant pod that serves it from then on.",
        metavar="POD",
        show_default=False,
        autocompletion=completing("pods"),
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
PlanFormat = Annotated[PlanForm, typer.Option("--format", "-f", help="Format of the plan.")]


def build() -> typer.Typer:
    """The commands on tenant pods."""
    app = tree("pod", "Add, list, move to and remove tenant pods.")
    for command in (add, show, move, remove):
        app.command(name="list" if command is show else command.__name__, cls=Command)(command)
    return app


def add(
    name: Name,
    tier: Tier,
    orgs: Orgs = None,
    domain: Domain = "",
    ring: Ring = "",
    env: Envs = None,
    file: In = None,
    topology: TopologyFile = None,
    dry_run: DryRun = False,
    form: EditFormat = EditForm.HUMAN,
) -> None:
    """Add a tenant pod; the next render has it."""
    from solutio_topology.workflows.pods import add_pod, consequences

    named = [org.strip() for given in orgs or () for org in given.split(",") if org.strip()]
    change = add_pod(
        topology, name, tier=tier, orgs=named, domain=domain, ring=ring, environments=tuple(env or ()), file=file
    )
    if not dry_run:
        change.write()
    brings = consequences(change.after.project, name)
    following = [f"solutio render {line.partition(':')[0]}" for line in brings]
    tell_change("pod add", change, following, form=form, dry_run=dry_run, more=brings)


def show(envs: Environments = None, topology: TopologyFile = None, form: EditFormat = EditForm.HUMAN) -> None:
    """List tenant pods with tier, ring and versions."""
    from solutio_topology.report.pod_list import as_json as rows_as_json
    from solutio_topology.report.pod_list import as_table
    from solutio_topology.workflows.pods import list_pods
    from solutio_topology.workflows.project import open_project

    project = open_project(topology)
    rows = list_pods(project, project.environments(tuple(envs or ())))
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    sys.stdout.write(rows_as_json(rows) if form is EditForm.JSON else as_table(rows, width))


def move(
    org: Org, to: To, topology: TopologyFile = None, dry_run: DryRun = False, form: PlanFormat = PlanForm.HUMAN
) -> None:
    """Move an organization, with a plan of what to copy."""
    from solutio_topology.report import plan
    from solutio_topology.workflows.pod_move import move_org

    found = move_org(topology, org, to)
    if not dry_run:
        found.change.write()
    if form is PlanForm.MARKDOWN:
        sys.stdout.write(plan.as_markdown(found.plan) + f"\n```diff\n{found.change.diff}```\n")
    elif form is PlanForm.JSON:
        done = as_json("pod move", found.change, (), dry_run=dry_run)
        sys.stdout.write(json.dumps({**done, "plan": plan.as_data(found.plan)}, indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(plan.as_text(found.plan) + "\n")
        tell_change("pod move", found.change, ["step 1 of the plan"], form=EditForm.HUMAN, dry_run=dry_run)


def remove(
    name: Name,
    yes: Yes = False,
    topology: TopologyFile = None,
    dry_run: DryRun = False,
    form: PlanFormat = PlanForm.HUMAN,
) -> None:
    """Remove a tenant pod; says what goes and what stays."""
    from solutio_topology.workflows.pod_removal import remove_pod

    found = remove_pod(topology, name)
    if form is PlanForm.HUMAN:
        _show_removal(found)
    if not dry_run:
        _confirm(name, yes=yes)
        found.change.write()
    following = [f"solutio render {each}" for each in found.environments]
    if form is PlanForm.HUMAN:
        tell_change("pod remove", found.change, following, form=EditForm.HUMAN, dry_run=dry_run)
        return
    from solutio_topology.report import plan

    if form is PlanForm.MARKDOWN:
        sys.stdout.write(plan.as_markdown(found.plan) + f"\n```diff\n{found.change.diff}```\n")
    else:
        done = as_json("pod remove", found.change, following, dry_run=dry_run)
        sys.stdout.write(json.dumps({**done, "plan": plan.as_data(found.plan)}, indent=2, ensure_ascii=False) + "\n")


def _show_removal(found: Removal) -> None:
    from solutio_topology.report import plan

    sys.stdout.write(plan.as_text(found.plan) + "\n")
    sys.stdout.flush()


def _confirm(name: str, *, yes: bool) -> None:
    """Ask on a terminal; elsewhere only --yes removes. Raises SolutioError when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SolutioError(
            f"tenant pod {name} was not removed: nobody could be asked", remedy="say --yes, or look with --dry-run"
        )
    if not typer.confirm(f"Remove tenant pod {name} from the topology?", err=True):
        raise SolutioError(f"tenant pod {name} was not removed", remedy="")
