"""Gates: what makes a pipeline stop."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solutio_topology.diff.gates import failing
from solutio_topology.diff.model import Difference, Exposure, Money
from solutio_topology.errors import SolutioError
from solutio_topology.reach.compare import Change
from solutio_topology.reach.ports import NO_PORTS, PortSet
from tests.diff.hand import replaced
from tests.diff.test_meaning import APP, DATABASE

NOTHING = Difference("prod", "a", "b")
HTTP = PortSet.of("TCP", 80, 80)


def test_nothing_passes_every_gate() -> None:
    assert failing(NOTHING, ("any", "danger", "exposure", "cost:+0")) == ()


def test_any_difference() -> None:
    found = replaced(APP, ("desk:1", "desk:2"))
    assert failing(found, ("any", "danger", "exposure")) == ("any",)


def test_a_danger() -> None:
    assert failing(replaced(DATABASE, ("10Gi", "5Gi")), ("danger", "exposure")) == ("danger",)


@pytest.mark.parametrize(
    ("exposure", "wanted"),
    [
        (Exposure(opened=(Change("a", "b", NO_PORTS, HTTP),)), ("exposure",)),
        (Exposure(closed=(Change("a", "b", HTTP, NO_PORTS),)), ()),
        (Exposure(changed=(Change("a", "b", HTTP, PortSet.of("TCP", 80, 81)),)), ("exposure",)),
        (Exposure(changed=(Change("a", "b", PortSet.of("TCP", 80, 81), HTTP),)), ()),
        (Exposure(hosts_added=("x.example.org",)), ("exposure",)),
        (Exposure(hosts_removed=("x.example.org",)), ()),
    ],
)
def test_exposure(exposure: Exposure, wanted: tuple[str, ...]) -> None:
    assert failing(Difference("prod", "a", "b", exposure=exposure), ("exposure",)) == wanted


def test_tenants_that_reach_each_other_fail_whatever_is_asked() -> None:
    change = Change("a", "b", NO_PORTS, HTTP)
    found = Difference("prod", "a", "b", exposure=Exposure(opened=(change,), crossing=(change,)))
    assert failing(found, ("danger",)) == ("crossing",)


def _costing(before: str, after: str) -> Difference:
    return Difference("prod", "a", "b", money=Money("USD", Decimal(before), Decimal(after), ()))


@pytest.mark.parametrize(
    ("after", "gate", "passes"), [("150", "cost:+50", True), ("150.01", "cost:+50", False), ("90", "cost:0", True)]
)
def test_cost(after: str, gate: str, *, passes: bool) -> None:
    assert (failing(_costing("100", after), (gate,)) == ()) is passes


@pytest.mark.parametrize("gate", ["cost:", "cost:+much", "cost:nan", "anything"])
def test_a_gate_that_is_none(gate: str) -> None:
    with pytest.raises(SolutioError, match="--fail-on"):
        failing(_costing("1", "1"), (gate,))


def test_money_that_cannot_be_compared_decides_nothing() -> None:
    with pytest.raises(SolutioError, match="money cannot be compared"):
        failing(replaced(APP, ("desk:1", "desk:2")), ("cost:+50",))
