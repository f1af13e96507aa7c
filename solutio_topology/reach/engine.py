"""From policies to what every class of pods may do in each direction. `solve` is the way in."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from solutio_topology.manifests.facts import Facts
from solutio_topology.reach.bits import members
from solutio_topology.reach.classes import NamedPort
from solutio_topology.reach.connections import Connections
from solutio_topology.reach.model import Direction, HostNetwork
from solutio_topology.reach.partition import (
    Decided,
    Partition,
    Share,
    first_match,
    override,
    partition,
    subtract,
)
from solutio_topology.reach.ports import ALL_PORTS, PortSet
from solutio_topology.reach.rules import ADMIN_KINDS, CILIUM_KINDS, CompiledPolicy, Compiler, Rule
from solutio_topology.reach.solution import DirectionResult, Solution
from solutio_topology.reach.universe import Universe


def solve(facts: Facts, host_network: HostNetwork | None = None) -> Connections:
    """Compute who can talk to whom.

    `host_network` says what policies make of hostNetwork pods; None: decided by the facts (`host_network_of`).
    """
    mode = host_network or host_network_of(facts)
    universe = Universe(facts)
    compiler = Compiler(universe, mode)
    policies = tuple(compiler.compile(policy) for policy in facts.policies)
    egress = _Engine(universe, mode, policies, "egress").solve()
    ingress = _Engine(universe, mode, policies, "ingress").solve()
    return Connections(Solution(facts, mode, universe, compiler, policies, egress, ingress))


def host_network_of(facts: Facts) -> HostNetwork:
    """Where manifests show Cilium, a hostNetwork pod is its node; else the plugin is not known."""
    cilium = any(policy.key.kind in CILIUM_KINDS for policy in facts.policies)
    return HostNetwork.NODE if cilium else HostNetwork.UNKNOWN


class _Subject(Struct, frozen=True):
    """All that makes the answer for a class. Classes alike in this share one profile."""

    policies: tuple[int, ...]
    named: tuple[tuple[NamedPort, PortSet], ...]
    """The class's port names: policies on ingress speak of the subject's own ports."""
    doubtful: bool
    """A hostNetwork pod, for which it is not known whether the policies apply."""
    unsure: bool
    """A pod for which it is not known whether some other policy applies: nothing is sure then."""


class _Engine:
    """One direction of all pods."""

    def __init__(
        self,
        universe: Universe,
        mode: HostNetwork,
        policies: tuple[CompiledPolicy, ...],
        direction: Direction,
    ) -> None:
        self.universe = universe
        self.mode = mode
        self.policies = policies
        self.direction = direction
        self._open: Partition = {ALL_PORTS: universe.everyone}

    def solve(self) -> DirectionResult:
        """The profile of every class, in the order of the classes."""
        numbers: dict[_Subject, int] = {}
        subjects = tuple(self._subjects())
        of_class = [numbers.setdefault(subject, len(numbers)) for subject in subjects]
        policies_of = tuple(subject.policies for subject in subjects)
        profiles = tuple(self._kept(self._profile(subject, widest=False)) for subject in numbers)
        perhaps = {
            number: widest
            for subject, number in numbers.items()
            if self._is_doubtful(subject) and (widest := self._profile(subject, widest=True)) != profiles[number]
        }
        return DirectionResult(policies_of, tuple(of_class), profiles, perhaps)

    def _kept(self, profile: Partition) -> Partition:
        return {ports: self.universe.keep(bits) for ports, bits in profile.items()}

    def _subjects(self) -> Iterator[_Subject]:
        classes = self.universe.classes.classes
        selecting: list[list[int]] = [[] for _ in classes]
        doubtful, unsure = self._bound_nodes(), 0
        for number, compiled in enumerate(self.policies):
            if not self._speaks(compiled):
                continue
            chosen = compiled.subjects
            unsure |= compiled.doubtful
            if self.mode is HostNetwork.UNKNOWN:
                chosen |= compiled.host_subjects
                doubtful |= compiled.host_subjects
            for each in members(chosen):
                selecting[each].append(number)
        for each, pod_class in enumerate(classes):
            named = pod_class.named if self.direction == "ingress" else ()
            yield _Subject(tuple(selecting[each]), named, bool(doubtful >> each & 1), bool(unsure >> each & 1))

    def _bound_nodes(self) -> int:
        """The hostNetwork pods, when a policy for nodes is there: which nodes it binds is not known."""
        nodes = any(each.policy.nodes is not None and self._speaks(each) for each in self.policies)
        return self.universe.hosts if nodes and self.mode is not HostNetwork.POD else 0

    def _speaks(self, compiled: CompiledPolicy) -> bool:
        return bool(self._rules(compiled)) or self._isolates(compiled)

    def _rules(self, compiled: CompiledPolicy) -> tuple[Rule, ...]:
        return compiled.ingress if self.direction == "ingress" else compiled.egress

    def _isolates(self, compiled: CompiledPolicy) -> bool:
        policy = compiled.policy
        return policy.isolates_ingress if self.direction == "ingress" else policy.isolates_egress

    def _is_doubtful(self, subject: _Subject) -> bool:
        return (
            subject.doubtful
            or subject.unsure
            or any(
                rule.peers.sure != rule.peers.perhaps
                for number in subject.policies
                for rule in self._rules(self.policies[number])
            )
        )

    def _profile(self, subject: _Subject, *, widest: bool) -> Partition:
        """What the subject surely may, or at most (`widest`)."""
        if subject.doubtful or subject.unsure:
            if widest:
                return self._open
            if subject.unsure or not subject.policies:
                return {}
        chosen = [self.policies[number] for number in subject.policies]
        ordinary = [each for each in chosen if each.policy.key.kind not in ADMIN_KINDS]
        isolated = any(self._isolates(each) for each in ordinary)
        base = self._allowed(ordinary, subject, widest=widest) if isolated else self._open
        if len(ordinary) < len(chosen):
            base = self._administered(chosen, subject, base, isolated=isolated, widest=widest)
        return subtract(base, self._shares(ordinary, subject, "Deny", widest=not widest))

    def _allowed(self, chosen: list[CompiledPolicy], subject: _Subject, *, widest: bool) -> Partition:
        shares = list(self._shares(chosen, subject, "Allow", widest=widest))
        if self.direction == "ingress":
            # Kubernetes: the node that a pod runs on can always reach it, or probes would fail.
            shares.append((ALL_PORTS, self.universe.entity("host")))
        return partition(shares)

    def _shares(self, chosen: list[CompiledPolicy], subject: _Subject, action: str, *, widest: bool) -> Iterator[Share]:
        for compiled in chosen:
            for rule in self._rules(compiled):
                if rule.rule.action == action:
                    yield from self._share(rule, subject, widest=widest)

    def _share(self, rule: Rule, subject: _Subject, *, widest: bool) -> Iterator[Share]:
        peers = rule.peers.perhaps if widest else rule.peers.sure
        if not rule.named:
            yield rule.static, peers
        elif self.direction == "ingress":
            own = dict(subject.named)
            yield PortSet.union_of([rule.static, *(own[name] for name in rule.named if name in own)]), peers
        else:
            yield rule.static, peers
            for name in rule.named:
                for ports, pods in self.universe.named.get(name, {}).items():
                    yield ports, peers & pods

    def _administered(
        self,
        chosen: list[CompiledPolicy],
        subject: _Subject,
        base: Partition,
        *,
        isolated: bool,
        widest: bool,
    ) -> Partition:
        """AdminNetworkPolicies by priority come before the others, the baseline after them."""
        if not isolated:
            baseline = self._ordered(chosen, subject, "BaselineAdminNetworkPolicy", widest=widest)
            base = override(baseline, base)
        return override(self._ordered(chosen, subject, "AdminNetworkPolicy", widest=widest), base)

    def _ordered(
        self, chosen: list[CompiledPolicy], subject: _Subject, kind: str, *, widest: bool
    ) -> dict[Decided, int]:
        ranked = sorted(
            (each for each in chosen if each.policy.key.kind == kind),
            key=lambda each: (each.policy.priority, each.policy.key),
        )
        shares = (
            (rule.rule.action, ports, bits)
            for compiled in ranked
            for rule in self._rules(compiled)
            for ports, bits in self._share(rule, subject, widest=widest == (rule.rule.action == "Allow"))
        )
        return first_match(shares, self.universe.everyone)
