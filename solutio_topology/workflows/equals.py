"""A fleet as the few tenant pods that stand for it: which files to judge, and which graph to hold against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.manifests.classes import MEMBERS, Classes, Print, classify, fingerprint, owners
from solutio_topology.manifests.read import SUFFIXES
from solutio_topology.manifests.shared import InseparableError, Shares, read_shares, without_pods
from solutio_topology.manifests.tokens import Names, names_of
from solutio_topology.workflows.spread import spread

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph

Read = Callable[[str], bytes]


class Judged(Struct, frozen=True):
    """What is judged of an environment."""

    graph: EnvironmentGraph
    files: Mapping[str, bytes]
    """Manifests by path."""
    paths: frozenset[str]
    """Every file that counts, manifests or not."""
    names: Names
    stands_for: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tenant pod → those that are equal to it and not judged themselves."""


def judged(graph: EnvironmentGraph, paths: Iterable[str], read: Read, *, prefix: str = "") -> Judged:
    """Of equal tenant pods three, of all others each, and what they share. `read` gives a file's content.

    `prefix` of the paths says nothing about tenant pods.
    """
    side = _Side.of(graph, paths, read, prefix, _names(graph))
    return _reduced([side], frozenset())[0]


def judged_both(
    before: tuple[EnvironmentGraph, Mapping[str, bytes]],
    after: tuple[EnvironmentGraph, Mapping[str, bytes]],
    prefix: str,
) -> tuple[Judged, Judged]:
    """The same of two states: who stands for others is the same on both sides, and so are its files."""
    names = _names(before[0], after[0])
    sides = [_Side.of(graph, files, files.__getitem__, prefix, names) for graph, files in (before, after)]
    differing = {path for path in before[1].keys() | after[1].keys() if before[1].get(path) != after[1].get(path)}
    changed = names.mentioned("\n".join(path.removeprefix(prefix) for path in differing))
    lone = {pod for pod in names.by_pod for side in sides if pod not in side.pods}
    first, second = _reduced(sides, frozenset(changed | lone))
    return first, second


def _reduced(sides: list[_Side], alone: frozenset[str]) -> list[Judged]:
    """Each side with those that are judged. Who is `alone` stands for nobody."""
    names = sides[0].names
    if len(names.by_pod) <= MEMBERS:
        return [side.judged(Classes(frozenset(names.by_pod), {})) for side in sides]
    try:
        classes = _classes(sides, alone)
        return [side.judged(classes) for side in sides]
    except InseparableError:
        return [side.judged(Classes(frozenset(names.by_pod), {})) for side in sides]


def _is_manifest(path: str) -> bool:
    return path.endswith(SUFFIXES)


def _names(*graphs: EnvironmentGraph) -> Names:
    """The names of the tenant pods that can be equal: those that serve no other."""
    found = {
        (pod.pod, pod.tenant.domain, pod.tenant.namespace): None
        for graph in graphs
        for pod in graph.pods
        if not graph.serves_others(pod.pod)
    }
    return names_of(found)


class _Side(Struct, frozen=True):
    """The files of one state of an environment, by whom they belong to; paths without what all have in front."""

    graph: EnvironmentGraph
    names: Names
    own: Mapping[str, list[str]]
    shared: list[str]
    real: Mapping[str, str]
    source: Read

    @classmethod
    def of(cls, graph: EnvironmentGraph, paths: Iterable[str], read: Read, prefix: str, names: Names) -> _Side:
        """Sort the paths of a state."""
        real = {path.removeprefix(prefix): path for path in sorted(paths)}
        own, shared = owners(real, names)
        return cls(graph, names, own, shared, real, read)

    @property
    def pods(self) -> frozenset[str]:
        """The tenant pods that the graph of this side knows."""
        return frozenset(pod.pod for pod in self.graph.pods)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        return self.source(self.real[path])

    def fingerprint(self, pod: str) -> Print:
        """What the files of a tenant pod are."""
        return fingerprint(pod, {path: self.read(path) for path in self.own.get(pod, ())}, self.names)

    def mentioned(self, pod: str) -> frozenset[str]:
        """The other tenant pods that the files of one speak of."""
        texts = (self.names.without(pod, self.read(path)).decode(errors="replace") for path in self.own.get(pod, ()))
        return frozenset().union(*map(self.names.mentioned, texts))

    def shares(self) -> Shares:
        """What the shared manifests say of tenant pods."""
        found = Shares()
        for path in self.shared:
            if _is_manifest(path):
                read_shares(path, self.read(path), self.names, found)
        return found

    def judged(self, classes: Classes) -> Judged:
        """What is judged where some stand for others. Raises InseparableError."""
        kept = [path for pod in self.own if pod in classes.kept for path in self.own[pod]]
        found = {
            path: without_pods(self.read(path), self.names, classes.gone) for path in self.shared if _is_manifest(path)
        }
        found |= {path: self.read(path) for path in kept if _is_manifest(path)}
        return Judged(
            graph=_without_organizations(self.graph, classes.kept) if classes.gone else self.graph,
            files={self.real[path]: data for path, data in found.items()},
            paths=frozenset(self.real[path] for path in (*self.shared, *kept)),
            names=self.names,
            stands_for=classes.stands_for,
        )


def _classes(sides: list[_Side], alone: frozenset[str]) -> Classes:
    names = sides[0].names
    alone |= names.entangled
    more: dict[str, list[object]] = {pod: [] for pod in names.by_pod}
    for side in sides:
        shares = side.shares()
        alone |= shares.inseparable | ({each.pod for each in side.graph.topology.mapping} & names.by_pod.keys())
        # What runs on nodes of everybody counts for the room on them: it cannot be stood for.
        alone |= {pod.pod for pod in side.graph.pods if pod.pod in names.by_pod and pod.tier.pool is None}
        for pod in more.keys() & side.pods:
            more[pod].append((_declared(side.graph, pod, names), shares.of(pod)))
    # Whoever is not alone has the same files on every side.
    prints = list(spread(sides[-1].fingerprint, [pod for pod in names.by_pod if pod not in alone]))
    equal = {pod: tuple(told) for pod, told in more.items()}
    while True:
        classes = classify((each for each in prints if each.pod not in alone), equal, alone)
        if not classes.gone:
            return classes
        # Whoever is spoken of in another's files is looked at, and so is whoever speaks.
        spoken = {pod: frozenset().union(*(side.mentioned(pod) for side in sides)) for pod in sorted(classes.kept)}
        talkers = {pod for pod in classes.stands_for if spoken[pod]}
        equals = {member for head in talkers for member in classes.stands_for[head]}
        grown = alone | talkers | equals | frozenset().union(*spoken.values())
        if grown == alone:
            return classes
        alone = frozenset(grown)


def _declared(graph: EnvironmentGraph, pod: str, names: Names) -> bytes:
    """What the topology says of a tenant pod, without its names and its organizations."""
    told = graph.topology.pods[pod].model_dump_json(exclude={"orgs"})
    return names.without(pod, told.encode())


def _without_organizations(graph: EnvironmentGraph, kept: frozenset[str]) -> EnvironmentGraph:
    """The graph of those that are judged. No rule that looks at it can depend on what equal ones differ in."""
    from solutio_topology.graph.view import restricted

    found = restricted(graph, kept)
    pods = tuple(
        pod if graph.serves_others(pod.pod) else replace(pod, tenant=pod.tenant.model_copy(update={"orgs": []}))
        for pod in found.pods
    )
    topology = found.topology.model_copy(update={"pods": {pod.pod: pod.tenant for pod in pods}})
    return replace(found, topology=topology, pods=pods)
