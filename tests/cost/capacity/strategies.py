"""Small worlds for property tests: few nodes, few pods, every kind of rule."""

from __future__ import annotations

from hypothesis import strategies as st

from solutio_topology.cost.capacity.model import (
    Amounts,
    Group,
    HostPort,
    Machine,
    NodeTerm,
    PodTerm,
    Shape,
    Spread,
    Taint,
    Toleration,
)
from solutio_topology.manifests.facts import Operator, Requirement, Selector

HOST = "kubernetes.io/hostname"


@st.composite
def machines(draw: st.DrawFn, most: int = 3) -> tuple[Machine, ...]:
    """One to three nodes, some in a rack, some tainted."""
    return tuple(draw(machine(f"n{at}")) for at in range(draw(st.integers(1, most))))


@st.composite
def machine(draw: st.DrawFn, name: str) -> Machine:
    """One node."""
    room = Amounts(draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(0, 3)))
    rack = draw(st.sampled_from([{}, {"rack": "a"}, {"rack": "b"}]))
    taints = (Taint("own", "", "NoSchedule"),) if draw(st.integers(0, 5)) == 0 else ()
    return Machine(name, "pool", {HOST: name, **rack}, taints, room, room)


def _app(name: str) -> Selector:
    return Selector((Requirement("app", Operator.IN, (name,)),))


@st.composite
def shapes(draw: st.DrawFn, name: str, *, spread: bool) -> Shape:
    """What a pod asks for: small amounts, and seldom a rule."""
    key = draw(st.sampled_from([HOST, "rack"]))
    other = draw(st.sampled_from(["g0", "g1", "g2"]))
    seldom = st.integers(0, 4).map(lambda number: number == 0)
    rule = Spread(_app(draw(st.sampled_from([name, other]))), key, draw(st.integers(1, 2)), 1, True, False)
    return Shape(
        request=Amounts(draw(st.integers(0, 3)), draw(st.integers(0, 3)), 1, draw(st.integers(0, 1))),
        namespace="inn",
        labels=(("app", name),),
        node_labels=(NodeTerm("rack", "In", ("a",)),) if draw(seldom) else (),
        tolerations=(Toleration("own", "Exists", "", ""),) if draw(st.booleans()) else (),
        host_ports=frozenset({HostPort("TCP", draw(st.integers(1, 2)))}) if draw(seldom) else frozenset(),
        apart=(PodTerm(_app(other), frozenset({"inn"}), key),) if draw(seldom) else (),
        spread=(rule,) if spread and draw(seldom) else (),
    )


@st.composite
def groups(draw: st.DrawFn, *, spread: bool = True) -> tuple[Group, ...]:
    """One to three groups of up to three pods."""
    found = []
    for at in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, 3))
        found.append(Group(f"Deployment inn/g{at}", draw(shapes(f"g{at}", spread=spread)), number, number, number))
    return tuple(found)
