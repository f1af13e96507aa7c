"""What an environment costs as it grows, from the demands of a file or of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.cost.capacity.fit import Fit
from solutio_topology.cost.capacity.supply import supply
from solutio_topology.cost.derive import paying
from solutio_topology.cost.scale.faults import faults
from solutio_topology.cost.scale.ground import Ground, People, ground, people_of, peopled
from solutio_topology.cost.scale.model import MOST_ENTERPRISE, MOST_ORGS, Ask, Plan
from solutio_topology.cost.scale.plan import plan_of
from solutio_topology.cost.scale.price import FaultyBillError
from solutio_topology.cost.scale.sizing import BeyondTariffsError, Sizer
from solutio_topology.errors import InputError, SolutioError
from solutio_topology.spec.plan import parse_demands, read_plan
from solutio_topology.spec.rules import WRONG_VALUE
from solutio_topology.workflows.cost import refuse
from solutio_topology.workflows.fit import capacity
from solutio_topology.workflows.project import Project

if TYPE_CHECKING:
    from solutio_topology.cost.model import Fault, Pointer

_MOST = {"orgs": MOST_ORGS, "enterprise": MOST_ENTERPRISE}


def asked(project: Project, file: Path | None, given: Mapping[str, str]) -> tuple[Ask, ...]:
    """The demands of a plan's file, or of options. Raises FileError, InputError and SolutioError."""
    drivers = project.topology.scale.drivers
    rows = read_plan(file, list(drivers), _MOST) if file is not None else parse_demands(given, _MOST)
    return tuple(
        Ask(row["orgs"], row.get("enterprise", 0), {name: row[name] for name in drivers if name in row}) for row in rows
    )


def environment_of(project: Project, named: tuple[str, ...]) -> str:
    """The environment of a plan: the one that is named, else the one that pays. Raises SolutioError for several."""
    names = project.environments(named) if named else (paying(project.topology),)
    if len(names) > 1:
        raise SolutioError("a plan is of one environment", remedy=f"name one: solutio cost {names[0]} --plan FILE")
    return names[0]


def command_of(environment: str, file: Path | None, given: Mapping[str, str], values: Sequence[str] = ()) -> str:
    """The command line that makes a plan's page. A file is named without its folder: the page knows no machine."""
    asked_for = [f"--plan {file.name}"] if file is not None else [f"--{name} {text}" for name, text in given.items()]
    tried = [f"--set {value.replace('`', chr(39))}" for value in values]
    return " ".join(["solutio cost", environment, *asked_for, *tried, "--format markdown"])


def plan(project: Project, environment: str, asks: Sequence[Ask]) -> Plan:
    """What an environment costs at each demand.

    Raises InputError for rules that cannot be followed and prices that are missing, SolutioError where nothing grows.
    """
    start = ground_of(project, environment)
    if not start.people.copied and any(ask.enterprise for ask in asks):
        raise SolutioError(
            f"{environment} has no dedicated tenant pod that the plan's could be equal to",
            remedy="declare one of the tier under pods, or leave enterprise out",
        )
    _refuse(project, faults(start, Sizer(start)))
    try:
        return plan_of(start, asks)
    except BeyondTariffsError as error:
        raise _wrong(project, error.pointer, str(error), "add a tariff, or ask for less") from None
    except FaultyBillError as error:
        refuse(project, error.faults)
        raise


def ground_of(project: Project, environment: str) -> Ground:
    """What a plan of an environment starts from. Raises SolutioError where nothing grows."""
    topology = project.topology
    if not topology.scale.services:
        raise SolutioError(
            "nothing in the topology says how it grows",
            remedy="add rules under scale, such as scale: {services: {api: {replicas: {per: orgs, each: 100}}}}",
        )
    try:
        people = people_of(topology, environment)
    except LookupError:
        raise SolutioError(
            f"{environment} has no shared tenant pod, which the organizations of a plan could be in",
            remedy="plan an environment that has one",
        ) from None
    return ground(topology, environment, people, project.component, _fit(project, environment, people))


def _fit(project: Project, environment: str, people: People) -> Fit:
    """What the manifests of one tenant pod of each kind ask of nodes, as they would be rendered now."""
    alone = peopled(project.topology, environment, people, orgs=1, copies=1 if people.copied else 0)
    found = capacity(replace(project, topology=alone), environment, fresh=True)
    # A pool without a node has room as well once it has one.
    pools = {name: pool.model_copy(update={"nodes": max(pool.nodes, 1)}) for name, pool in found.platform.pools.items()}
    groups = found.fit.groups
    return Fit(groups, supply(found.platform.model_copy(update={"pools": pools}), groups), found.fit.uncounted)


def _refuse(project: Project, found: Sequence[Fault]) -> None:
    if found:
        raise InputError(
            sorted(
                (
                    finding
                    for fault in dict.fromkeys(found)
                    for finding in _wrong(project, fault.pointer, fault.message, fault.remedy).findings
                ),
                key=lambda finding: finding.sort_key,
            )
        )


def _wrong(project: Project, pointer: Pointer, message: str, remedy: str) -> InputError:
    where = project.source.locate(pointer)
    subject = ".".join(map(str, pointer))
    excerpt = project.source.excerpt(where)
    return InputError([WRONG_VALUE.finding(message, where, subject=subject, remedy=remedy, excerpt=excerpt)])
