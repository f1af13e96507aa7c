"""Equal changes in many tenant pods, told once: whole names of a pod and its namespaces stand for any."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from solutio_topology.diff.objects import ObjectChange
from solutio_topology.diff.wording import say_value

if TYPE_CHECKING:
    from solutio_topology.findings import Finding

T = TypeVar("T")
_WORD = re.compile(r"[A-Za-z0-9]")
_WORDS = 8
"""Words, with something between them, of which a tenant pod's name consists at most."""


class Group(Struct, Generic[T], frozen=True):
    """Things that say the same, each of another tenant pod."""

    members: tuple[T, ...]

    @property
    def first(self) -> T:
        """The one that is told."""
        return self.members[0]

    @property
    def more(self) -> int:
        """How many say the same besides."""
        return len(self.members) - 1


def group(things: Iterable[T], pod_of: Callable[[T], str], text_of: Callable[[T], str]) -> tuple[Group[T], ...]:
    """The things in groups of equal texts, names of their own tenant pods left out; in the order of the first."""
    found: dict[str, list[T]] = {}
    for thing in things:
        found.setdefault(anonymous(text_of(thing), pod_of(thing)), []).append(thing)
    return tuple(Group(tuple(members)) for members in found.values())


def anonymous(text: str, pod: str) -> str:
    """A text with every whole token that is the tenant pod's name replaced."""
    if not pod or pod not in text:
        return text
    around = text.split(pod)
    beside = [*(piece[:1] for piece in around[1:]), *(piece[-1:] for piece in around[:-1])]
    if all(around[1:-1]) and not _WORD.search("".join(beside)):
        return "{pod}".join(around)  # The usual case, without a pattern for each of a thousand names.
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(pod)}(?![A-Za-z0-9])", "{pod}", text)


def group_objects(changes: Sequence[ObjectChange]) -> tuple[Group[ObjectChange], ...]:
    """Changed objects, equal changes of several tenant pods together."""
    return group(changes, lambda each: each.pod, _text)


def group_findings(findings: Iterable[Finding], pods: Collection[str]) -> tuple[Group[Finding], ...]:
    """Findings, equal ones of several of the tenant pods `pods` together."""
    return group(findings, lambda each: _pod_in(each.subject, pods) or _pod_in(each.message, pods), _said)


def group_names(names: Sequence[str], pods: Collection[str], most: int = 12) -> tuple[str, ...]:
    """Names in their order; of many, neighbours that differ in the tenant pod alone are told with their count."""
    if len(names) <= most:
        return tuple(names)
    found = []
    for _, alike in itertools.groupby(names, key=lambda name: anonymous(name, _pod_in(name, pods))):
        first, *rest = alike
        found.append(f"{first} (and {len(rest)} alike)" if rest else first)
    return tuple(found)


def _pod_in(text: str, pods: Collection[str]) -> str:
    """The first tenant pod that a text names as a whole word, as ``solutio-acme`` names ``acme``; the longest name."""
    words = list(re.finditer(r"[A-Za-z0-9]+", text))
    for start, first in enumerate(words):
        for last in reversed(words[start : start + _WORDS]):
            if text[first.start() : last.end()] in pods:
                return text[first.start() : last.end()]
    return ""


def _said(finding: Finding) -> str:
    return f"{finding.severity} {finding.code} {finding.message}"


def _text(change: ObjectChange) -> str:
    places = (f"{each.pointer} {say_value(each.before, 400)} {say_value(each.after, 400)}" for each in change.changes)
    name = re.sub(r"-[0-9a-f]{8}$", "", change.key.name)
    return "\n".join((change.action, change.key.kind, change.key.namespace, name, *places))
