"""Label selectors."""

from __future__ import annotations

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Operator, Requirement, Selector


def selector(at: Cursor) -> Selector:
    """A ``matchLabels``/``matchExpressions`` selector; a missing one reads as empty (selects everything)."""
    exact = [Requirement(key, Operator.IN, (value,)) for key, value in sorted(at.labels("matchLabels").items())]
    expressions = (_expression(item) for item in at.items("matchExpressions"))
    return Selector((*exact, *(found for found in expressions if found)))


def optional_selector(at: Cursor) -> Selector | None:
    """As `selector`, but a missing one is None."""
    return selector(at) if at else None


def _expression(at: Cursor) -> Requirement | None:
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
