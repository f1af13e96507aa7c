"""What runs out next."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.cost.scale.limits import changes, next_limit
from solutio_topology.cost.scale.model import Ask, Sizing
from solutio_topology.cost.scale.sizing import BeyondTariffsError, Sizer
from tests.cost.scale.test_sizing import STEPS
from tests.cost.scale.world import ENTERPRISE, grown


def _next(orgs: int, *what: tuple[str, Any], enterprise: int = 0, **stated: int) -> tuple[int, str] | None:
    sizer, ask = Sizer(grown(*what)), Ask(orgs, enterprise, stated)
    found = next_limit(sizer, ask, sizer.size(ask))
    return None if found is None else (found.orgs, found.what)


def test_a_pool_that_is_full() -> None:
    # 2 nodes have 8 CPU: a database and 7 pods of web, of 100 cameras each. The 36th organization begins an eighth.
    assert _next(1) == (36, "pool apps needs 3 nodes (cpu)")
    assert _next(35) == (36, "pool apps needs 3 nodes (cpu)")
    assert _next(36) == (56, "pool apps needs 4 nodes (cpu)")


def test_a_limit_of_a_rule_before_the_pool() -> None:
    found = _next(1, ("scale/services/web/replicas/max", 3))
    assert found == (16, "pods of web of all: 4 needed, 3 at most")


def test_a_tariff_and_the_end_of_all() -> None:
    assert _next(1, *STEPS) == (11, "mail needs the tariff b (9.00)")
    assert _next(11, *STEPS) == (21, "the tariffs of mail end at 20 orgs, and 21 are asked for")


def test_what_never_runs_out_and_what_is_not_looked_for() -> None:
    still: tuple[str, Any] = ("scale/services/web", {"replicas": {"per": "enterprise"}})
    assert _next(1, still) is None
    assert _next(1, cameras=5) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 3), st.integers(1, 200), st.integers(1, 30), st.integers(2, 40))
def test_it_is_the_first_that_counting_up_finds(orgs: int, copies: int, each: int, add: int, most: int) -> None:
    rule = {"replicas": {"per": "cameras", "each": each, "max": most}}
    sizer = Sizer(grown(*ENTERPRISE, ("scale/services/web", rule), ("scale/drivers/cameras/add", add)))
    ask = Ask(orgs, copies)
    now = sizer.size(ask)

    def at(number: int) -> Sizing | BeyondTariffsError:
        return sizer.size(Ask(number, copies))

    first = next((number for number in range(orgs + 1, orgs + 400) if changes(now, at(number))), None)
    found = next_limit(sizer, ask, now)
    if first is None:
        assert found is None or found.orgs >= orgs + 400
    else:
        assert found is not None
        assert found.orgs == first
