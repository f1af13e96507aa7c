"""The exception root. Every error that a person can cause is a `SolutioError`; anything else is a defect."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solutio_topology.findings import Finding


class SolutioError(Exception):
    """What could not be decided or done, why it matters and what to do. Exit code 2."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  {self.remedy}" if self.remedy else self.message


class InputError(SolutioError):
    """A file that cannot be understood: every fault in it, collected and raised once."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class RefusedError(SolutioError):
    """An edit that would make the topology contradict itself: what would be wrong with it; nothing was written."""

    def __init__(self, message: str, findings: Sequence[Finding], *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.findings = tuple(findings)


class FileError(SolutioError):
    """A file or folder that cannot be read or written."""


class ToolError(SolutioError):
    """A program (git, kustomize, helm, kubectl) that is missing or failed."""


class Ended(BaseException):
    """A signal asked the program to end: it unwinds as with Ctrl-C, and every file stays whole. Nobody handles it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
