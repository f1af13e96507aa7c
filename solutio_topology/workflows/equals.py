"""A fleet as the few tenant pods that stand for it: which files to judge, and which graph to hold against them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.manifests.classes import MEMBERS, Classes, Print, classify, fingerprint, owners
from solutio_topology.manifests.read import SUFFIXES
from solutio_topology.manifests.shared import InseparableError, Shares, read_shares, without_pods
from solutio_topology.manifests.tokens import Names, names_of
from solutio_topology.workflows.contents import Unheld
from solutio_topology.workflows.prints import Prints
from solutio_topology.workflows.spread import spread

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.workflows.contents import Contents

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
    looked_at: frozenset[str] = frozenset()
    """The judged members of classes of which some are not."""
    shortened: frozenset[str] = frozenset()
    """Paths of `files` without the items that speak of those that are not judged."""


def judged(
    graph: EnvironmentGraph,
    paths: Iterable[str],
    read: Read,
    prints: Prints,
    *,
    hashes: Mapping[str, str],
    prefix: str,
    first: str | None = None,
) -> Judged:
    """Of equal tenant pods three, of all others each, and what they share. `read` gives a file's content.

    `hashes` of some files tell their content without reading it. `prefix` of the paths says nothing about tenant pods.
    `first` is one of the three.
    """
    names = _names(graph)
    return _reduced([_Side(graph, names, _Paths.of(paths, prefix, names), read, hashes.get)], prints, first)[0]


def judged_both(
    before: tuple[EnvironmentGraph, Contents],
    after: tuple[EnvironmentGraph, Contents],
    prefix: str,
    prints: Prints,
) -> tuple[Judged, Judged]:
    """The same of two states: equal are those that were equal and still are. Who stands for others does on both."""
    names = _names(before[0], after[0])
    paths = _Paths.of(before[1].keys() | after[1].keys(), prefix, names)
    sides = [
        _Side(graph, names, paths.among(files), files.__getitem__, files.sha256) for graph, files in (before, after)
    ]
    first, second = _reduced(sides, prints)
    return first, second


def _reduced(sides: list[_Side], prints: Prints, first: str | None = None) -> list[Judged]:
    """Each side with those that are judged."""
    names = sides[0].names
    everybody = Classes(frozenset(names.by_pod), {})
    if len(names.by_pod) <= MEMBERS:
        return [side.judged(everybody) for side in sides]
    try:
        classes = _classes(sides, prints, first)

        @cache  # Most of what is shared is the same on both sides.
        def shorten(data: bytes) -> bytes:
            return without_pods(data, names, classes.gone)

        return [side.judged(classes, shorten) for side in sides]
    except InseparableError:
        return [side.judged(everybody) for side in sides]


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


class _Paths(Struct, frozen=True):
    """The paths of an environment by whom they belong to, without what all have in front."""

    own: Mapping[str, list[str]]
    shared: list[str]
    real: Mapping[str, str]

    @classmethod
    def of(cls, paths: Iterable[str], prefix: str, names: Names) -> _Paths:
        """Sort paths."""
        real = {path.removeprefix(prefix): path for path in sorted(paths)}
        own, shared = owners(real, names)
        return cls(own, shared, real)

    def among(self, files: Collection[str]) -> _Paths:
        """Those that are there on one side."""

        def kept(paths: list[str]) -> list[str]:
            return [path for path in paths if self.real[path] in files]

        return _Paths({pod: kept(paths) for pod, paths in self.own.items()}, kept(self.shared), self.real)


class _Side(Struct, frozen=True, dict=True):
    """The files of one state of an environment."""

    graph: EnvironmentGraph
    names: Names
    paths: _Paths
    source: Read
    sha256: Callable[[str], str | None]
    """The hash of a file's content; None where it must be read."""

    @cached_property
    def pods(self) -> Mapping[str, PodGraph]:
        """The tenant pods that the graph of this side knows, of those that can be equal."""
        return {pod.pod: pod for pod in self.graph.pods if pod.pod in self.names.by_pod}

    def read(self, path: str) -> bytes:
        """The content of a file."""
        return self.source(self.paths.real[path])

    def own(self, pod: str) -> dict[str, bytes]:
        """The files of a tenant pod."""
        return {path: self.read(path) for path in self.paths.own.get(pod, ())}

    def key(self, pod: str) -> str:
        """The hash of the files of a tenant pod and of what it is called; empty where nobody knows it."""
        files = [(path, self.sha256(self.paths.real[path])) for path in self.paths.own.get(pod, ())]
        if any(sha256 is None for _, sha256 in files):
            return ""
        return hashlib.sha256(json.dumps([self.names.by_pod[pod], files]).encode()).hexdigest()

    @cached_property
    def shared(self) -> dict[str, bytes]:
        """The manifests that are nobody's own."""
        return {path: self.read(path) for path in self.paths.shared if _is_manifest(path)}

    def declared(self, pod: str) -> bytes | None:
        """What the topology says of a tenant pod, without its names and its organizations; None where it has none."""
        if pod not in self.pods:
            return None
        told = self.graph.topology.pods[pod].model_dump_json(exclude={"orgs"})
        return self.names.without(pod, told.encode())

    def unlike_any(self) -> frozenset[str]:
        """The tenant pods that cannot be stood for, by what the topology says."""
        by_hand = {each.pod for each in self.graph.topology.mapping} & self.names.by_pod.keys()
        # What runs on nodes of everybody counts for the room on them.
        return frozenset(by_hand | {name for name, pod in self.pods.items() if pod.tier.pool is None})

    def mentioned(self, pod: str) -> frozenset[str]:
        """The other tenant pods that the files of one speak of."""
        texts = (self.names.without(pod, data).decode(errors="replace") for data in self.own(pod).values())
        return frozenset().union(*map(self.names.mentioned, texts))

    def judged(self, classes: Classes, shorten: Callable[[bytes], bytes] = lambda data: data) -> Judged:
        """What is judged where some stand for others; `shorten` takes those out of what is shared."""
        kept = [path for pod in self.paths.own if pod in classes.kept for path in self.paths.own[pod]]
        found = {path: shorten(data) for path, data in self.shared.items()}
        shortened = [path for path, data in self.shared.items() if found[path] != data]
        real = self.paths.real
        return Judged(
            graph=_without_organizations(self.graph, classes.kept) if classes.gone else self.graph,
            files=Unheld(
                {real[path]: data for path, data in found.items()},
                (real[path] for path in kept if _is_manifest(path)),
                self.source,
            ),
            paths=frozenset(real[path] for path in (*self.paths.shared, *kept)),
            names=self.names,
            stands_for=classes.stands_for,
            looked_at=classes.looked_at,
            shortened=frozenset(real[path] for path in shortened),
        )


