"""Faults that any object can have: gone, twice, elsewhere, otherwise called or labelled."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, drop, misspell
from tools.mutation.tree import Edit


def _twice(site: Site) -> Iterator[Edit]:
    """The same object once more."""
    if "metadata" in site.item.body:
        yield Edit((), None, (copy.deepcopy(site.item.body),))


def _copied(site: Site) -> Iterator[Edit]:
    """The same object once more, under another name: everything that it opens, selects and claims, twice."""
    if "metadata" in site.item.body:
        body = copy.deepcopy(site.item.body)
        body["metadata"]["name"] += "-copy"
        yield Edit((), None, (body,))


def _copied_elsewhere(site: Site) -> Iterator[Edit]:
    """The same object once more, in another namespace of the tree."""
    space = site.item.body.get("metadata", {}).get("namespace")
    spaces = sorted(each.body["metadata"]["name"] for each in site.tree.of_kind("Namespace"))
    if space in spaces and len(spaces) > 1:
        body = copy.deepcopy(site.item.body)
        body["metadata"]["namespace"] = spaces[spaces.index(space) - 1]
        yield Edit((), None, (body,))


def _without_status(site: Site) -> Iterator[Any]:
    """A field that does not exist."""
    if isinstance(site.value, dict):
        yield {**site.value, "unknownField": True}


OPERATORS = (
    Operator("object-drop", "an object is gone", (), "", drop),
    Operator("object-twice", "an object stands twice", (), "", _twice),
    Operator("object-copy", "a copy under another name", (), "", _copied),
    Operator("object-copy-elsewhere", "a copy in another namespace", (), "", _copied_elsewhere),
    Operator("object-name", "another name", (), "metadata/name", misspell),
    Operator("object-namespace", "another namespace", (), "metadata/namespace", misspell),
    Operator("object-namespace-drop", "the default namespace", (), "metadata/namespace", drop),
    Operator("object-kind", "another kind", (), "kind", misspell),
    Operator("object-version", "another version", (), "apiVersion", lambda site: iter([f"{site.value}beta9"])),
    Operator("object-spec-drop", "nothing but a name", (), "spec", drop),
    Operator("object-unknown-field", "a field that does not exist", (), "spec", _without_status),
    Operator("object-label", "another label", (), "metadata/labels/*", misspell),
    Operator("object-label-drop", "a label is gone", (), "metadata/labels/*", drop),
    Operator("object-annotation", "another annotation", (), "metadata/annotations/*", misspell),
    Operator("object-annotation-drop", "an annotation is gone", (), "metadata/annotations/*", drop),
)
