"""Everything that can be an end of a packet, as bits: pod classes, identities of nodes and cluster, addresses."""

from __future__ import annotations

from collections.abc import Iterable

from solutio_topology.manifests.facts import Facts, Peer, Selector
from solutio_topology.reach.addresses import AddressAtoms, cidr_spans, range_spans
from solutio_topology.reach.bits import bits_of, members, run
from solutio_topology.reach.classes import Classes, NamedPort, classify
from solutio_topology.reach.labels import LabelIndex
from solutio_topology.reach.model import (
    ANY_INGRESS_CONTROLLER,
    ENTITIES,
    EntityNode,
    Node,
    RangeNode,
    WorkloadNode,
)
from solutio_topology.reach.ports import PortSet
from solutio_topology.reach.spans import Spans


class Universe:
    """The layout of the bits, and who a selector, a CIDR or an entity means in it.

    From bit 0: the pod classes; one pod without labels in a namespace without labels, which stands for an ingress
    controller that is not in the manifests; the entities; the address ranges.
    """

    def __init__(self, facts: Facts) -> None:
        self.classes: Classes = classify(facts)
        self._namespaces = facts.namespaces
        count = len(self.classes.classes)
        self.pods = run(0, count - 1)
        self.hosts = bits_of(i for i, each in enumerate(self.classes.classes) if each.host_network)
        self.stranger = 1 << count
        self._entities = {name: 1 << (count + 1 + i) for i, name in enumerate(ENTITIES)}
        self._first_atom = count + 1 + len(ENTITIES)
        self.atoms = AddressAtoms(_cuts(facts))
        self.everyone = run(0, self._first_atom + len(self.atoms) - 1)
        self.addresses = self.everyone & ~run(0, self._first_atom - 1)
        self.identities = sum(self._entities.values())
        self._kept: dict[int, int] = {}
        self._index_pods()

    def keep(self, bits: int) -> int:
        """The set itself: of equal ones the first. Most policies of a fleet speak of few sets, and each is long."""
        return self._kept.setdefault(bits, bits)

    def _index_pods(self) -> None:
        pods = [dict(each.labels) for each in self.classes.classes]
        self._labels = LabelIndex([*pods, {}])
        self._in_namespace: dict[str, int] = {}
        for number, each in enumerate(self.classes.classes):
            self._in_namespace[each.namespace] = self._in_namespace.get(each.namespace, 0) | 1 << number
        names = list(self._in_namespace)
        self._namespace_labels = LabelIndex([self._namespaces.get(name, {}) for name in names] + [{}])
        self._namespace_bits = [self._in_namespace[name] for name in names] + [self.stranger]
        self._selected_namespaces: dict[Selector, int] = {}
        self.named: dict[NamedPort, dict[PortSet, int]] = {}
        for number, each in enumerate(self.classes.classes):
            for name, ports in each.named:
                group = self.named.setdefault(name, {})
                group[ports] = group.get(ports, 0) | 1 << number

    def in_namespace(self, name: str) -> int:
        """The pods of one namespace."""
        return self._in_namespace.get(name, 0)

    def in_namespaces(self, selector: Selector | None) -> int:
        """The pods of the namespaces that a selector matches; None: of every namespace."""
        if selector is None:
            return self.pods | self.stranger
        found = self._selected_namespaces.get(selector)
        if found is None:
            found = 0
            for number in members(self._namespace_labels.select(selector)):
                found |= self._namespace_bits[number]
            self._selected_namespaces[selector] = found
        return found

    def with_labels(self, selector: Selector | None, *, widest: bool = False) -> int:
        """The pods, of any namespace, that a selector surely matches, or at most (`widest`); None: all."""
        return self.pods | self.stranger if selector is None else self._labels.select(selector, widest=widest)

    def is_sure(self, selector: Selector | None) -> bool:
        """Whether it is known of every pod whether a selector matches it."""
        return selector is None or self._labels.is_sure(selector)

    def selected_by(self, peer: Peer, namespace: str, *, widest: bool = False) -> int:
        """The pods that the selectors of a peer match, for a policy of this namespace (empty: cluster-wide)."""
        if peer.namespaces is not None or peer.any_namespace or not namespace:
            within = self.in_namespaces(peer.namespaces)
        else:
            within = self.in_namespace(namespace)
        return within & self.with_labels(peer.pods, widest=widest)

    def entity(self, name: str) -> int:
        """One identity that is neither pod nor address."""
        return self._entities.get(name, 0)

    def addresses_of(self, spans: Spans) -> int:
        """The address ranges that a set of addresses touches."""
        found = 0
        for first, last in self.atoms.runs(spans):
            found |= run(self._first_atom + first, self._first_atom + last)
        return found

    def bits(self, node: Node) -> int:
        """The bits of one end; 0 for a name or an entity that is not known."""
        match node:
            case WorkloadNode(index=index):
                return 1 << self.classes.of_workload[index]
            case RangeNode():
                return self.addresses_of(range_spans(node))
            case EntityNode():
                return self.stranger if node == ANY_INGRESS_CONTROLLER else self.entity(node.name)
        return 0

    def ranges(self, bits: int) -> list[RangeNode]:
        """The address ranges of a set, adjacent ones joined."""
        return self.atoms.ranges(list(members((bits & self.addresses) >> self._first_atom)))


def _cuts(facts: Facts) -> Iterable[Spans]:
    for policy in facts.policies:
        for rule in (*policy.ingress, *policy.egress):
            for peer in rule.peers or ():
                if peer.cidr:
                    yield cidr_spans(peer.cidr, peer.except_) or ()
