"""Tenant pods whose manifests are equal but for their names: a class, of which a few members stand for all.

Nothing here asks what was meant or who wrote the files: two tenant pods are equal when their bytes are, each with its
own whole names taken out, and when the files that several share say the same of both. docs/adr/0006 argues why that is
enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from msgspec import Struct

from solutio_topology.manifests.tokens import HOLE, Names

MEMBERS = 3
"""How many members of a class are judged: two, so that a connection between equals is seen, and one to stand beside."""


class Print(Struct, frozen=True):
    """What the files of one tenant pod are, its own names taken out."""

    pod: str
    content: str
    """Hash of paths and contents, both without the names."""
    is_plain: bool
    """Whether the names could be taken out."""


class Classes(Struct, frozen=True):
    """The members that are judged, and whom they stand for."""

    kept: frozenset[str]
    stands_for: Mapping[str, tuple[str, ...]]
    """First member of a class → the members that are not judged themselves."""
    looked_at: frozenset[str] = frozenset()
    """Every judged member of a class of which some are not."""

    @property
    def gone(self) -> frozenset[str]:
        """Everybody who is stood for."""
        return frozenset(pod for pods in self.stands_for.values() for pod in pods)


def owners(paths: Iterable[str], names: Names) -> tuple[dict[str, list[str]], list[str]]:
    """The paths of each tenant pod (those that name it and no other), and all other paths."""
    own: dict[str, list[str]] = {}
    shared: list[str] = []
    for path in paths:
        pods = names.mentioned(path)
        if len(pods) == 1:
            own.setdefault(next(iter(pods)), []).append(path)
        else:
            shared.append(path)
    return own, shared


def fingerprint(pod: str, files: Mapping[str, bytes], names: Names) -> Print:
    """What a tenant pod's files are without its names."""
    told = hashlib.sha256()
    for path in sorted(files):
        for data in (path.encode(), files[path]):
            plain = names.without(pod, data)
            told.update(b"%d " % len(plain) + plain)
    return Print(pod, told.hexdigest(), not any(HOLE in data for data in files.values()))


def classify(prints: Iterable[Print], more: Mapping[str, object], alone: frozenset[str]) -> Classes:
    """Sort tenant pods into classes of equals.

    `more`: what else must be equal, by tenant pod; `alone`: those that stand for nobody and are stood for by nobody.
    """
    found: dict[object, list[str]] = {}
    kept = set(alone)
    for each in prints:
        if each.pod in alone or not each.is_plain:
            kept.add(each.pod)
        else:
            found.setdefault((each.content, more.get(each.pod)), []).append(each.pod)
    stands_for = {}
    looked_at: set[str] = set()
    for pods in found.values():
        kept.update(pods[:MEMBERS])
        if len(pods) > MEMBERS:
            stands_for[pods[0]] = tuple(pods[MEMBERS:])
            looked_at.update(pods[:MEMBERS])
    return Classes(frozenset(kept), stands_for, frozenset(looked_at))
