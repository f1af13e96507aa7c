"""What is known of machine sizes, against sums done by hand."""

from __future__ import annotations

import pytest

from solutio_topology.cost.capacity import nodes
from solutio_topology.cost.capacity.model import Amounts

MIB = 1 << 20


def test_a_node_offers_what_the_provider_says() -> None:
    # 4 CPU less 120m; 8 GiB leave 6 GiB, 4 GiB leave 2.5 GiB.
    assert nodes.allocatable("s-4vcpu-8gb") == Amounts(3880, 6144 * MIB, 110, 7)
    assert nodes.allocatable("s-2vcpu-4gb-120gb-intel") == Amounts(1880, 2560 * MIB, 110, 7)
    assert nodes.allocatable("s-8vcpu-16gb") == Amounts(7880, 13 * 1024 * MIB, 110, 7)


def test_what_is_not_known_is_not_guessed() -> None:
    assert nodes.allocatable("s-5vcpu-10gb") is None


def test_the_sizes_that_no_node_is_made_of_and_those_beyond_the_table_are_not_known() -> None:
    unknown = {str(nodes.sizes()[name].memory_gib) for name in nodes.sizes() if nodes.allocatable(name) is None}
    assert unknown == {"0.5", "1", "256"}


def test_sizes_that_are_no_longer_sold_are_known() -> None:
    assert nodes.allocatable("s-6vcpu-16gb") == Amounts(5880, 13 * 1024 * MIB, 110, 7)


def test_what_the_provider_runs_on_every_node() -> None:
    asked = list(nodes.system().values())
    assert sum(each.cpu for each in asked) == 412
    assert sum(each.memory for each in asked) == (310 + 75 + 80) * MIB
    assert len(asked) == 6


def test_families() -> None:
    found = [nodes.family(name) for name in ("s-4vcpu-8gb", "s-4vcpu-8gb-amd", "s-2vcpu-4gb-120gb-intel", "c-4")]
    assert found == ["s", "s -amd", "s -intel", "c"]


@pytest.mark.parametrize(
    ("text", "cpu", "amount"),
    [("100m", 100, 1), ("1", 1000, 1), ("0.1m", 1, 1), ("1.5", 1500, 2), ("1Ki", 1024000, 1024)],
)
def test_quantities_are_rounded_up(text: str, cpu: int, amount: int) -> None:
    assert (nodes.millicores(text), nodes.whole(text)) == (cpu, amount)


def test_what_is_no_quantity_is_said() -> None:
    with pytest.raises(ValueError, match="'many' is no quantity"):
        nodes.millicores("many")
