"""Turning ingress round gives the same destinations by single steps and by text, whatever the order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.reach import turning
from solutio_topology.reach.bits import members
from solutio_topology.reach.partition import Partition, partition
from solutio_topology.reach.ports import PortSet
from solutio_topology.reach.turning import Turned

COUNT = 6
SETS = tuple(PortSet.of("TCP", number) for number in (1, 2, 3))

profiles = st.lists(
    st.lists(st.tuples(st.sampled_from(SETS), st.integers(0, 2**COUNT - 1)), max_size=3).map(partition),
    min_size=COUNT,
    max_size=COUNT,
)


@pytest.mark.parametrize("many_steps", [-1, 10**9])
@pytest.mark.parametrize("most_text", [1, 10**6])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(ingress=profiles)
def test_every_source_finds_the_destinations_that_admit_it(
    ingress: list[Partition], many_steps: int, most_text: int
) -> None:
    patch = pytest.MonkeyPatch()
    with patch.context() as patched:
        patched.setattr(turning, "_MOST_TEXT", most_text)
        turned = Turned(COUNT, ingress.__getitem__, many_steps=many_steps)
    for source in range(COUNT):
        found = {
            (turned.order[place], turned.port_sets[which])
            for which, places in turned.row(source).items()
            for place in members(places)
        }
        assert found == {
            (destination, ports)
            for destination, parts in enumerate(ingress)
            for ports, bits in parts.items()
            if bits >> source & 1
        }
        assert turned.move(1 << source) == 1 << turned.order.index(source)