def _classes(sides: list[_Side], prints: Prints, first: str | None) -> Classes:
    names = sides[0].names
    shares = _shares(sides)
    alone = names.entangled.union(*(side.unlike_any() for side in sides), *(each.inseparable for each in shares))
    ordered = sorted(names.by_pod, key=lambda pod: pod != first)
    found = _fingerprints(sides, [pod for pod in ordered if pod not in alone], prints)
    # Whose names cannot be taken out on one side is like nobody.
    alone |= {pod for pod, each in found.items() if not all(one.is_plain for one in each)}
    told = {
        pod: (
            tuple(one.content for one in each[1:]),
            tuple(share.of(pod) for share in shares),
            tuple(side.declared(pod) for side in sides),
        )
        for pod, each in found.items()
    }
    while True:
        classes = classify((each[0] for pod, each in found.items() if pod not in alone), told, alone)
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


def _fingerprints(sides: list[_Side], pods: list[str], prints: Prints) -> dict[str, tuple[Print, ...]]:
    """What each tenant pod is on every side, or once where nothing of it changes."""
    keys = {pod: [side.key(pod) for side in sides] for pod in pods}
    wanted = [(pod, at, key) for pod in pods for at, key in enumerate(keys[pod]) if key not in keys[pod][:at]]

    def taken(each: tuple[str, int, str]) -> Print:
        pod, at, _ = each
        return fingerprint(pod, sides[at].own(pod), sides[at].names)

    known = {each: Print(each[0], *found) for each in wanted if (found := prints.get(each[2])) is not None}
    missing = [each for each in wanted if each not in known]
    for each, new in zip(missing, spread(taken, missing), strict=True):
        known[each] = new
        prints.put(each[2], (new.content, new.is_plain))
    told: dict[str, list[Print]] = {pod: [] for pod in pods}
    for each in wanted:
        told[each[0]].append(known[each])
    return {pod: tuple(one) for pod, one in told.items()}


def _shares(sides: list[_Side]) -> list[Shares]:
    """What the shared manifests say of tenant pods: those that are the same on all sides, then the others of each."""
    first, *others = sides
    same = {path for path, data in first.shared.items() if all(side.shared.get(path) == data for side in others)}
    texts = [{path: first.shared[path] for path in same}]
    texts += [{path: data for path, data in side.shared.items() if path not in same} for side in sides]
    found = []
    for files in texts:
        shares = Shares()
        for path, data in files.items():
            read_shares(path, data, first.names, shares)
        found.append(shares)
    return found


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
