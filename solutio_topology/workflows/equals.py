"""A fleet as the few tenant pods that stand for it: which files to judge, and which graph to hold against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from solutio_topology.manifests.classes import MEMBERS, Classes, Print, classify, fingerprint, owners
from solutio_topology.manifests.read import SUFFIXES
from solutio_topology.manifests.shared import InseparableError, Shares, read_shares, without_pods
from solutio_topology.manifests.tokens import Names, names_of
from solutio_topology.workflows.spread import spread

if TYPE_CHECKING:
    from solutio_topology.graph.model import EnvironmentGraph

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Judged:
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
    every = sorted(paths)
    names = _names(graph)
    if len(names.by_pod) <= MEMBERS:
        return Judged(graph, {path: read(path) for path in every if _is_manifest(path)}, frozenset(every), names)
    relative = {path.removeprefix(prefix): path for path in every}
    own, shared = owners(relative, names)
    files = _Files(names, {pod: own[pod] for pod in own}, shared, lambda path: read(relative[path]))
    try:
        classes = _classes(graph, files)
        common = {path: without_pods(files.read(path), names, classes.gone) for path in shared if _is_manifest(path)}
    except InseparableError:
        classes = Classes(frozenset(names.by_pod), {})
        common = {path: files.read(path) for path in shared if _is_manifest(path)}
    kept = [path for pod in own if pod in classes.kept for path in own[pod]]
    found = {**common, **{path: files.read(path) for path in kept if _is_manifest(path)}}
    return Judged(
        graph=_without_organizations(graph, classes.kept) if classes.gone else graph,
        files={relative[path]: data for path, data in found.items()},
        paths=frozenset(relative[path] for path in (*shared, *kept)),
        names=names,
        stands_for=classes.stands_for,
    )


def _is_manifest(path: str) -> bool:
    return path.endswith(SUFFIXES)


def _names(graph: EnvironmentGraph) -> Names:
    """The names of the tenant pods that can be equal: those that serve no other."""
    return names_of(
        (pod.pod, pod.tenant.domain, pod.tenant.namespace) for pod in graph.pods if not graph.serves_others(pod.pod)
    )


@dataclass(frozen=True)
class _Files:
    names: Names
    own: Mapping[str, list[str]]
    shared: list[str]
    read: Read

    def fingerprint(self, pod: str) -> Print:
        return fingerprint(pod, {path: self.read(path) for path in self.own.get(pod, ())}, self.names)

    def mentioned(self, pod: str) -> frozenset[str]:
        """The other tenant pods that the files of one speak of."""
        texts = (self.names.without(pod, self.read(path)).decode(errors="replace") for path in self.own.get(pod, ()))
        return frozenset().union(*map(self.names.mentioned, texts))


def _classes(graph: EnvironmentGraph, files: _Files) -> Classes:
    names = files.names
    shares = Shares()
    for path in files.shared:
        if _is_manifest(path):
            read_shares(path, files.read(path), names, shares)
    prints = list(spread(files.fingerprint, list(names.by_pod)))
    more = {pod: (_declared(graph, pod, names), shares.of(pod)) for pod in names.by_pod}
    mapped = {each.pod for each in graph.topology.mapping}
    alone = frozenset(names.entangled | shares.inseparable | (mapped & names.by_pod.keys()))
    while True:
        classes = classify(prints, more, alone)
        if not classes.gone:
            return classes
        # Whoever is spoken of in another's files is looked at, and so is whoever speaks.
        heads = set(classes.stands_for)
        spoken = {pod: files.mentioned(pod) for pod in sorted(classes.kept)}
        talkers = {pod for pod in heads if spoken[pod]}
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
