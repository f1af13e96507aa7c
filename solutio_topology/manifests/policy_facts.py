"""Network policies of every kind, as facts."""

from __future__ import annotations

from msgspec import Struct, field

from solutio_topology.manifests.places import Key, Labels, Place, Selector


class PolicyPort(Struct, frozen=True, gc=False):
    """Ports that a policy rule admits: a number, a range or a name; without `port` every port of `protocol`.

    `protocol` empty means TCP, UDP and SCTP (Cilium ``ANY``).
    """

    protocol: str
    port: int | str | None
    end_port: int | None
    place: Place


class Peer(Struct, frozen=True, gc=False):
    """Who a policy rule speaks of. Exactly one shape is filled.

    Pods: `pods` and/or `namespaces` (both: and); neither namespaces given: the policy's own namespace, unless
    `any_namespace`. Addresses: `cidr` with `except_`. Names: `fqdns` (exact names or ``*`` patterns). Node and
    cluster identities of Cilium: `entity`.
    """

    pods: Selector | None = None
    namespaces: Selector | None = None
    any_namespace: bool = False
    cidr: str = ""
    except_: tuple[str, ...] = ()
    fqdns: tuple[str, ...] = ()
    entity: str = ""
    nodes: Selector | None = None
    unknown: str = ""
    """A kind of peer that cannot be decided from manifests (toServices, toGroups …): the field's name."""
    place: Place = field(default_factory=lambda: Place(0))


class PolicyRule(Struct, frozen=True):
    """One rule. `peers` None: everyone; an empty tuple: no one. `ports` None: every port.

    `action` is Allow, Deny or Pass; `l7` holds the kinds of application rules (``dns``, ``http``, ``kafka``) that
    narrow the rule beyond ports, `dns_patterns` the names that an ``rules.dns`` block lets resolve.
    """

    action: str
    peers: tuple[Peer, ...] | None
    ports: tuple[PolicyPort, ...] | None
    place: Place
    l7: tuple[str, ...] = ()
    dns_patterns: tuple[str, ...] = ()
    icmp: bool = False


class Policy(Struct, frozen=True):
    """A NetworkPolicy, CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, AdminNetworkPolicy or its baseline.

    `key.kind` tells which. Subjects: `pods` within `key.namespace` (NetworkPolicy, CiliumNetworkPolicy), or `pods`
    within the namespaces that `namespaces` selects (the cluster-wide kinds; None: all). `nodes` is set on a
    policy for nodes. `isolates_ingress`/`isolates_egress`: the subject is closed in this direction but for what
    is allowed (``policyTypes``, Cilium's enableDefaultDeny). `priority` is AdminNetworkPolicy's.
    """

    key: Key
    labels: Labels
    pods: Selector
    namespaces: Selector | None
    nodes: Selector | None
    isolates_ingress: bool
    isolates_egress: bool
    ingress: tuple[PolicyRule, ...]
    egress: tuple[PolicyRule, ...]
    priority: int
    place: Place
