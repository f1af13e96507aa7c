"""A written plan: what a person does, step by step, as text, markdown or JSON."""

from __future__ import annotations

import textwrap
from typing import Any

from msgspec import Struct

WIDTH = 80


class Step(Struct, frozen=True):
    """One step: what it is for, and what is done in it."""

    title: str
    lines: tuple[str, ...]


class Plan(Struct, frozen=True):
    """Steps in their order."""

    title: str
    steps: tuple[Step, ...]
    numbered: bool = True
    """Whether the order matters."""


def as_text(plan: Plan) -> str:
    """For a terminal of 80 columns."""
    out = [plan.title]
    for number, step in enumerate(plan.steps, 1):
        out += ["", *_wrapped(f"{number}. " if plan.numbered else "", step.title)]
        for line in step.lines:
            out += _wrapped("   - ", line)
    return "\n".join(out) + "\n"


def _wrapped(lead: str, text: str) -> list[str]:
    behind = " " * len(lead)
    wrapper = textwrap.TextWrapper(WIDTH, lead, behind, break_long_words=False, break_on_hyphens=False)
    return wrapper.wrap(text)


def as_markdown(plan: Plan) -> str:
    """For an issue or a pull request: boxes to tick off where the order matters."""
    out = [f"# {plan.title}"]
    for number, step in enumerate(plan.steps, 1):
        out += ["", f"## {number}. {step.title}" if plan.numbered else f"## {step.title}", ""]
        out += [f"- [ ] {line}" if plan.numbered else f"- {line}" for line in step.lines]
    return "\n".join(out) + "\n"


def as_data(plan: Plan) -> dict[str, Any]:
    """For programs."""
    return {"title": plan.title, "steps": [{"title": step.title, "lines": list(step.lines)} for step in plan.steps]}
