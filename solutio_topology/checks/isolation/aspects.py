"""The facts of each aspect of a tenant pod's isolation. Nothing is judged here: that is what the rules do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from solutio_topology.checks.isolation import entries, flux_accounts, guards, rights
from solutio_topology.checks.isolation import nodes as placing
from solutio_topology.checks.isolation import storage as keeping
from solutio_topology.checks.isolation.connections import Ends, is_declared, meetings
from solutio_topology.checks.isolation.model import Aspect, Shared
from solutio_topology.checks.isolation.tenants import NOBODY
from solutio_topology.checks.paths.model import Fact
from solutio_topology.checks.walk import maps, part
from solutio_topology.identity import PLATFORM
from solutio_topology.manifests.facts import Assumption
from solutio_topology.reach.model import WorkloadNode

if TYPE_CHECKING:
    from solutio_topology.checks.isolation.tenants import Tenants
    from solutio_topology.graph.model import Node
    from solutio_topology.manifests.facts import Workload
    from solutio_topology.reach.wiring import HttpRoute

K = TypeVar("K")
V = TypeVar("V")
_TAINTED = Assumption(
    "nodes-are-marked",
    "the nodes with this label, and no others, carry this taint",
    "the list of node pools in outside.md; no manifest makes a node",
)
_VALUES = Assumption(
    "entries-differ",
    "each entry of the store holds a value of its own",
    "values never stand in manifests",
)
_ENFORCED = Assumption(
    "policies-are-enforced",
    "the cluster's network enforces every policy of the manifests",
    "the bootstrap list in outside.md",
)
_OPERATED = Assumption(
    "platform-is-trusted",
    "the platform's controllers, whose charts bring rights over all namespaces, do only what they are for",
    "Helm charts of the platform; no manifest lists what they grant",
)
_PLATFORM = "the platform serves every tenant pod"
_BY_SECRETS = "isolation.sharedSecrets of its tier"


def namespaces(tenants: Tenants, pod: str) -> Aspect:
    """Its namespaces, and what stands in each."""
    return Aspect("namespaces", tuple(_namespaces(tenants, pod)))


def _namespaces(tenants: Tenants, pod: str) -> Iterator[Fact]:
    for name in tenants.namespaces(pod):
        inside = [each for each in tenants.workloads.get(pod, ()) if each.key.namespace == name]
        held = {(each.kind, each.name) for workload in inside for each in workload.references}
        kinds = Counter(kind for kind, _ in held if kind in {"Secret", "ConfigMap", "PersistentVolumeClaim"})
        used = "".join(f", {count} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items()))
        yield Fact(f"namespace {name}: {len(inside)} workloads{used}", tenants.namespace_place(name))


def nodes(tenants: Tenants, pod: str) -> Aspect:
    """Its nodes by label and taint; without nodes of its own, those that it shares."""
    mark = placing.marks(tenants).get(pod)
    own = placing.seats_of(tenants).get(pod, [])
    if mark is None:
        where = tenants.evidence.where(own[0].place) if own else tenants.intent.where(f"pods.{pod}")
        fact = Fact("its pods run on nodes that others use, too", where)
        return Aspect("nodes", (), (Shared(fact, f"tier {tenants.dedicated[pod].tier_name} has no pool"),))
    facts = []
    for seat in own:
        if mark.label and mark.taint and mark.label in placing.selected(seat.spec):
            label = f"{mark.label[0]}={mark.label[1]}"
            said = f"{seat.key} selects nodes {label} and tolerates {mark.taint}"
            facts.append(Fact(said, tenants.evidence.where(seat.place)))
    return Aspect("nodes", tuple(facts), assumptions=(_TAINTED,))


def secrets(tenants: Tenants, pod: str) -> Aspect:
    """Its entries of the secret store, and those that its tier shares."""
    shared = tenants.once("met", lambda: {id(own): other for _, own, other in entries.met(tenants)})
    declared = tenants.dedicated[pod].tier.isolation.shared_secrets
    mine = _grouped(tenants, "entries", lambda: ((each.pod, each) for each in entries.entries(tenants))).get(pod, ())
    own: dict[str, Fact] = {}
    others: dict[str, Shared] = {}
    for entry in mine:
        said = f"Secret {entry.secret} of {entry.source.key.namespace or 'its namespaces'} from {entry.key}"
        where = tenants.evidence.where(entry.place)
        other = shared.get(id(entry))
        if other is None:
            own.setdefault(said, Fact(said, where))
        elif entry.secret in declared:
            others.setdefault(said, Shared(Fact(f"{said}, as {other.pod} does", where), _BY_SECRETS))
        if entry.store.startswith("ClusterSecretStore"):
            fact = Fact(f"{entry.store} is read for every tenant pod", where)
            others.setdefault(entry.store, Shared(fact, "the platform's; the entries are apart"))
    for secret in (each for name in tenants.namespaces(pod) for each in tenants.inside.get(("Secret", name), ())):
        own.setdefault(str(secret.key), tenants.fact(f"{secret.key}, encrypted in the repository", secret.place))
    for said, fact in _grouped(tenants, "keys", lambda: _decrypting(tenants)).get(pod, ()):
        others.setdefault(said, Shared(fact, _PLATFORM))
    return Aspect("secrets", tuple(own.values()), tuple(others.values()), (_VALUES,) if own else ())


def _decrypting(tenants: Tenants) -> Iterator[tuple[str, tuple[str, Fact]]]:
    """The keys with which Flux decrypts the Secrets of each owner."""
    for key, owners in flux_accounts.appliers(tenants).items():
        source = tenants.evidence.objects[key]
        if name := part(source.body, "spec", "decryption", "secretRef", "name"):
            said = f"Secret {key.namespace}/{name} decrypts the Secrets of every tenant pod"
            for owner in owners:
                yield owner, (said, tenants.fact(said, source.place.at("spec", "decryption")))


def storage(tenants: Tenants, pod: str) -> Aspect:
    """Its stores and where they are backed up to; and the stores of others that hold its data."""
    own = []
    for workload in tenants.workloads.get(pod, ()):
        if _keeps_data(workload):
            own.append(tenants.fact(f"{workload.key} keeps its data", workload.place))
    backups = _grouped(tenants, "backups", lambda: ((each.pod, each) for each in keeping.backups(tenants))).get(pod, ())
    own += [tenants.fact(f"backups go to {each.thing}", each.place) for each in backups]
    shared = []
    for link in tenants.dedicated[pod].links:
        server = tenants.intent.graph.node(link.server)
        if link.client.pod == pod and link.server.pod != pod and server.component.stateful and link.direct:
            said = f"{link.client.service} keeps data in {link.server.service} ({server.title})"
            why = tenants.why_shared(pod, link.server.service)
            shared.append(Shared(Fact(said, tenants.intent.where(link.pointer)), why))
    return Aspect("storage", tuple(dict.fromkeys(own)), tuple(shared))


def _keeps_data(workload: Workload) -> bool:
    if workload.key.kind in {"StatefulSet", "Cluster"}:
        return True
    return any(mention.kind == "PersistentVolumeClaim" for mention in workload.references)


def hosts(tenants: Tenants, pod: str) -> Aspect:
    """Its public hosts and ports; and the hosts of shared services, which are routed to one place for all."""
    own = list(_grouped(tenants, "doors", lambda: _doors(tenants)).get(pod, ()))
    shared = []
    for node in tenants.shared_nodes(pod):
        for route in _routes(tenants).get((node.ref.pod, node.ref.service), ()):
            fact = tenants.fact(_host(route), route.place)
            shared.append(Shared(fact, tenants.why_shared(pod, node.ref.service)))
    return Aspect("hosts", tuple(dict.fromkeys(own)), tuple(dict.fromkeys(shared)))


def _host(route: HttpRoute) -> str:
    return f"{route.host}{route.path.rstrip('/')} by {route.source}"


def _doors(tenants: Tenants) -> Iterator[tuple[str, Fact]]:
    """Every host and every port that leads from outside to one owner's pods."""
    for route in tenants.evidence.routes:
        owners = {tenants.of_workload(tenants.evidence.workload(each.workload)) for each in route.targets}
        if len(owners) == 1:
            yield owners.pop(), tenants.fact(_host(route), route.place)
    for entry in tenants.evidence.entries:
        owners = {tenants.of_workload(tenants.evidence.workload(each.workload)) for each in entry.targets}
        if len(owners) == 1 and not entry.internal:
            said = f"{entry.kind} {entry.name}: {entry.protocol} {entry.port}"
            yield owners.pop(), tenants.fact(said, entry.place)


