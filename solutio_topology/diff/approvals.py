"""Dangers that the topology accepts: by kind and object, with a reason, until a date."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.diff.model import Danger

if TYPE_CHECKING:
    from solutio_topology.spec.topology import Approval


def approve(
    dangers: Iterable[Danger], approvals: Iterable[Approval], today: datetime.date
) -> tuple[tuple[Danger, ...], tuple[str, ...]]:
    """The dangers, those that are accepted with their reason; and what is to be said of approvals past their date."""
    approvals = tuple(approvals)
    live = [each for each in approvals if each.until >= today]
    found = tuple(_approved(danger, live) for danger in dangers)
    past = [each for each in approvals if each.until < today]
    told = [
        f"the approval of {each.danger} for {each.subject} ended on {each.until}"
        for each in past
        if any(_fits(each, danger) for danger in found)
    ]
    return found, tuple(told)


def _approved(danger: Danger, approvals: Iterable[Approval]) -> Danger:
    reason = next((each.reason for each in approvals if _fits(each, danger)), "")
    return replace(danger, approved=reason) if reason else danger


def _fits(approval: Approval, danger: Danger) -> bool:
    if approval.danger != danger.code:
        return False
    subject = str(danger.subject)
    if approval.subject.endswith("*"):
        return subject.startswith(approval.subject[:-1])
    return subject == approval.subject
