"""``solutio cost``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from solutio_topology.cli.options import Environments, NoColor, TopologyFile, use_color
from solutio_topology.errors import SolutioError

if TYPE_CHECKING:
    from solutio_topology.cost.estimate import Comparison, Estimate
    from solutio_topology.workflows.project import Project


class CostFormat(StrEnum):
    """The formats of a bill."""

    HUMAN = "human"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


Form = Annotated[CostFormat, typer.Option("--format", "-f", help="Format of the result.")]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Compare with another value, without editing: services.api.replicas.min=4. Several times if need be.",
        metavar="PATH=VALUE",
    ),
]
Fit = Annotated[
    bool,
    typer.Option("--fit", help="Say whether the pods fit into the node pools, and show what stands where."),
]


class Replicas(StrEnum):
    """How many pods run."""

    MINIMUM = "minimum"
    USUAL = "usual"
    MAXIMUM = "maximum"


Level = Annotated[
    Replicas | None, typer.Option("--level", help="With --fit: the nodes at this number of replicas; default: usual.")
]
Manifests = Annotated[
    Path | None, typer.Option("--manifests", help="With --fit: judge this folder instead of rendered/.", metavar="DIR")
]

PlanFile = Annotated[
    Path | None,
    typer.Option("--plan", help="Say what it costs as it grows, at the demands of this file.", metavar="FILE"),
]
Orgs = Annotated[
    str | None, typer.Option("--orgs", help="As --plan, for so many organizations: 50,200,1000.", metavar="N,…")
]
Enterprise = Annotated[
    str | None, typer.Option("--enterprise", help="With --orgs: so many dedicated tenant pods: 1,5,20.", metavar="N,…")
]


def command(
    environments: Environments = None,
    topology: TopologyFile = None,
    values: Values = None,
    fit: Fit = False,
    level: Level = None,
    manifests: Manifests = None,
    plan: PlanFile = None,
    orgs: Orgs = None,
    enterprise: Enterprise = None,
    form: Form = CostFormat.HUMAN,
    no_color: NoColor = False,
) -> None:
    """Say what environments cost a month: each line with its price and source, by layer, tier, tenant pod and pool."""
    from solutio_topology.workflows.cost import compare, estimate
    from solutio_topology.workflows.project import open_project, open_with

    _belongs(fit=fit, level=level, manifests=manifests)
    color = use_color(no_color=no_color)
    named = tuple(environments or ())
    if plan is not None or orgs is not None or enterprise is not None:
        given = {name: text for name, text in (("orgs", orgs), ("enterprise", enterprise)) if text is not None}
        _plans(plan, given, fit=fit)
        project = open_with(topology, values)[1] if values else open_project(topology)
        sys.stdout.write(_planned(project, named, plan, given, values or [], form, color=color))
    elif fit:
        project = open_with(topology, values)[1] if values else open_project(topology)
        names = project.environments(named)
        told, code = _fits(project, names, level or Replicas.USUAL, manifests, form, fresh=bool(values), color=color)
        sys.stdout.write(told)
        raise typer.Exit(code)
    elif values:
        project, changed = open_with(topology, values)
        found = compare(project, changed, project.environments(named))
        sys.stdout.write(_compared(found, values, form, color=color))
    else:
        project = open_project(topology)
        sys.stdout.write(_told(estimate(project, project.environments(named)), form, color=color))


def _belongs(*, fit: bool, level: Replicas | None, manifests: Path | None) -> None:
    """Raises SolutioError where something is asked that only ``--fit`` answers."""
    if not fit and (level or manifests):
        option = "--level" if level else "--manifests"
        raise SolutioError(f"{option} belongs to --fit", remedy=f"add --fit, or leave {option} out")


def _plans(plan: Path | None, given: dict[str, str], *, fit: bool) -> None:
    """Raises SolutioError where the demands of a plan are not said in one way."""
    if fit:
        raise SolutioError("--fit and --plan answer two questions", remedy="ask one after the other")
    if plan and given:
        raise SolutioError(
            f"--plan and --{next(iter(given))} both say the demands", remedy="name the file, or give the numbers"
        )
    if not plan and "orgs" not in given:
        raise SolutioError("--enterprise needs --orgs", remedy="write --orgs 50,200,1000 --enterprise 1,5,20")


def _planned(
    project: Project, named: tuple[str, ...], file: Path | None, given: dict[str, str], values: list[str],
    form: CostFormat, *, color: bool,
) -> str:  # fmt: skip
    from solutio_topology.workflows import plan as work

    name = work.environment_of(project, named)
    found = work.plan(project, name, work.asked(project, file, given))
    if form is CostFormat.JSON:
        from solutio_topology.report import plan_json

        return plan_json.render(found)
    if form is CostFormat.CSV:
        from solutio_topology.report import plan_csv

        return plan_csv.render(found)
    if form is CostFormat.MARKDOWN:
        from solutio_topology.report import plan_markdown

        return plan_markdown.render(found, work.command_of(name, file, given, values))
    from solutio_topology.report import plan_text

    return plan_text.render(found, color=color)


def _fits(
    project: Project, names: tuple[str, ...], level: Replicas, manifests: Path | None, form: CostFormat, *,
    fresh: bool, color: bool,
) -> tuple[str, int]:  # fmt: skip
    """The capacity of environments as text, and the exit code: 1 where one does not fit, 2 where one is not decided."""
    from solutio_topology.cost.capacity.fit import Level as Asked
    from solutio_topology.cost.capacity.place import Verdict
    from solutio_topology.workflows.fit import capacity

    if form not in {CostFormat.HUMAN, CostFormat.JSON}:
        raise SolutioError(f"--fit has no format {form.value}", remedy="use human or json")
    asked = Asked(level.value)
    found = [capacity(project, name, manifests=manifests, fresh=fresh) for name in names]
    verdicts = {each.fit.verdict(asked) for each in found}
    code = 1 if Verdict.SHORT in verdicts else 2 if Verdict.UNDECIDED in verdicts else 0
    if form is CostFormat.JSON:
        from solutio_topology.report import fit_json

        return fit_json.render(found, asked), code
    from solutio_topology.report import fit_text

    return "\n".join(fit_text.render(each, asked, color=color) for each in found), code


def _told(found: tuple[Estimate, ...], form: CostFormat, *, color: bool) -> str:
    if form is CostFormat.JSON:
        from solutio_topology.report import cost_json

        return cost_json.render(found)
    if form is CostFormat.CSV:
        from solutio_topology.report import cost_csv

        return cost_csv.render(found)
    if form is CostFormat.MARKDOWN:
        from solutio_topology.report import cost_markdown

        return cost_markdown.render(found)
    from solutio_topology.report import cost_text

    return cost_text.render(found, color=color)


def _compared(found: tuple[Comparison, ...], values: list[str], form: CostFormat, *, color: bool) -> str:
    if form is CostFormat.JSON:
        from solutio_topology.report import cost_json

        return cost_json.render_comparison(found, values)
    if form is CostFormat.CSV:
        from solutio_topology.report import cost_csv

        return cost_csv.render_comparison(found)
    if form is CostFormat.MARKDOWN:
        from solutio_topology.report import cost_markdown

        return cost_markdown.render_comparison(found, values)
    from solutio_topology.report import cost_text

    return cost_text.render_comparison(found, values, color=color)
