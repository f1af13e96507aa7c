"""A sizing as values that are laid over the topology, as ``--set`` does, so that the usual bill prices it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solutio_topology.cost.scale.ground import peopled
from solutio_topology.findings import Finding
from solutio_topology.spec.override import Override, override
from solutio_topology.spec.source import SourceFile
from solutio_topology.yamlio import Pointer, Positions

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.cost.scale.model import Ask, Sizing
    from solutio_topology.spec.topology import Topology

_PLAN = SourceFile("plan", (), Positions(None))


class Values:
    """Lays sizings over one topology."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def _data(self) -> dict[str, Any]:
        """What was written in the topology, of one tenant pod of each kind, and nothing that follows by default."""
        people = self._ground.people
        alone = peopled(self._ground.topology, self._ground.environment, people, orgs=1, copies=1)
        data: dict[str, Any] = alone.model_dump(by_alias=True, exclude_unset=True)
        return data

    def topology(self, ask: Ask, sizing: Sizing) -> Topology:
        """The topology of a demand: with one copy of the dedicated tenant pod, which has the organizations of all."""
        from solutio_topology.spec.topology import Topology

        data, refused = self._data, list[Finding]()
        for pointer, value in self.values(sizing):
            data, _ = override(data, Override(pointer, value, _PLAN), refused)
        assert not refused, refused
        people = self._ground.people
        copies = ask.enterprise * (ask.customer or people.copied_orgs)
        found = Topology.model_validate(data)
        return peopled(found, self._ground.environment, people, orgs=ask.orgs, copies=copies)

    def values(self, sizing: Sizing) -> Iterator[tuple[Pointer, Any]]:
        """Each value of a sizing with its place: where nothing else overrides it."""
        for target, number in sizing.replicas.items():
            process = ("processes", target.process) if target.process else ()
            yield ("pods", target.pod, "services", target.service, *process, "replicas"), number
        for (pod, service), size in sizing.storage.items():
            yield ("pods", pod, "services", service, "storage"), f"{size}Gi"
        for name, crowd in sizing.pools.items():
            if place := self._pool(name):
                yield (*place, "nodes"), crowd.nodes
        for key, tariff in sizing.tariffs.items():
            yield ("costs", "items", key, "monthly"), tariff.monthly
        for below, size in sizing.usage.items():
            yield ("costs", "usage", self._ground.environment, *below), f"{size}Gi"

    def _pool(self, name: str) -> Pointer:
        """Where the nodes of a pool are said. Those of another tier's tenant pods stay as they are."""
        people, topology = self._ground.people, self._ground.topology
        if name == people.copied:
            return ("tiers", topology.pods[name].tier, "pool")
        if name in people.others:
            return ()
        if name in topology.environments[self._ground.environment].platform.pools:
            return ("environments", self._ground.environment, "platform", "pools", name)
        return ("platform", "pools", name)
