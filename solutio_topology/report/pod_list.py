"""The tenant pods of a topology as a table or as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence

from msgspec import Struct, field
from msgspec.structs import asdict

from solutio_topology import __version__
from solutio_topology.report.as_json import SCHEMA_VERSION

_JOIN = "\u00a0"
"""Holds a service and its version on one line while the column is folded."""
LEAST = 24
"""Characters that the last column has at least, however narrow the terminal."""


class PodRow(Struct, frozen=True):
    """A tenant pod as people look for it."""

    name: str
    tier: str
    tenancy: str
    ring: str | None
    orgs: tuple[str, ...]
    domain: str | None
    versions: dict[str, dict[str, str]]
    """Environment → service → version of its image, for images of one's own."""
    hosts: dict[str, tuple[str, ...]]
    """Environment → its public hosts."""
    costs: dict[str, str] = field(default_factory=dict)
    """Environment → what it costs a month, its part of what several use included; empty where a price is missing."""
    currency: str = ""


def as_json(rows: Iterable[PodRow]) -> str:
    """For programs."""
    found = {"schemaVersion": SCHEMA_VERSION, "toolVersion": __version__, "command": "pod list", "ok": True}
    return json.dumps(found | {"pods": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False) + "\n"


def as_table(rows: Sequence[PodRow], width: int) -> str:
    """For a terminal; columns in which nobody has anything are left out, the last one is folded."""
    heads = ("pod", "tier", "ring", "environments", "orgs", "domain", "a month", "versions")
    cells = [
        (
            row.name,
            row.tier,
            row.ring or "",
            ", ".join(row.versions) or "none",
            ", ".join(row.orgs) or "none",
            row.domain or "",
            _costs(row),
            _versions(row.versions),
        )
        for row in rows
    ]
    kept = [at for at in range(len(heads)) if any(each[at] for each in cells)]
    table = [[line[at] for at in kept] for line in (tuple(head.upper() for head in heads), *cells)]
    widths = [max(len(line[at]) for line in table) for at in range(len(kept) - 1)]
    return "".join(_row(line, widths, width) for line in table)


def _row(line: list[str], widths: list[int], width: int) -> str:
    lead = "".join(f"{cell:<{size}}  " for cell, size in zip(line, widths, strict=False))
    room = max(width - len(lead), LEAST)
    wrapped = textwrap.wrap(line[-1], room, break_long_words=False, break_on_hyphens=False)
    folded = [text.replace(_JOIN, " ") for text in wrapped] or [""]
    return "".join(f"{lead if not at else ' ' * len(lead)}{text}".rstrip() + "\n" for at, text in enumerate(folded))


def _costs(row: PodRow) -> str:
    """What a month costs in each environment, together with what it is paid in."""
    return " + ".join(row.costs.values()) + f" {row.currency}" if row.costs else ""


def _versions(by_environment: dict[str, dict[str, str]]) -> str:
    """Every version once; where environments differ, the others' in brackets."""
    services = dict.fromkeys(key for found in by_environment.values() for key in found)
    told = []
    for key in services:
        first = next(found[key] for found in by_environment.values() if key in found)
        others = [f"{each} {found[key]}" for each, found in by_environment.items() if found.get(key, first) != first]
        told.append(f"{key}{_JOIN}{first}" + (f" ({', '.join(others)})" if others else ""))
    return ", ".join(told)
