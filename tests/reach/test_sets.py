"""The laws of the sets below the engine: ports, address ranges, bits, selectors, partitions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from solutio_topology.manifests.facts import Operator, Requirement, Selector
from solutio_topology.reach import spans as algebra
from solutio_topology.reach.bits import bits_of, members, run
from solutio_topology.reach.labels import SOME_VALUE, LabelIndex, matches
from solutio_topology.reach.model import RangeNode
from solutio_topology.reach.partition import partition, ports_for, subtract
from solutio_topology.reach.ports import ALL_PORTS, NO_PORTS, PortSet

_QUICK = settings(max_examples=80, deadline=None, derandomize=True)

numbers = st.integers(0, 40)
raw_spans = st.lists(st.tuples(numbers, numbers), max_size=6)
port_sets = st.builds(
    PortSet.union_of,
    st.lists(
        st.builds(PortSet.of, st.sampled_from(("TCP", "UDP", "SCTP")), st.integers(1, 9), st.integers(1, 9)),
        max_size=3,
    ),
)
peers = st.integers(0, 255)
shares = st.lists(st.tuples(port_sets, peers), max_size=5)


def _numbers(spans: algebra.Spans) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}


@_QUICK
@given(raw_spans, raw_spans)
def test_spans_are_sets(left: list[algebra.Span], right: list[algebra.Span]) -> None:
    a, b = algebra.normalize(left), algebra.normalize(right)
    assert _numbers(algebra.union(a, b)) == _numbers(a) | _numbers(b)
    assert _numbers(algebra.intersection(a, b)) == _numbers(a) & _numbers(b)
    assert _numbers(algebra.difference(a, b)) == _numbers(a) - _numbers(b)
    for found in (algebra.union(a, b), algebra.intersection(a, b), algebra.difference(a, b)):
        assert found == algebra.normalize(found)
    assert [number for number in range(42) if algebra.contains(a, number)] == sorted(_numbers(a))


@_QUICK
@given(port_sets, port_sets)
def test_port_sets_are_sets(left: PortSet, right: PortSet) -> None:
    a, b = set(left.singles()), set(right.singles())
    assert set((left | right).singles()) == a | b
    assert set((left & right).singles()) == a & b
    assert set((left - right).singles()) == a - b
    assert left.covers(right) == (b <= a)
    assert (left == right) == (a == b)
    assert bool(left) == bool(a)


def test_port_sets_in_words_and_data() -> None:
    some = PortSet.of("TCP", 8000, 8010) | PortSet.of("TCP", 5432) | PortSet.of("UDP", 53)
    assert str(some) == "TCP 5432, 8000-8010; UDP 53"
    assert some.as_dict() == {"TCP": [[5432, 5432], [8000, 8010]], "UDP": [[53, 53]]}
    assert (str(ALL_PORTS), str(NO_PORTS)) == ("all ports", "no ports")
    assert str(PortSet.whole("SCTP")) == "SCTP (all)"
    assert ALL_PORTS.as_dict() == {name: [[1, 65535]] for name in ("TCP", "UDP", "SCTP")}
    assert PortSet.of("ICMP", 1) == NO_PORTS
    assert PortSet.of("TCP", 0, 70000) == PortSet.whole("TCP")


@_QUICK
@given(st.sets(st.integers(0, 300)))
def test_bits_are_sets(numbers: set[int]) -> None:
    assert list(members(bits_of(numbers))) == sorted(numbers)


def test_runs() -> None:
    assert list(members(run(3, 5))) == [3, 4, 5]
    assert run(3, 2) == 0


_labels = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
_selectors = st.builds(
    lambda parts: Selector(tuple(Requirement(*part) for part in parts)),
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(Operator), st.just(("x",)) | st.just(("x", "y"))),
        max_size=3,
    ),
)


@_QUICK
@given(st.lists(_labels, max_size=6), _selectors)
def test_the_index_finds_what_matches(sets: list[dict[str, str]], selector: Selector) -> None:
    found = list(members(LabelIndex(sets).select(selector)))
    assert found == [number for number, labels in enumerate(sets) if matches(selector, labels)]


_some = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["x", "y", SOME_VALUE, f"{SOME_VALUE}y"]), max_size=2)


@_QUICK
@given(st.lists(_some, max_size=4), _selectors)
def test_what_is_sure_holds_for_every_value_and_what_is_open_for_some(
    sets: list[dict[str, str]], selector: Selector
) -> None:
    index = LabelIndex(sets)
    sure, most = index.select(selector), index.select(selector, widest=True)
    for number, labels in enumerate(sets):
        found = {matches(selector, each) for each in _values(labels)}
        assert bool(sure >> number & 1) == (found == {True})
        assert bool(most >> number & 1) or True not in found
    assert not index.is_sure(selector) or sure == most


def _values(labels: dict[str, str]) -> Iterator[dict[str, str]]:
    """The labels with every value that an unknown one may have, one of none of the selectors among them."""
    possible = {SOME_VALUE: ["x", "y", "yes"], f"{SOME_VALUE}y": ["y", "yes"]}
    for values in product(*(possible.get(value, [value]) for value in labels.values())):
        yield dict(zip(labels, values, strict=True))


@_QUICK
@given(shares, shares)
def test_a_partition_is_the_union_of_its_shares(
    plus: list[tuple[PortSet, int]], minus: list[tuple[PortSet, int]]
) -> None:
    whole = partition(plus)
    left = subtract(whole, minus)
    for peer in range(8):
        bit = 1 << peer
        given_ = PortSet.union_of(ports for ports, bits in plus if bits & bit)
        taken = PortSet.union_of(ports for ports, bits in minus if bits & bit)
        assert ports_for(whole, bit) == given_
        assert ports_for(left, bit) == given_ - taken
    for parts in (whole, left):
        assert (
            sum(bits.bit_count() for bits in parts.values())
            == bits_of(peer for bits in parts.values() for peer in members(bits)).bit_count()
        )


def test_ranges_in_words() -> None:
    assert str(RangeNode.of_cidr("203.0.113.0/24")) == "203.0.113.0-203.0.113.255"
    assert str(RangeNode.of_cidr("2001:db8::1")) == "2001:db8::1-2001:db8::1"
