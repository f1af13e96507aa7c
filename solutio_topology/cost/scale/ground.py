"""What a plan starts from: the environment with one tenant pod of each kind, and what its pods ask of nodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.graph.expand import expand

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.fit import Fit
    from solutio_topology.graph.model import EnvironmentGraph, PodGraph
    from solutio_topology.spec.component import Component
    from solutio_topology.spec.topology import Topology


class People(Struct, frozen=True):
    """The tenant pods of a plan: the shared one that organizations join, the one that is copied, and the others."""

    shared: str
    copied: str
    """Empty where there is no dedicated tenant pod."""
    others: tuple[str, ...]
    copied_orgs: int
    """Organizations of each copy."""


class Ground(Struct, frozen=True):
    """The environment that grows."""

    topology: Topology
    environment: str
    people: People
    lookup: Callable[[str], Component]
    graph: EnvironmentGraph
    """With one copy of the dedicated tenant pod."""
    fit: Fit

    def pod(self, name: str) -> PodGraph:
        """A tenant pod of the graph."""
        return next(pod for pod in self.graph.pods if pod.pod == name)


def people_of(topology: Topology, environment: str) -> People:
    """Who lives in an environment. Raises LookupError where it has no shared tenant pod."""
    names = topology.environments[environment].pods or list(topology.pods)
    kinds = {name: topology.tiers[topology.pods[name].tier].tenancy for name in names}
    shared = [name for name in names if kinds[name] == "shared"]
    dedicated = [name for name in names if kinds[name] == "dedicated"]
    scale = topology.scale
    first = scale.orgs if scale.orgs in shared else next(iter(shared), None)
    if first is None:
        raise LookupError(environment)
    copied = scale.enterprise if scale.enterprise in dedicated else next(iter(dedicated), "")
    tier = topology.pods[copied].tier if copied else ""
    others = tuple(name for name in names if name not in {first, copied} and topology.pods[name].tier != tier)
    return People(first or "", copied or "", others, max(len(topology.pods[copied].orgs), 1) if copied else 0)


def peopled(topology: Topology, environment: str, people: People, *, orgs: int, copies: int) -> Topology:
    """The topology with these tenant pods alone: of the copies one, which has the organizations of all."""
    names = {people.shared, *people.others, *([people.copied] if copies else [])}
    counts = {people.shared: orgs, people.copied: copies}
    pods = {
        name: topology.pods[name].model_copy(update={"orgs": organizations(counts[name])})
        if name in counts
        else topology.pods[name]
        for name in topology.pods
        if name in names
    }
    kept = topology.environments[environment].model_copy(update={"pods": list(pods)})
    return topology.model_copy(update={"pods": pods, "environments": {**topology.environments, environment: kept}})


@lru_cache(maxsize=8)
def organizations(number: int) -> list[str]:
    """Names of so many organizations; the bill counts them and prints none."""
    return [f"org-{at}" for at in range(1, number + 1)]


def ground(
    topology: Topology, environment: str, people: People, lookup: Callable[[str], Component], fit: Fit
) -> Ground:
    """The environment that grows, with what its manifests ask of nodes."""
    alone = peopled(topology, environment, people, orgs=1, copies=1 if people.copied else 0)
    return Ground(topology, environment, people, lookup, expand(alone, environment, lookup), fit)
