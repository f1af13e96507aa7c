from __future__ import annotations

import pytest

from solutio_topology.manifests.ports import is_port, is_port_name


@pytest.mark.parametrize("name", ["http", "a", "8k", "web-2", "exactly-15-long"])
def test_names(name: str) -> None:
    assert is_port_name(name)


@pytest.mark.parametrize("name", ["", "80", "8-0", "-a", "a-", "a--b", "HTTP", "a_b", "longer-than-15-x", "a\n"])
def test_no_names(name: str) -> None:
    assert not is_port_name(name)


def test_numbers() -> None:
    assert [number for number in (-1, 0, 1, 80, 65535, 65536) if is_port(number)] == [1, 80, 65535]
