"""What environments cost a month, and what other values would change of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solutio_topology.cost.estimate import Comparison, Estimate, compare_estimates, estimate_of
from solutio_topology.errors import InputError, SolutioError
from solutio_topology.workflows.project import Project, expand_environment

if TYPE_CHECKING:
    from solutio_topology.cost.model import Fault


def estimate(project: Project, environments: tuple[str, ...]) -> tuple[Estimate, ...]:
    """What each environment costs. Raises InputError for prices and exchange rates that are missing."""
    return tuple(_estimate(project, name) for name in environments)


def _estimate(project: Project, environment: str) -> Estimate:
    found = estimate_of(expand_environment(project, environment))
    refuse(project, found.faults)
    return found


def refuse(project: Project, faults: Sequence[Fault]) -> None:
    """Raises InputError for a bill that lacks something: it would be too low, and look exact."""
    if not faults:
        return
    from msgspec.structs import replace

    from solutio_topology.checks.cost_rules import RULES_BY_FAULT

    found = []
    for fault in faults:
        where = project.source.locate(fault.pointer)
        finding = RULES_BY_FAULT[fault.rule].finding(fault.message, where, subject=fault.subject, remedy=fault.remedy)
        found.append(replace(finding, excerpt=project.source.excerpt(where)))
    raise InputError(sorted(found, key=lambda finding: finding.sort_key))


def compare(before: Project, after: Project, environments: tuple[str, ...]) -> tuple[Comparison, ...]:
    """What other values change. Raises InputError as `estimate`, and SolutioError for bills in two currencies."""
    pairs = zip(estimate(before, environments), estimate(after, environments), strict=True)
    try:
        return tuple(compare_estimates(old, new) for old, new in pairs)
    except ValueError as error:
        raise SolutioError(str(error), remedy="compare bills of one currency; leave costs.currency as it is") from None