def _routes(tenants: Tenants) -> dict[tuple[str, str], list[HttpRoute]]:
    """The routes that lead to each service."""
    return _grouped(
        tenants,
        "routes",
        lambda: (
            (owner, route)
            for route in tenants.evidence.routes
            for owner in dict.fromkeys(tenants.evidence.owner(each.workload) for each in route.targets)
            if owner is not None
        ),
    )


def _grouped(tenants: Tenants, name: str, pairs: Callable[[], Iterable[tuple[K, V]]]) -> dict[K, list[V]]:
    """Values by key, computed once: a fleet asks for every tenant pod."""

    def group() -> dict[K, list[V]]:
        found: dict[K, list[V]] = {}
        for key, value in pairs():
            found.setdefault(key, []).append(value)
        return found

    return tenants.once(f"{name} by owner", group)


def connections(tenants: Tenants, pod: str) -> Aspect:
    """Every connection that can be opened between its pods and others', and what the manifests leave open."""
    count = sum(1 for workload in tenants.workloads.get(pod, ()) for _ in _to_own(tenants, pod, workload))
    first = tenants.namespaces(pod)
    where = tenants.namespace_place(first[0]) if first else tenants.intent.where(f"pods.{pod}")
    own = Fact(f"{count} connections among its own pods", where)
    shared = dict.fromkeys(_with_others(tenants, pod))
    return Aspect("connections", (own,), tuple(shared), (_ENFORCED,), tuple(_open_questions(tenants, pod)))


