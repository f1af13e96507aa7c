"""How much of each driver a tenant pod is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from solutio_topology.cost.scale.model import Ask

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.spec.scale import Driver, DriverRate, Scale

Numbers = Mapping[str, int]


def steps(number: int, each: int) -> int:
    """How many steps a number makes, the last begun one included."""
    return -(-number // each)


def in_order(drivers: Mapping[str, Driver]) -> list[str]:
    """The drivers, each after those that it follows. They follow no circle: the topology was validated."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in drivers and name not in found:
            for rate in (drivers[name], *drivers[name].tiers.values()):
                visit(rate.per)
            found.append(name)

    for name in drivers:
        visit(name)
    return found


def demands(ground: Ground, ask: Ask) -> dict[str, Numbers]:
    """What each tenant pod is asked for; of the copies, one."""
    scale, people = ground.topology.scale, ground.people
    tier = {pod.pod: pod.tier_name for pod in ground.graph.pods}
    found: dict[str, Numbers] = {}
    for pod in ground.graph.pods:
        name = pod.pod
        if name == people.shared:
            start, stated = {"orgs": ask.orgs, "enterprise": 0}, ask.stated
            found[name] = _derived(scale, start, tier[name], stated)
        elif name == people.copied:
            start = {"orgs": ask.customer or people.copied_orgs, "enterprise": 1}
            found[name] = _derived(scale, start, tier[people.shared if ask.customer else name], {})
        else:
            found[name] = _derived(scale, {"orgs": len(pod.tenant.orgs), "enterprise": 0}, tier[name], {})
    return found


def _derived(scale: Scale, start: dict[str, int], tier: str, stated: Numbers) -> Numbers:
    found = dict(start)
    for name in in_order(scale.drivers):
        driver = scale.drivers[name]
        found[name] = stated[name] if name in stated else _rate(driver.tiers.get(tier, driver), found)
    return found


def _rate(rate: DriverRate, known: Numbers) -> int:
    return rate.base + rate.add * steps(known[rate.per], rate.each)


def together(parts: Mapping[str, Numbers], names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """The demand of some tenant pods together; `counts`: how many there are of one."""
    found: dict[str, int] = {}
    for name in names:
        for driver, number in parts[name].items():
            found[driver] = found.get(driver, 0) + number * counts.get(name, 1)
    return found


def drivers_used(scale: Scale) -> Iterator[str]:
    """The drivers that something follows, directly or through others."""
    rules = [rule for rule, _ in rules_of(scale)]
    wanted = {rule.per for rule in rules}  # type: ignore[attr-defined]
    for name in reversed(in_order(scale.drivers)):
        if name in wanted:
            wanted |= {rate.per for rate in (scale.drivers[name], *scale.drivers[name].tiers.values())}
    return iter(sorted(wanted))


def rules_of(scale: Scale) -> Iterator[tuple[object, tuple[str, ...]]]:
    """Every rule that sizes something, with its place below ``scale``."""
    for key, service in scale.services.items():
        if service.replicas:
            yield service.replicas, ("services", key, "replicas")
        for name, rule in service.processes.items():
            yield rule, ("services", key, "processes", name)
        if service.storage:
            yield service.storage, ("services", key, "storage")
    for key, plan in scale.plans.items():
        yield plan, ("plans", key)
    for key, stored in scale.usage.stored.items():
        yield stored, ("usage", "stored", key)
    for key in ("registry", "egress"):
        if rule := getattr(scale.usage, key):
            yield rule, ("usage", key)
