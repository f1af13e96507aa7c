"""A bill with everything that is said of it: what it comes to for whom, and what other values would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.cost.compare import LineChange, compare_bills
from solutio_topology.cost.derive import bill_of
from solutio_topology.cost.model import Bill, Fault
from solutio_topology.cost.totals import Totals, totals

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph
    from solutio_topology.spec.costs import Costs


class Estimate(Struct, frozen=True):
    """What one environment costs."""

    bill: Bill
    totals: Totals
    costs: Costs
    """What the topology says of costs: the page's total, budgets, how shared lines are divided."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is missing from it; an estimate with faults is no answer."""
        return (*self.bill.faults, *self.totals.faults)


class Comparison(Struct, frozen=True):
    """What one environment costs with other values."""

    before: Estimate
    after: Estimate
    changes: tuple[LineChange, ...]


def estimate_of(graph: EnvironmentGraph) -> Estimate:
    """What an environment costs."""
    bill = bill_of(graph)
    return Estimate(bill, totals(bill, graph), graph.topology.costs)


def compare_estimates(before: Estimate, after: Estimate) -> Comparison:
    """What differs between two estimates. Raises ValueError for bills in two currencies."""
    return Comparison(before, after, compare_bills(before.bill, after.bill))
