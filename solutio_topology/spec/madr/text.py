"""What writing and reading of records share: the words of the template, and text that may not look like a heading."""

from __future__ import annotations

import re

CONTEXT = "Context and Problem Statement"
OPTIONS = "Considered Options"
OUTCOME = "Decision Outcome"
CONFIRMATION = "Confirmation"
PROS = "Pros and Cons of the Options"
MORE = "More Information"
BLOCK = "topology"
"""The key of the front matter that holds what the template has no place for."""


def guarded(text: str) -> str:
    """Text of several lines, none of which is read as a heading."""
    return re.sub(r"^(\\*#)", r"\\\1", text, flags=re.MULTILINE)


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return re.sub(r"^\\(\\*#)", r"\1", text, flags=re.MULTILINE)
