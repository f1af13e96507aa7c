"""``solutio rules``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from solutio_topology.cli.options import Format, FormatOption

Code = Annotated[str | None, typer.Argument(help="Explain this rule.", metavar="[CODE]")]


def command(code: Code = None, form: FormatOption = Format.HUMAN) -> None:
    """List every rule, or explain one."""
    from solutio_topology.workflows.rules import listing, page

    if form is Format.JSON:
        from msgspec.structs import asdict

        from solutio_topology.checks.registry import rules

        found = [asdict(rule) for rule in rules() if code is None or rule.code == code.upper()]
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(listing() if code is None else page(code))