def _to_own(tenants: Tenants, pod: str, workload: Workload) -> Iterator[WorkloadNode]:
    """The workloads of the same tenant pod that a workload can open a connection to."""
    for node in tenants.evidence.connections.find(workload.key)[:1]:
        for pair in tenants.evidence.connections.pairs_from(node):
            assert isinstance(pair.dst, WorkloadNode)
            if pair.ports and tenants.of_workload(tenants.evidence.workload(pair.dst)) == pod:
                yield pair.dst


def _with_others(tenants: Tenants, pod: str) -> Iterator[Shared]:
    """The open connections with others that are no fault; a rule tells of the others."""
    for pair, ends in meetings(tenants).get(pod, ()):
        one, src, other, dst = ends
        if not pair.ports or (tenants.apart((one, other)) and not is_declared(tenants, pod, ends)):
            continue
        workload = tenants.evidence.workload(dst)
        note = ", by the node's identity" if workload.host_network else ""
        fact = tenants.fact(f"{_end(one, src)} to {_end(other, dst)}: {pair.ports}{note}", workload.place)
        yield Shared(fact, _reason(tenants, pod, ends))


def _end(owner: str, node: WorkloadNode) -> str:
    return f"{node.key.name} of {owner or node.key.namespace}"


def _reason(tenants: Tenants, pod: str, ends: Ends) -> str:
    other, node = (ends[0], ends[1]) if ends[2] == pod else (ends[2], ends[3])
    owner = tenants.evidence.owner(node)
    return _PLATFORM if other in (PLATFORM, NOBODY) or owner is None else tenants.why_shared(pod, owner[1])


def _open_questions(tenants: Tenants, pod: str) -> Iterator[Fact]:
    """What may be open, and the manifests do not say: with others' pods, or of what nothing here models."""
    for each in tenants.evidence.facts.undecided:
        yield tenants.fact(each.message, each.place)
    for pair, ends in meetings(tenants).get(pod, ()):
        if pair.undecided and tenants.apart((ends[0], ends[2])):
            said = f"{ends[1]} may be able to open {pair.undecided} of {ends[3]}"
            yield tenants.fact(said, tenants.evidence.workload(ends[3]).place)


def accounts(tenants: Tenants, pod: str) -> Aspect:
    """As whom its pods run, as whom Flux applies it, and where these accounts have rights."""
    own = []
    # As whom an operator's pods run is the operator's choice.
    written = [each for each in tenants.workloads.get(pod, ()) if each.assumed is None]
    if names := sorted({workload.service_account for workload in written}):
        own.append(tenants.fact(f"its pods run as {', '.join(names)}", written[0].pod_place))
    own += _grouped(tenants, "appliers", lambda: _applied(tenants)).get(pod, ())
    own += _grouped(tenants, "rights", lambda: _rights(tenants)).get(("of", pod), ())
    platform = _grouped(tenants, "rights", lambda: _rights(tenants)).get(("in", pod), ())
    people = _grouped(tenants, "people", lambda: _people(tenants))
    shared = [Shared(fact, _PLATFORM) for fact in platform]
    shared += [Shared(fact, "people, not workloads") for fact in (*people.get(pod, ()), *people.get(NOBODY, ()))]
    return Aspect("accounts", tuple(dict.fromkeys(own)), tuple(dict.fromkeys(shared)), (_OPERATED,))


