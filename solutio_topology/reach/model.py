"""The nouns of reachability: who can be an end of a connection, and what an answer looks like."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from solutio_topology.manifests.facts import Assumption, Key, Peer, Place
from solutio_topology.reach.ports import NO_PORTS, PortSet

Direction = Literal["egress", "ingress"]


class WorkloadNode(Struct, frozen=True, order=True, gc=False):
    """The pods of one workload: `index` into ``facts.workloads``."""

    index: int
    key: Key

    def __str__(self) -> str:
        return f"{self.key.namespace}/{self.key.name}[{self.key.kind}]"


class RangeNode(Struct, frozen=True, order=True):
    """Addresses outside the cluster, `first`..`last`, of IP `version` 4 or 6."""

    version: int
    first: int
    last: int

    @classmethod
    def of_cidr(cls, cidr: str) -> RangeNode:
        """The range of a CIDR or of one address.

        Raises:
            ValueError: it is neither.
        """
        network = ipaddress.ip_network(cidr, strict=False)
        return cls(network.version, int(network.network_address), int(network.broadcast_address))

    def __str__(self) -> str:
        make = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address
        return f"{make(self.first)}-{make(self.last)}"


class EntityNode(Struct, frozen=True, order=True):
    """An identity that is no pod and no address: ``ingress``, ``host``, ``remote-node``, ``kube-apiserver`` …

    ``{ingress-controller}`` stands for the controller of an Ingress whose pods are not in the manifests.
    """

    name: str

    def __str__(self) -> str:
        return self.name


class FqdnNode(Struct, frozen=True, order=True):
    """A DNS name outside the cluster, or a ``*`` pattern of names."""

    pattern: str

    def __str__(self) -> str:
        return self.pattern


Node = WorkloadNode | RangeNode | EntityNode | FqdnNode

ANY_INGRESS_CONTROLLER = EntityNode("{ingress-controller}")
ENTITIES = ("host", "remote-node", "kube-apiserver", "ingress", "health", "init", "unmanaged")
"""The identities that policies can name and that are neither pods nor addresses (``world``)."""


class Verdict(StrEnum):
    """Whether packets pass. Undecided is neither: the manifests alone do not say."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDECIDED = "undecided"


class HostNetwork(StrEnum):
    """What policies make of hostNetwork pods. Kubernetes leaves it to the network plugin."""

    NODE = "node"
    """The pod is its node: no pod policy selects it, no pod selector matches it (Cilium, and most others)."""
    POD = "pod"
    """It is a pod like any other (and how netpol-analyzer reads manifests)."""
    UNKNOWN = "unknown"
    """Both are computed; where they differ the answer is undecided."""


class Connection(Struct, frozen=True):
    """What one end can open to another. `undecided`: ports that may be open, disjoint from `ports`."""

    src: Node
    dst: Node
    ports: PortSet
    undecided: PortSet = NO_PORTS

    def __str__(self) -> str:
        return f"{self.src} => {self.dst} : {self.ports}"


class Grant(Struct, frozen=True):
    """A rule that admits (or, among `Side.denied_by`, denies) the packet, and exactly where it says so."""

    policy: Key
    policy_place: Place
    rule: Place
    peer: Place | None
    """None: the rule names no peers, it speaks of everyone."""
    port: Place | None
    """None: the rule names no ports, it speaks of every port."""
    statement: str


class Isolation(Struct, frozen=True):
    """A policy that closes one direction of the pods it selects."""

    policy: Key
    place: Place


class MissKind(StrEnum):
    """In what a rule that comes near fails to admit a packet."""

    PORT = "port"
    """It admits the peer, on other ports."""
    PEER = "peer"
    """It admits the port, to other peers."""
    NAMED_PORT = "named-port"
    """It admits the peer on a port name that the destination does not have (for this protocol)."""
    DNS = "dns"
    """It admits the name, but nothing lets the name resolve (Cilium)."""


class Miss(Struct, frozen=True):
    """A rule that comes near, and what keeps it from admitting the packet. `statement` is for people."""

    kind: MissKind
    policy: Key
    rule: Place
    place: Place
    """The port or the peer in which it differs."""
    ports: PortSet
    """What it admits: of the peer (`PORT`), of others (`PEER`)."""
    statement: str


class Side(Struct, frozen=True):
    """One direction of one packet: egress of the source or ingress of the destination."""

    direction: Direction
    verdict: Verdict
    isolated_by: tuple[Isolation, ...] = ()
    """Empty: no policy closes this direction, all is open."""
    allowed_by: tuple[Grant, ...] = ()
    denied_by: tuple[Grant, ...] = ()
    """Deny rules (Cilium, AdminNetworkPolicy); they win over what allows."""
    misses: tuple[Miss, ...] = ()
    """Nearest first; only when the verdict is not allowed."""
    undecided: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class Explanation(Struct, frozen=True):
    """Why one packet passes or not. Allowed only when both sides allow."""

    src: Node
    dst: Node
    protocol: str
    port: int
    verdict: Verdict
    egress: Side
    ingress: Side
    remarks: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    """What the answer rests on that is not in the YAML: then an allowed hop is assumed, not proven."""


class FqdnAccess(Struct, frozen=True):
    """What a workload may open to a DNS name. `live` False: no ``rules.dns`` lets the name resolve."""

    pattern: str
    ports: PortSet
    live: bool
    policies: tuple[Key, ...]
    places: tuple[Place, ...]


class Unmatched(Struct, frozen=True):
    """A policy (`peer` None) or one of its peers that matches no pod of the manifests.

    It may mean pods that are not in them (cluster DNS), or be a mistake.
    """

    policy: Key
    direction: Direction | None
    peer: Peer | None
    place: Place
    statement: str


class Undecided(Struct, frozen=True):
    """Something that the manifests do not decide, with the reason and where it stands."""

    subject: str
    reason: str
    remedy: str
    place: Place
