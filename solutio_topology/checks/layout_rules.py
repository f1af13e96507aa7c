"""``F``: the tree on disk against what the topology renders to now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from solutio_topology.findings import Finding, Location, Rule, Severity

STALE = Rule(
    code="F001",
    name="stale-manifest",
    severity=Severity.ERROR,
    summary="A rendered file is not what the topology renders to now.",
    rationale="Flux applies what is committed: the topology would say one thing and the cluster do another.",
    example="topology.yaml was changed, and solutio render was not run",
    remedy="run: solutio render ENV",
)
HAND_EDITED = Rule(
    code="F002",
    name="hand-edited-manifest",
    severity=Severity.ERROR,
    summary="A rendered file was changed by hand.",
    rationale="The next render would lose the change, or stop because of it.",
    example="someone corrected rendered/prod/default/apps/api.yaml",
    remedy="put the change into topology.yaml or into custom/, and render again",
)
UNFINISHED = Rule(
    code="F003",
    name="unfinished-render",
    severity=Severity.ERROR,
    summary="A render was cut off while it moved files into place.",
    rationale="Some files are old and some are new; together they may mean nothing.",
    example="the machine went down during solutio render",
    remedy="run solutio render again: it finishes what was begun",
)
RULES = (STALE, HAND_EDITED, UNFINISHED)


class DriftLike(Protocol):
    """How the disk differs from what is wanted, by path."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Wanted and not there."""

    @property
    def changed(self) -> tuple[str, ...]:
        """There as it was written, and wanted otherwise."""

    @property
    def orphaned(self) -> tuple[str, ...]:
        """There as it was written, and no longer wanted."""

    @property
    def edited(self) -> tuple[str, ...]:
        """Changed by hand."""

    @property
    def foreign(self) -> tuple[str, ...]:
        """In the way, and not ours."""


def stale_findings(environment: str, drift: DriftLike) -> Iterator[Finding]:
    """A finding per file that is not as it would be rendered now."""
    remedy = f"run: solutio render {environment}"
    groups = (
        (drift.missing, "would be rendered and is not there"),
        (drift.changed, "is not what the topology renders to now"),
        (drift.orphaned, "is no longer rendered"),
    )
    for paths, what in groups:
        for path in paths:
            yield STALE.finding(f"{path} {what}", Location(path), subject=path, remedy=remedy)
    for path in (*drift.edited, *drift.foreign):
        yield HAND_EDITED.finding(f"{path} was changed by hand", Location(path), subject=path)


def unfinished_findings(environment: str) -> Iterator[Finding]:
    """The one finding about a tree that is half old and half new."""
    where = Location(f"rendered/{environment}")
    yield UNFINISHED.finding(f"rendered/{environment} is half written", where, subject=f"environment {environment}")
