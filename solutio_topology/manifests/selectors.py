"""Label selectors."""

from __future__ import annotations

import re
from functools import lru_cache

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Operator, Requirement, Selector

_FIELDS = frozenset({"matchLabels", "matchExpressions"})
_EXPRESSION = frozenset({"key", "operator", "values"})
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY = re.compile(r"([a-z0-9]+:)?([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
"""A label's key; Cilium puts where it comes from before it (``k8s:``)."""


def selector(at: Cursor) -> Selector:
    """A ``matchLabels``/``matchExpressions`` selector; a missing one reads as empty (selects everything)."""
    at.only(_FIELDS)
    exact = [Requirement(key, Operator.IN, (value,)) for key, value in sorted(at.labels("matchLabels").items())]
    expressions = [found for item in at.items("matchExpressions") if (found := _expression(item))]
    for requirement in (*exact, *expressions):
        _check(at, requirement)
    return _kept(Selector((*exact, *expressions)))


@lru_cache(maxsize=65536)
def _kept(found: Selector) -> Selector:
    """Of equal ones the first: most policies of a fleet select in a few ways."""
    return found


def optional_selector(at: Cursor) -> Selector | None:
    """As `selector`, but a missing one is None."""
    return selector(at) if at else None


def _check(at: Cursor, requirement: Requirement) -> None:
    """Say what cannot be a label, which no pod can then have."""
    if not _is_key(requirement.key):
        at.note(f"{requirement.key!r} cannot be the key of a label: the API server refuses it", "correct the key")
    for value in requirement.values:
        if not _is_value(value):
            at.note(f"{value!r} cannot be the value of a label: the API server refuses it", "correct the value")


@lru_cache(maxsize=65536)
def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


@lru_cache(maxsize=65536)
def _is_value(text: str) -> bool:
    return _VALUE.fullmatch(text) is not None


def _expression(at: Cursor) -> Requirement | None:
    at.only(_EXPRESSION)
    operator = at.text("operator")
    values = at.texts("values")
    if operator not in {known.value for known in Operator}:
        at.get("operator").note(
            f"{operator!r} is no operator of a label selector", "use In, NotIn, Exists or DoesNotExist"
        )
        return None
    needs_values = operator in {"In", "NotIn"}
    if needs_values != bool(values):
        problem = "needs values" if needs_values else "takes no values"
        at.note(f"{operator} {problem}: the API server refuses this selector", "correct the expression")
        return None
    return Requirement(at.text("key"), Operator(operator), values)
