"""What a plan rests on: every rule, every price that nobody confirms, and what does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.cost.scale.demand import drivers_used, in_order, rules_of
from solutio_topology.spec.scale import AmountGrowth, Growth, PlanGrowth

if TYPE_CHECKING:
    from solutio_topology.cost.scale.ground import Ground
    from solutio_topology.cost.scale.model import Point
    from solutio_topology.cost.scale.sizing import Sizer
    from solutio_topology.spec.scale import DriverRate

_SEARCH = (
    "looked for by doubling and halving, to 4,096 organizations; bills have steps, so that a number below may do as "
    "well, and one above may not"
)
Told = tuple[str, tuple[str, ...]]


def assumptions(ground: Ground, sizer: Sizer, points: tuple[Point, ...]) -> Iterator[Told]:
    """What a plan rests on, by heading; headings without anything are left out."""
    found = (
        ("demand", tuple(_demand(ground))),
        ("rules", tuple(_rules(ground))),
        ("node pools", tuple(_pools(ground, sizer))),
        ("how break-evens are found", (_SEARCH,)),
        ("does not grow", tuple(_fixed(ground))),
        ("prices that no page of the seller confirms", tuple(_unconfirmed(points))),
        ("not counted", tuple(_unknown(points))),
    )
    yield from ((head, lines) for head, lines in found if lines)


def _demand(ground: Ground) -> Iterator[str]:
    scale, people = ground.topology.scale, ground.people
    if scale.note:
        yield scale.note
    yield f"orgs: organizations in tenant pod {people.shared}"
    if people.copied:
        orgs = f"{people.copied_orgs} organization{'' if people.copied_orgs == 1 else 's'}"
        yield f"enterprise: tenant pods equal to {people.copied}, of {orgs} each"
    for name in people.others:
        yield f"tenant pod {name} stays as it is"
    used = set(drivers_used(scale))
    for name in in_order(scale.drivers):
        driver = scale.drivers[name]
        told = f"{name}{f' ({driver.title})' if driver.title else ''}: {_rate(driver)}"
        told += "".join(f"; in {tier} {_rate(rate)}" for tier, rate in driver.tiers.items())
        told += f" ({driver.note})" if driver.note else ""
        yield told if name in used else f"{told}; nothing follows it"


def _rate(rate: DriverRate) -> str:
    each = f"each {rate.each:,} {rate.per}" if rate.each > 1 else f"each of {rate.per}"
    base = f"{rate.base:,} and " if rate.base else ""
    return f"{base}{rate.add:,} for {each}"


def _rules(ground: Ground) -> Iterator[str]:
    for rule, place in rules_of(ground.topology.scale):
        told = _rule(rule)
        note = getattr(rule, "note", None)
        yield f"{'.'.join(place)}: {told}" + (f" ({note})" if note else "")


def _rule(rule: object) -> str:
    if isinstance(rule, PlanGrowth):
        tariffs = (
            f"{step.monthly:,.2f} " + ("beyond" if step.up_to is None else f"up to {step.up_to:,}")
            for step in rule.steps
        )
        return f"{', '.join(tariffs)} {rule.per}"
    assert isinstance(rule, Growth | AmountGrowth)
    each = f"{rule.each:,} {rule.per}" if rule.each > 1 else f"one of {rule.per}"
    base = f"{rule.base} and " if rule.base not in {0, "0"} else ""
    low = f", at least {rule.min}" if isinstance(rule, Growth) and rule.min is not None else ""
    high = f", at most {rule.max}" if rule.max is not None else ""
    return f"{base}{rule.add} for each {each}{low}{high}"


def _pools(ground: Ground, sizer: Sizer) -> Iterator[str]:
    scale = ground.topology.scale
    yield (
        "a pool has the fewest nodes whose allocatable CPU, memory, pods and volumes cover what its pods request, with "
        f"{scale.headroom} of CPU and memory free; pods that leave no room for a second, or take a port of the node, "
        "have a node each; never fewer nodes than are declared. It is counted, not placed: solutio cost --fit places"
    )
    yield "services without a rule count with their usual number of pods, midway between the limits of an autoscaler"
    if any(len(ground.fit.pools_of(at)) > 1 for at in range(len(ground.fit.groups))):
        yield "pods that may stand on several pools are counted on the first of them"
    for name, pool in scale.pools.items():
        if pool.spare:
            yield f"pool {name}: {pool.spare} more than needed"
    for name in ground.graph.platform.pools:
        if name not in sizer.pools:
            yield f"pool {name} does not grow: what a node of its size offers is not stated (allocatable)"
        elif not sizer.pools[name].kinds:
            yield f"pool {name} does not grow: nothing stands on it"
    copied = ground.people.copied
    if copied and ground.pod(copied).tier.pool is None:
        yield f"{copied} has no pool of its own: nodes are divided as if there were one tenant pod like it"


def _fixed(ground: Ground) -> Iterator[str]:
    scale = ground.topology.scale
    whole = [node for pod in ground.graph.pods[:1] for node in pod.nodes.values() if node.in_cluster]
    grows = {key for key, growth in scale.services.items() if growth.replicas or growth.processes}
    same = [node.ref.service for node in whole if node.ref.service not in grows]
    if same:
        yield f"pods of {', '.join(same)}"
    full = [
        node.ref.service
        for node in whole
        if node.storage is not None and not getattr(scale.services.get(node.ref.service), "storage", None)
    ]
    if full:
        yield f"volumes of {', '.join(full)}"
    items = [
        key
        for key, item in ground.topology.costs.items.items()
        if key not in scale.plans and item.pool is None and item.service not in scale.usage.stored
    ]
    if items:
        yield f"items of the bill: {', '.join(items)}"
    yield "the CPU and memory of a pod: what one pod of each service requests is the same at every demand"
    yield "sizes of machines, list prices and exchange rates: those of today, without discounts"


def _unconfirmed(points: tuple[Point, ...]) -> Iterator[str]:
    found = {
        item.price_key: item.listing
        for point in points
        for item, _ in point.price.lines
        if not item.listing.confirmed and item.price_key
    }
    for key, listing in sorted(found.items()):
        yield f"{key}: {listing.amount:f} {listing.currency} ({listing.source})"


def _unknown(points: tuple[Point, ...]) -> Iterator[str]:
    told = {unknown.subject: unknown.why for point in reversed(points) for unknown in point.price.unknown}
    yield from (f"{subject}: {why}" for subject, why in told.items())
