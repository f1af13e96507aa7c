"""Edits of the world: of a manifest, of the topology."""

from __future__ import annotations

from tests.checks.world import KITCHEN, Edit


def m(old: str, new: str, file: str = KITCHEN) -> tuple[Edit, ...]:
    """An edit of a manifest."""
    return (Edit(old, new, file),)


def t(old: str, new: str) -> tuple[Edit, ...]:
    """An edit of the topology."""
    return (Edit(old, new, ""),)