def _people(tenants: Tenants) -> Iterator[tuple[str, Fact]]:
    """Rights of people, by the tenant pods in whose namespaces they have them; under nobody those in the cluster."""
    for subject, binding in rights.people(tenants):
        space = binding.key.namespace
        fact = tenants.fact(f"{subject} has the rights of {binding.key}", binding.place)
        for owner in sorted(tenants.of_namespaces.get(space, ())) if space else [NOBODY]:
            yield owner, fact


def _applied(tenants: Tenants) -> Iterator[tuple[str, Fact]]:
    """Flux's objects that apply one owner's pods, with the account."""
    for key, owners in flux_accounts.appliers(tenants).items():
        source = tenants.evidence.objects[key]
        if len(owners) == 1 and (named := flux_accounts.account(source)):
            said = f"{key} is applied as ServiceAccount {'/'.join(named)}"
            yield next(iter(owners)), tenants.fact(said, source.place)


def _rights(tenants: Tenants) -> Iterator[tuple[tuple[str, str], Fact]]:
    """Rights of an owner's accounts, and the platform's in an owner's namespaces."""
    for grant in rights.grants(tenants):
        fact = tenants.fact(f"{grant.subject} has the rights of {grant.binding.key}", grant.binding.place)
        yield ("of", grant.owner), fact
        if grant.owner in (PLATFORM, NOBODY):
            for owner in sorted(tenants.of_namespaces.get(grant.binding.key.namespace, ())):
                yield ("in", owner), fact


def bounds(tenants: Tenants, pod: str) -> Aspect:
    """Quota, limits and pod security of its namespaces, as the manifests set them."""
    own = []
    for name in tenants.namespaces(pod):
        level = tenants.evidence.facts.namespaces.get(name, {}).get(guards.ENFORCE, "none")
        own.append(Fact(f"namespace {name} enforces the pod security level {level}", tenants.namespace_place(name)))
        for quota in tenants.inside.get(("ResourceQuota", name), ()):
            amounts = part(quota.body, "spec", "hard")
            own.append(tenants.fact(f"{quota.key}: at most {_amounts(amounts)}", quota.place))
        for limits in tenants.inside.get(("LimitRange", name), ()):
            for _, item in maps(part(limits.body, "spec", "limits")):
                if item.get("max"):
                    said = f"{limits.key}: a {item.get('type')} at most {_amounts(item['max'])}"
                    own.append(tenants.fact(said, limits.place))
    return Aspect("bounds", tuple(own))


def _amounts(amounts: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in amounts.items()) if isinstance(amounts, dict) else "nothing"


def services(tenants: Tenants, pod: str) -> Aspect:
    """The services that it has for itself, by their workloads, and those that its tier shares, by how they are met."""
    own, missing = [], []
    for node in tenants.dedicated[pod].nodes.values():
        found = tenants.evidence.pods_of(node.ref)
        for each in found:
            own.append(tenants.fact(f"{node.ref.service}: {each.key}", tenants.evidence.workload(each).place))
        if node.in_cluster and not found:
            said = f"{node.ref.service}: no workload of {pod} says that it is this service"
            missing.append(Fact(said, tenants.intent.where(node.pointer)))
    shared = [
        Shared(_offered(tenants, node), tenants.why_shared(pod, node.ref.service)) for node in tenants.shared_nodes(pod)
    ]
    return Aspect("services", tuple(own), tuple(shared), undecided=tuple(missing))


def _offered(tenants: Tenants, node: Node) -> Fact:
    """A shared service: the hosts that lead to it, or where it is."""
    pods = tenants.evidence.pods_of(node.ref)
    hosts = _routes(tenants).get((node.ref.pod, node.ref.service), [])
    named = f"{node.ref.service} ({node.title})"
    if hosts:
        listed = ", ".join(dict.fromkeys(route.host for route in hosts))
        return tenants.fact(f"{named}, routed by the host {listed}", hosts[0].place)
    if pods:
        where = ", ".join(dict.fromkeys(f"{each.key.namespace}/{each.key.name}" for each in pods))
        return tenants.fact(f"{named} in {where}", tenants.evidence.workload(pods[0]).place)
    return Fact(
        f"{named}, {'in the cluster' if node.in_cluster else 'outside of the cluster'}",
        tenants.intent.where(node.pointer),
    )
