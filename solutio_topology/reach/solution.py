"""What the engine hands over: profiles of what every class of pods may do in each direction."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.facts import Facts
from solutio_topology.reach.model import Direction, HostNetwork
from solutio_topology.reach.partition import Partition
from solutio_topology.reach.rules import CompiledPolicy, Compiler
from solutio_topology.reach.universe import Universe


class DirectionResult(Struct, frozen=True):
    """Per class the number of its profile; `profiles` hold what surely passes, `perhaps` what may pass besides.

    A profile partitions the other ends by the ports they may use (ingress) or that may be used (egress).
    """

    policies_of: tuple[tuple[int, ...], ...]
    """Per class the numbers of the policies that bind it in this direction."""
    of_class: tuple[int, ...]
    profiles: tuple[Partition, ...]
    perhaps: dict[int, Partition]
    """Only for the profiles in which something is undecided; what surely passes is included."""

    def sure_of(self, number: int) -> Partition:
        """What a class surely may."""
        return self.profiles[self.of_class[number]]

    def perhaps_of(self, number: int) -> Partition:
        """What a class may at most."""
        profile = self.of_class[number]
        return self.perhaps.get(profile, self.profiles[profile])


class Solution(Struct, frozen=True):
    """Everything an answer is made from."""

    facts: Facts
    host_network: HostNetwork
    universe: Universe
    compiler: Compiler
    policies: tuple[CompiledPolicy, ...]
    egress: DirectionResult
    ingress: DirectionResult

    def direction(self, direction: Direction) -> DirectionResult:
        """The result of one direction."""
        return self.egress if direction == "egress" else self.ingress
