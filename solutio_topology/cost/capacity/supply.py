"""What the pools of the topology offer: their nodes, with labels, taints and room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from solutio_topology.cost.capacity import nodes
from solutio_topology.cost.capacity.eligible import refusal
from solutio_topology.cost.capacity.model import Amounts, Group, Machine, Shape, Taint
from solutio_topology.identity import POOL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solutio_topology.spec.platform import Platform, Pool

_UNLIMITED = 1 << 30


class Supply(Struct, frozen=True):
    """The nodes of an environment."""

    machines: tuple[Machine, ...]
    blind: tuple[Machine, ...] = ()
    """Nodes of which nobody knows what they offer: they have labels and taints, and no room."""
    system: dict[str, Amounts] = field(default_factory=dict)
    """What the provider's own pods take of each node, by pool."""
    daemons: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """DaemonSets of the manifests on each node, by pool."""


def supply(platform: Platform, groups: Iterable[Group]) -> Supply:
    """The nodes of the pools; what stands on every node is taken off already."""
    daemons = [group for group in groups if group.everywhere]
    machines: list[Machine] = []
    blind: list[Machine] = []
    system, placed = {}, {}
    for name, pool in platform.pools.items():
        offers = offered(pool)
        if offers is None:
            none = Amounts()
            blind += [_machine(platform, name, number, pool, none, none) for number in range(1, pool.nodes + 1)]
            continue
        system[name] = system_pods(platform, pool)
        own = [_machine(platform, name, number, pool, offers, system[name]) for number in range(1, pool.nodes + 1)]
        placed[name] = tuple(each.name for each in daemons if own and not refusal(each.shape, own[0]))
        machines += [_without(each, [one.shape for one in daemons if one.name in placed[name]]) for each in own]
    return Supply(tuple(machines), tuple(blind), system, placed)


def offered(pool: Pool) -> Amounts | None:
    """What a node of a pool offers to pods: what the topology says, else what is known of its size."""
    stated = pool.allocatable
    if stated is None:
        return nodes.allocatable(pool.size)
    volumes = _UNLIMITED if stated.volumes is None else stated.volumes
    return Amounts(nodes.millicores(stated.cpu), nodes.whole(stated.memory), stated.pods, volumes)


def system_pods(platform: Platform, pool: Pool) -> Amounts:
    """What the provider's own pods take of one node."""
    if pool.system is not None:
        return Amounts(nodes.millicores(pool.system.cpu), nodes.whole(pool.system.memory), pool.system.pods, 0)
    found = Amounts()
    for each in nodes.system().values() if platform.orchestrator == "doks" else ():
        found = found.plus(each)
    return found


def _machine(platform: Platform, pool_name: str, number: int, pool: Pool, offers: Amounts, system: Amounts) -> Machine:
    name = f"{pool_name}-{number}"
    labels = {
        POOL: pool_name,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": pool.size,
        "topology.kubernetes.io/region": platform.region,
        **({"doks.digitalocean.com/node-pool": pool_name} if platform.orchestrator == "doks" else {}),
        **pool.labels,
    }
    taints = (Taint(POOL, pool_name, "NoSchedule"),) if pool.dedicated else ()
    return Machine(name, pool_name, labels, taints, offers, offers.minus(system))


def _without(machine: Machine, shapes: list[Shape]) -> Machine:
    room = machine.room
    for each in shapes:
        room = room.minus(each.request)
    return replace(machine, room=room, taken=frozenset(port for each in shapes for port in each.host_ports))


def unseen(platform: Platform, groups: Iterable[Group]) -> tuple[Group, ...]:
    """Pods of the provider and of Flux that no manifest holds and that need room somewhere."""
    written = {group.name.rpartition("/")[2] for group in groups}
    kinds = [("cluster", "kube-system")] if platform.orchestrator == "doks" else []
    kinds.append(("flux", "flux-system"))
    return tuple(
        Group(f"Deployment {namespace}/{name}", Shape(request, namespace, (("app", name),)), number, number, number)
        for kind, namespace in kinds
        for name, (number, request) in nodes.elsewhere(kind).items()
        if name not in written
    )
