"""What a check is: a rule and the function that finds its violations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.findings import Finding, Location, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent


class GraphCheck(Struct, frozen=True):
    """A rule over the intent alone."""

    rule: Rule
    find: Callable[[Intent], Iterable[Finding]]


class ManifestCheck(Struct, frozen=True):
    """A rule over the evidence alone."""

    rule: Rule
    find: Callable[[Evidence], Iterable[Finding]]


class BothCheck(Struct, frozen=True):
    """A rule that holds intent against evidence."""

    rule: Rule
    find: Callable[[Intent, Evidence], Iterable[Finding]]


Check = GraphCheck | ManifestCheck | BothCheck


def guarded(rule: Rule, found: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of a rule; a rule that crashes becomes a finding of its own, never silence."""
    try:
        yield from found()
    except Exception as error:
        yield Finding(
            code=rule.code,
            name="rule-crashed",
            severity=Severity.ERROR,
            message=f"the rule {rule.code} {rule.name} failed: {type(error).__name__}: {error}",
            remedy="this is a defect in solutio: please report it with the topology that provokes it",
            location=Location(""),
            subject=f"rule {rule.code}",
        )
