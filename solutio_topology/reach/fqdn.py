"""Names outside the cluster: what Cilium's toFQDNs rules open, and whether the names can resolve at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from solutio_topology.reach.addresses import PUBLIC_V4
from solutio_topology.reach.model import Direction, FqdnAccess, FqdnNode, WorkloadNode
from solutio_topology.reach.partition import ports_for
from solutio_topology.reach.ports import ALL_PORTS, PortSet
from solutio_topology.reach.rules import CILIUM_KINDS, CompiledPolicy, Rule
from solutio_topology.reach.solution import Solution


def selecting(solution: Solution, workload: WorkloadNode, direction: Direction) -> list[CompiledPolicy]:
    """The policies that bind a workload in a direction."""
    number = solution.universe.classes.of_workload[workload.index]
    return [solution.policies[each] for each in solution.direction(direction).policies_of[number]]


def rules_of(compiled: CompiledPolicy, direction: Direction) -> tuple[Rule, ...]:
    """The rules of one direction."""
    return compiled.ingress if direction == "ingress" else compiled.egress


def fqdn_access(solution: Solution, workload: WorkloadNode) -> list[FqdnAccess]:
    """Every name or pattern that a rule opens to a workload, in order of the patterns."""
    policies = selecting(solution, workload, "egress")
    resolvable = dns_patterns(policies)
    found: dict[str, list[Rule]] = {}
    for compiled in policies:
        for rule in compiled.egress:
            for pattern in patterns_of(rule):
                found.setdefault(pattern, []).append(rule)
    return [_access(pattern, rules, resolvable) for pattern, rules in sorted(found.items())]


def _access(pattern: str, rules: list[Rule], resolvable: set[str]) -> FqdnAccess:
    return FqdnAccess(
        pattern,
        PortSet.union_of(rule.static for rule in rules),
        is_live(rules[0], pattern, resolvable),
        tuple(dict.fromkeys(rule.policy.key for rule in rules)),
        tuple(rule.rule.place for rule in rules),
    )


def patterns_of(rule: Rule) -> Iterator[str]:
    """The names and patterns that a rule opens."""
    if rule.rule.action == "Allow":
        for peer in rule.rule.peers or ():
            yield from peer.fqdns


def dns_patterns(policies: list[CompiledPolicy]) -> set[str]:
    """The names that the ``rules.dns`` of some policies let resolve."""
    return {
        pattern
        for compiled in policies
        for rule in compiled.egress
        if rule.rule.action == "Allow"
        for pattern in rule.rule.dns_patterns
    }


def is_live(rule: Rule, name: str, resolvable: set[str]) -> bool:
    """Whether a name can resolve: Cilium learns its addresses only through a rule that inspects DNS."""
    if rule.policy.key.kind not in CILIUM_KINDS:
        return True
    return any(covers(pattern, name) for pattern in resolvable)


def covers(pattern: str, name: str) -> bool:
    """Whether a Cilium match pattern covers a name, or a narrower pattern."""
    return _compiled(pattern.lower().rstrip(".")).fullmatch(name.lower().rstrip(".")) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern == "*":
        return re.compile(r".*")
    prefix = ""
    if pattern.startswith("**."):
        prefix, pattern = r"(?:[-\w*]+\.)+", pattern[3:]
    return re.compile(prefix + "".join(r"[-\w*]*" if char == "*" else re.escape(char) for char in pattern))


def fqdn_ports(
    solution: Solution, workload: WorkloadNode, name: FqdnNode, direction: Direction, *, widest: bool
) -> PortSet:
    """The ports that a workload may open to a name: by rules for the name, and for all public addresses.

    `widest`: at most, when the name may resolve into any range that a rule speaks of.
    """
    if direction == "ingress":
        return ALL_PORTS
    number = solution.universe.classes.of_workload[workload.index]
    parts = solution.egress.perhaps_of(number) if widest else solution.egress.sure_of(number)
    if widest:
        addresses = solution.universe.addresses
        anywhere = PortSet.union_of(ports for ports, bits in parts.items() if bits & addresses)
    else:
        anywhere = ports_for(parts, solution.universe.addresses_of(PUBLIC_V4))
    return anywhere | _named(solution, workload, name, widest=widest)


def _named(solution: Solution, workload: WorkloadNode, name: FqdnNode, *, widest: bool) -> PortSet:
    """The ports that rules open to the name itself, without what deny rules take from its addresses."""
    policies = selecting(solution, workload, "egress")
    resolvable = dns_patterns(policies)
    rules = [rule for compiled in policies for rule in compiled.egress]
    opened = PortSet.union_of(
        rule.static
        for rule in rules
        if any(covers(each, name.pattern) for each in patterns_of(rule)) and is_live(rule, name.pattern, resolvable)
    )
    closed = PortSet.union_of(
        rule.static for rule in rules if rule.rule.action == "Deny" and _closes(solution, rule, widest=widest)
    )
    return opened - closed


def _closes(solution: Solution, rule: Rule, *, widest: bool) -> bool:
    """Whether a deny rule takes all addresses of a name (`widest`), or may take some."""
    addresses = solution.universe.addresses
    return addresses & ~rule.peers.sure == 0 if widest else bool(addresses & rule.peers.perhaps)
