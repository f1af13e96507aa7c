"""The nouns of capacity: amounts, nodes, what a pod asks of a node, and groups of equal pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Place, Selector

Pairs = tuple[tuple[str, str], ...]
"""Labels, sorted: what a frozen value can hold."""


class Amounts(NamedTuple):
    """What is offered or asked for, in whole units."""

    cpu: int = 0
    """Millicores."""
    memory: int = 0
    """Bytes."""
    pods: int = 0
    volumes: int = 0
    """Block volumes attached."""

    def plus(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: Amounts) -> Amounts:
        """What is left; negative where `other` is more."""
        return Amounts(*(a - b for a, b in zip(self, other, strict=True)))

    def times(self, number: int) -> Amounts:
        """So many of it."""
        return Amounts(*(each * number for each in self))

    def within(self, other: Amounts) -> bool:
        """Whether none of it exceeds `other`. What is not asked for does not count, however little there is."""
        return all(a <= b or a <= 0 for a, b in zip(self, other, strict=True))


RESOURCES = Amounts._fields


class Taint(NamedTuple):
    """A taint of a node that keeps pods away."""

    key: str
    value: str
    effect: str


class Toleration(NamedTuple):
    """A toleration of a pod. An empty key with ``Exists`` tolerates everything; an empty effect every effect."""

    key: str
    operator: str
    value: str
    effect: str

    def covers(self, taint: Taint) -> bool:
        """Whether it tolerates the taint."""
        if self.effect not in {"", taint.effect} or self.key not in {"", taint.key}:
            return False
        if self.operator == "Exists":
            return True
        return bool(self.key) and self.value == taint.value


class NodeTerm(NamedTuple):
    """One requirement on a node's labels, as node affinity writes it; `operator` also ``Gt`` and ``Lt``."""

    key: str
    operator: str
    values: tuple[str, ...] = ()
    is_field: bool = False
    """Of ``matchFields``: the node's name, no label."""


class PodTerm(Struct, frozen=True):
    """A required anti-affinity: no pod that it selects may stand in the same domain of `topology_key`."""

    selector: Selector
    namespaces: frozenset[str] | None
    """None: every namespace."""
    topology_key: str


class Spread(Struct, frozen=True):
    """A topology spread constraint with ``DoNotSchedule``."""

    selector: Selector
    topology_key: str
    max_skew: int
    min_domains: int
    honors_affinity: bool
    honors_taints: bool


class HostPort(NamedTuple):
    """A port of the node that a pod takes; once for each protocol and address, and no address means all."""

    protocol: str
    number: int
    address: str = ""

    def conflicts(self, other: HostPort) -> bool:
        """Whether both cannot be had on one node."""
        same = (self.protocol, self.number) == (other.protocol, other.number)
        return same and (self.address == other.address or "" in {self.address, other.address})


class Shape(Struct, frozen=True):
    """What one pod asks of a node. Pods of one shape are interchangeable."""

    request: Amounts
    namespace: str = ""
    labels: Pairs = ()
    node_labels: tuple[NodeTerm, ...] = ()
    """All of them hold."""
    node_terms: tuple[tuple[NodeTerm, ...], ...] = ()
    """One of them holds, with all that stands in it; without any there is nothing to hold."""
    node_name: str = ""
    tolerations: tuple[Toleration, ...] = ()
    host_ports: frozenset[HostPort] = frozenset()
    apart: tuple[PodTerm, ...] = ()
    spread: tuple[Spread, ...] = ()
    extended: tuple[str, ...] = ()
    """Resources that no node here offers, such as ``nvidia.com/gpu``."""
    unmodelled: tuple[str, ...] = ()
    """Requirements that are not followed: where one stands, a fit is not certain."""


class Group(Struct, frozen=True):
    """Equal pods of one owner."""

    name: str
    """``Deployment solutio-default/api``."""
    shape: Shape
    low: int
    """Pods that always run."""
    usual: int
    high: int
    """Pods at most."""
    place: Place | None = None
    surge: int = 0
    """Pods that a rollout adds while the old ones still run, at the usual number."""
    everywhere: bool = False
    """One on each node that takes it (DaemonSet)."""
    passing: bool = False
    """Runs and ends (Job, CronJob): beside the rest at maximum and during a rollout."""
    missing: tuple[str, ...] = ()
    """Resources of which nothing is requested, or of which the request is not known."""
    owner: tuple[str, str] = ("", "")
    """Tenant pod and service, where it says so."""


class Machine(Struct, frozen=True):
    """One node of a pool."""

    name: str
    pool: str
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    offers: Amounts
    """Allocatable, before the provider's own pods."""
    room: Amounts
    """What is left for the pods of the manifests."""
    taken: frozenset[HostPort] = frozenset()
    """Ports of the node that a DaemonSet holds."""

    def __hash__(self) -> int:
        # A mapping has no hash; machines of one name and pool are told apart by what else they are.
        return hash((self.name, self.pool))
