"""What a rule says about one place: the common currency of every check and every report."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class Severity(StrEnum):
    """How much a finding weighs: an error fails the run, a warning only with ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return ("error", "warning", "info").index(self.value)


class Verdict(StrEnum):
    """What is known about one hop. Four, never fewer, and counted apart."""

    PROVEN = "proven"
    ASSUMED = "assumed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    @property
    def rank(self) -> int:
        """0 for the strongest; a chain is as strong as its weakest part."""
        return ("proven", "assumed", "undecided", "refuted").index(self.value)


class Location(Struct, frozen=True, order=True):
    """A place in a file. Lines and columns count from 1; 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""
    via: str = ""
    """Of what stands in no file itself: what makes it of the object at this place (a release's chart and template)."""

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return f"{':'.join(parts)} ({self.via})" if self.via else ":".join(parts)


class Related(Struct, frozen=True):
    """A second place that a finding speaks of, and what stands there."""

    location: Location
    message: str


CROSSING_TENANTS = frozenset({"cross-tenant-connection", "tenants-connected"})
"""Names of the rules that find a way from one customer to another: nothing is told before it."""


class Finding(Struct, frozen=True):
    """One rule's statement about one place.

    `subject` names what it is about (``service api``, ``edge listener-pg``, ``Deployment solutio-default/api``);
    it is what an ``ignore`` entry matches. `excerpt` is the offending line of the file, when there is one.
    """

    code: str
    name: str
    severity: Severity
    message: str
    remedy: str
    location: Location
    subject: str = ""
    related: tuple[Related, ...] = field(default=())
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.severity} {self.code} {self.message}"

    @property
    def sort_key(self) -> tuple[bool, str, int, int, str, str, str]:
        """Findings are told in the order of their places, in every format; what crosses tenants before all others."""
        at = self.location
        return (not self.crosses_tenants, at.file, at.line, at.column, self.code, self.subject, self.message)

    @property
    def crosses_tenants(self) -> bool:
        """Whether it says that one customer can reach another."""
        return self.name in CROSSING_TENANTS


class Rule(Struct, frozen=True):
    """What can be found, why it matters and what to do. `name` says the fault in kebab-case."""

    code: str
    name: str
    severity: Severity
    summary: str
    rationale: str
    example: str
    remedy: str

    def finding(
        self,
        message: str,
        location: Location,
        *,
        subject: str = "",
        remedy: str = "",
        related: tuple[Related, ...] = (),
        excerpt: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this rule at `location`; `remedy` and `severity` replace the rule's own where they are given."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            message=message,
            remedy=remedy or self.remedy,
            location=location,
            subject=subject,
            related=related,
            excerpt=excerpt,
        )
