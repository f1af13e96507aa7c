"""``N``: what is open and not declared: between pods, from outside, to outside."""

from __future__ import annotations

from solutio_topology.checks.check import Check

CHECKS: tuple[Check, ...] = ()
