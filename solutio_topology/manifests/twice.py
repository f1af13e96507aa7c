"""Objects that stand twice and differ: a cluster holds one of them, and manifests do not say which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.manifests.facts import Facts, Key, Object

_OF_THE_SERVER = ("status",)


def contradictions(facts: Facts) -> Iterator[tuple[Object, Object]]:
    """The first object of a key, and each later one that says something else, in the order of the manifests."""
    first: dict[Key, Object] = {}
    for each in facts.objects:
        before = first.setdefault(each.key, each)
        if before is not each and _is_named(each) and _said(before) != _said(each):
            yield before, each


def _is_named(source: Object) -> bool:
    """Whether its name is its own: of ``generateName`` every object gets another one."""
    return bool(source.body["metadata"].get("name"))


def _said(source: Object) -> dict[str, Any]:
    """The body without what the server alone writes."""
    found = {key: value for key, value in source.body.items() if key not in _OF_THE_SERVER}
    return {**found, "metadata": (source.labels, source.annotations)}
