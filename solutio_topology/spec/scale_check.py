"""What the rules of growth say against each other, checked on the file's plain data: cycles, limits, tariffs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from solutio_topology.spec.plain import each_item, each_map, submap
from solutio_topology.spec.values import amount
from solutio_topology.yamlio import Pointer

BUILT_IN = ("orgs", "enterprise")
"""Drivers that every plan has: organizations, and dedicated tenant pods."""
Problems = Iterator[tuple[Pointer, str]]


def rules_of(data: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Every rule that follows a driver, with its place."""
    scale = submap(data, "scale")
    for key, driver in each_map(scale, "drivers"):
        yield ("scale", "drivers", key), driver
        for tier, rate in each_map(driver, "tiers"):
            yield ("scale", "drivers", key, "tiers", tier), rate
    yield from targets_of(scale)


def targets_of(scale: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Every rule that sizes something, with its place."""
    for key, service in each_map(scale, "services"):
        at: Pointer = ("scale", "services", key)
        for field in ("replicas", "storage"):
            if isinstance(service.get(field), dict):
                yield (*at, field), service[field]
        for name, rule in each_map(service, "processes"):
            yield (*at, "processes", name), rule
    for key, plan in each_map(scale, "plans"):
        yield ("scale", "plans", key), plan
    usage = submap(scale, "usage")
    for key, rule in each_map(usage, "stored"):
        yield ("scale", "usage", "stored", key), rule
    for field in ("registry", "egress"):
        if isinstance(usage.get(field), dict):
            yield ("scale", "usage", field), usage[field]


def contradictions(data: dict[str, Any]) -> Problems:
    """Every place of the rules that says what cannot be, with the reason."""
    scale = submap(data, "scale")
    for name in BUILT_IN:
        if name in submap(scale, "drivers"):
            yield ("scale", "drivers", name), f"{name} is what a plan itself counts; choose another name"
    yield from _cycles(scale)
    for at, rule in targets_of(scale):
        yield from _limits(at, rule)
    for key, plan in each_map(scale, "plans"):
        yield from _steps(("scale", "plans", key, "steps"), plan)
        yield from _derived(data, key)
    yield from _headroom(scale.get("headroom"))
    yield from _tenancy(data, scale)


def _cycles(scale: dict[str, Any]) -> Problems:
    """A cycle is told once, at the driver of it that stands first."""
    follows = {key: _sources(driver) for key, driver in each_map(scale, "drivers")}
    told: set[str] = set()
    for start in follows:
        cycle = _way_back(start, follows)
        if cycle and not told & set(cycle):
            told |= set(cycle)
            yield ("scale", "drivers", start, "per"), f"the drivers follow each other in a circle: {' -> '.join(cycle)}"


def _sources(driver: dict[str, Any]) -> list[str]:
    named = [driver.get("per"), *(rate.get("per") for _, rate in each_map(driver, "tiers"))]
    return [name for name in named if isinstance(name, str)]


def _way_back(start: str, follows: dict[str, list[str]]) -> list[str]:
    """The drivers from one back to itself; empty where none leads there."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        for name in follows.get(way[-1], ()):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _limits(at: Pointer, rule: dict[str, Any]) -> Problems:
    high = _number(rule.get("max"))
    if high is None:
        return
    for field in ("min", "base"):
        low = _number(rule.get(field))
        if low is not None and high < low:
            yield (*at, "max"), f"max {rule['max']} is less than {field} {rule[field]}"


def _number(value: Any) -> Any:
    """A number or a quantity as a number; None for what is neither, which is told elsewhere."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return value if isinstance(value, int) else amount(value)
    except (ArithmeticError, LookupError):
        return None


def _steps(at: Pointer, plan: dict[str, Any]) -> Problems:
    steps = list(each_item(plan, "steps"))
    for (index, step), (after, following) in pairwise(steps):
        end, next_end = step.get("upTo"), following.get("upTo")
        if end is None:
            yield (*at, index), "it serves any demand, so that nothing after it is ever reached; give it an upTo"
        elif isinstance(end, int) and isinstance(next_end, int) and next_end <= end:
            yield (*at, after, "upTo"), f"upTo {next_end} is not more than {end} of the step before"
        price, next_price = step.get("monthly"), following.get("monthly")
        if isinstance(price, int | float) and isinstance(next_price, int | float) and next_price < price:
            yield (*at, after, "monthly"), f"a greater tariff costs less ({next_price}) than the one before ({price})"


def _derived(data: dict[str, Any], key: str) -> Problems:
    """Tariffs of an item whose amount follows from something else: two rules for one amount."""
    item = submap(data, "costs", "items", key)
    component = submap(data, "services", str(item.get("service"))).get("component")
    stored = any(item.get("service") in [*submap(usage, "stored")] for _, usage in each_map(data, "costs", "usage"))
    why = f"pool {item['pool']}" if item.get("pool") else "what is stored" if component == "object-storage" else ""
    if item.get("pool") or (component == "object-storage" and stored):
        yield ("scale", "plans", key), f"what {key} costs follows from {why}: two rules would say one amount"


def _headroom(value: Any) -> Problems:
    if isinstance(value, str) and value.endswith("%"):
        try:
            share = amount(value[:-1])
        except (ArithmeticError, LookupError):
            return
        if share > 90:
            yield ("scale", "headroom"), f"{value} of every node would stay free; 90% is the most"


def _tenancy(data: dict[str, Any], scale: dict[str, Any]) -> Problems:
    for field, wanted in (("orgs", "shared"), ("enterprise", "dedicated")):
        name = scale.get(field)
        tier = submap(data, "pods", name).get("tier") if isinstance(name, str) else None
        tenancy = submap(data, "tiers", tier).get("tenancy") if isinstance(tier, str) else None
        if tenancy in ("shared", "dedicated") and tenancy != wanted:
            yield ("scale", field), f"{name} is a {tenancy} tenant pod; name a {wanted} one"
