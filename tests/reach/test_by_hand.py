"""Small worlds with their answers worked out by hand from the API references, one trap each: `hand/*.yaml`.

The comment at the head of a world says what it is about and what must come out:

    into NAME            every source that can open something to NAME, or may; nothing below it: no one can
      SOURCE: PORTS      in words; after "undecided", what the manifests do not decide; "-" takes one out again
      everyone: PORTS    every other workload, and the world
    out of NAME          every destination, likewise
    said                 parts of what is said of the manifests: what cannot be read, and what is undecided

Names are those of workloads, without the kind, and without a namespace in default; "world4" and "world6" are all of
IPv4 and of IPv6, and "world" both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from solutio_topology.manifests import locate, read_files
from solutio_topology.manifests.twice import contradictions
from solutio_topology.reach import Connections, solve
from solutio_topology.reach.ingress import backend_ports
from solutio_topology.reach.model import ANY_INGRESS_CONTROLLER, Connection

WORLDS = sorted((Path(__file__).parent / "hand").iterdir())
WORLD = {"0.0.0.0-255.255.255.255": "world4", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "world6"}

Answer = dict[str, str]


@dataclass
class Wanted:
    """A paragraph of the head: what it asks about, and the lines below it."""

    kind: str
    subject: str
    lines: list[str] = field(default_factory=list)

    def answer(self, names: set[str]) -> Answer:
        found: Answer = {}
        for line in self.lines:
            name, ports = re.split(": ", line, maxsplit=1)
            others = {"everyone": {*names, "world4", "world6"} - {self.subject}, "world": {"world4", "world6"}}
            found |= dict.fromkeys(others.get(name, {name}), ports)
        return {name: ports for name, ports in found.items() if ports != "-"}


def _wanted(text: str) -> Iterator[Wanted]:
    found: Wanted | None = None
    for line in (line[2:] for line in text.splitlines() if line.startswith("# ")):
        if match := re.match(r"(into|out of|said)(?: (\S+))?$", line):
            found = Wanted(match[1], match[2] or "")
            yield found
        elif found is not None:
            found.lines.append(line.strip())


def _name(end: object) -> str:
    name = str(end)
    return WORLD.get(name) or re.sub(r"^default/|\[\w+\]$", "", name)


def _connections(solved: Connections) -> Iterator[Connection]:
    """Everything between workloads, with addresses outside, and from controllers that are not in the manifests."""
    yield from solved.pairs()
    for node in solved.workloads:
        yield from solved.external(node)
        yield from solved.from_external(node)
    controller = ANY_INGRESS_CONTROLLER
    for node, ports in backend_ports(solved.facts):
        yield Connection(controller, node, ports & solved.ports(controller, node))


def _answers(solved: Connections) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """Per destination what each source may, and per source the other way round."""
    open_, maybe = defaultdict(list), defaultdict(list)
    for each in _connections(solved):
        ends = _name(each.src), _name(each.dst)
        open_[ends] += [each.ports] if each.ports else []
        maybe[ends] += [each.undecided] if each.undecided else []
    into: dict[str, Answer] = defaultdict(dict)
    out: dict[str, Answer] = defaultdict(dict)
    for (src, dst), ports in open_.items():
        said = [str(ports[0].union_of(ports))] if ports else []
        said += [f"undecided {doubts[0].union_of(doubts)}"] if (doubts := maybe[src, dst]) else []
        if said and src != dst:
            into[dst][src] = out[src][dst] = ", ".join(said)
    return into, out


def _said(solved: Connections) -> str:
    facts = solved.facts
    found = [f"{locate(facts, each.place)}: {each.message}" for each in facts.unreadable]
    found += [f"{each.subject}: {each.reason}" for each in solved.undecided]
    found += [f"{b.key} stands at {locate(facts, a.place)}, too" for a, b in contradictions(facts)]
    return "\n".join(found)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: str(world.stem))
def test_by_hand(world: Path) -> None:
    data = world.read_bytes()
    solved = solve(read_files({world.name: data}))
    names = {_name(node) for node in solved.workloads}
    into, out = _answers(solved)
    paragraphs = list(_wanted(data.decode()))
    said = [line for each in paragraphs if each.kind == "said" for line in each.lines]
    asked = [each for each in paragraphs if each.kind != "said"]
    found = {(each.kind, each.subject): (into if each.kind == "into" else out)[each.subject] for each in asked}
    assert found == {(each.kind, each.subject): each.answer(names) for each in asked}
    assert {each.subject for each in asked} <= names
    assert asked
    told = _said(solved)
    assert [line for line in said if line not in told] == []
    assert bool(told) == bool(said), told
