"""What the commands that edit the topology have in common: their options, and how they tell what they did."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from solutio_topology.findings import Finding
    from solutio_topology.workflows.editing import Change


class EditForm(StrEnum):
    """The formats of an edit."""

    HUMAN = "human"
    JSON = "json"


EditFormat = Annotated[EditForm, typer.Option("--format", "-f", help="Format of the result.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be edited.")]


def tell_change(
    command: str,
    change: Change,
    following: Sequence[str],
    *,
    form: EditForm,
    dry_run: bool,
    quiet: bool = False,
    more: Sequence[str] = (),
) -> None:
    """Tell what was edited, what to know about it and what comes next. `more`: lines between the two."""
    if form is EditForm.JSON:
        sys.stdout.write(json.dumps(as_json(command, change, following, dry_run=dry_run), indent=2) + "\n")
        return
    notes = [f"note: {note}" for note in change.notes]
    notes += [f"{_weight(each)}: {each.code} {each.message} (solutio rules {each.code})" for each in change.told]
    sys.stderr.write("".join(f"{note}\n" for note in notes))
    if quiet:
        return
    if not change.files:
        sys.stdout.write("nothing to change: the topology says so already\n")
        return
    sys.stdout.write(change.diff)
    sys.stdout.write("".join(f"{line}\n" for line in more))
    if dry_run:
        sys.stdout.write("nothing was written: --dry-run\n")
    else:
        sys.stdout.write("".join(f"next: {each}\n" for each in following))


def _weight(finding: Finding) -> str:
    """An error does not forbid the edit here, and `validate` will insist on an answer."""
    return "to settle" if finding.severity == "error" else str(finding.severity)


def as_json(command: str, change: Change, following: Sequence[str], *, dry_run: bool) -> dict[str, Any]:
    """What programs read of an edit."""
    from solutio_topology import __version__
    from solutio_topology.report.as_json import SCHEMA_VERSION, finding

    return {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "command": command,
        "ok": True,
        "written": bool(change.files) and not dry_run,
        "files": [str(path) for path in change.files],
        "diff": change.diff,
        "notes": list(change.notes),
        "findings": [finding(each) for each in change.told],
        "next": list(following),
    }
