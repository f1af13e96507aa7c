"""Amounts and answers in people's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solutio_topology.cost.capacity.fit import Fit
    from solutio_topology.cost.capacity.place import Answer, Part

_GIB = 1 << 30
_MIB = 1 << 20


def told(resource: str, number: int) -> str:
    """An amount with its unit: ``1.4 CPU``, ``17.3 GiB of memory``, ``9 volumes``."""
    match resource:
        case "cpu":
            return f"{cores(number)} CPU"
        case "memory":
            return f"{memory(number)} of memory"
        case "pods" | "volumes":
            return f"{number} {resource if number != 1 else resource[:-1]}"
        case _:
            return f"{number} place{'' if number == 1 else 's'}"


def cores(millicores: int) -> str:
    """Millicores as CPUs."""
    return f"{millicores / 1000:.3f}".rstrip("0").rstrip(".")


def memory(number: int) -> str:
    """Bytes as GiB, or as MiB below one."""
    if abs(number) < _GIB:
        return f"{number / _MIB:.0f} MiB"
    return f"{number / _GIB:.2f}".rstrip("0").rstrip(".") + " GiB"


def lacking(found: Fit, part: Part, answer: Answer) -> str:
    """What does not fit, in a sentence without its beginning."""
    pools = pools_named(part.short.pools if part.short else part.pools)
    if part.short is None:
        who = waiting(
            found, [(at, number) for at, number in answer.pending if set(found.pools_of(at)) & set(part.pools)]
        )
        return f"no arrangement fits into {pools}: {who} would wait"
    short = part.short
    nodes = f"{short.nodes} node{'' if short.nodes == 1 else 's'}"
    have = "has" if short.nodes == 1 else "have"
    if short.resource == "places":
        whose = _names(found, short.groups)
        return f"{pools} has room on its {nodes} for {short.offered} of the {short.needed} pods of {whose}"
    asked, offered = told(short.resource, short.needed), told(short.resource, short.offered)
    return f"the pods that only {pools} takes ask for {asked}, and its {nodes} {have} {offered} for them"


def pools_named(pools: tuple[str, ...]) -> str:
    """``pool apps``, ``pools apps, data``."""
    return f"pool{'s' if len(pools) > 1 else ''} {', '.join(pools)}"


def _names(found: Fit, groups: tuple[int, ...]) -> str:
    return ", ".join(found.groups[at].name for at in groups[:3]) + (" and others" if len(groups) > 3 else "")


def waiting(found: Fit, pods: Sequence[tuple[int, int]]) -> str:
    """Pods that find no place, (group, pods), by their workloads."""
    names = [f"{found.groups[at].name}{f' ({number} pods)' if number > 1 else ''}" for at, number in pods]
    if len(names) <= 4:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} others"
