"""Whole names in text: which tenant pods a text speaks of, and a text with a tenant pod's own names taken out.

A name is whole where no letter or digit stands beside it: ``solutio-acme`` and ``acme.example`` name ``acme``, and
``acmeland`` does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from msgspec import Struct

Atoms = tuple[str, ...]
Pieces = tuple[str | int, ...]
"""A text around names, and the names by their numbers."""
HOLE = b"\0"
"""Stands where a name was. No manifest holds it: YAML forbids it."""
_FEW = 64
"""Atoms that are looked for one by one before a text is taken apart."""
_ATOM = re.compile(r"[a-z0-9]+")
_BESIDE = re.compile(rb"[a-z0-9]")
"""What may not stand beside a whole name."""
_RUN = re.compile(r"[a-z0-9]+(?:[^a-z0-9\s][a-z0-9]+)*")


def atoms(text: str) -> Atoms:
    """The letters and digits of a name, without what stands between them."""
    return tuple(_ATOM.findall(text))


class Names(Struct, frozen=True, dict=True):
    """What each of several tenant pods is called: its name, and whatever else is its own (a domain, a namespace)."""

    by_pod: Mapping[str, tuple[str, ...]]

    @cached_property
    def _owners(self) -> dict[Atoms, frozenset[str]]:
        found: dict[Atoms, set[str]] = {}
        for pod, names in self.by_pod.items():
            for name in names:
                found.setdefault(atoms(name), set()).add(pod)
        return {name: frozenset(pods) for name, pods in found.items()}

    @cached_property
    def _first(self) -> dict[str, tuple[int, ...]]:
        """How long the names are that begin with an atom."""
        found: dict[str, set[int]] = {}
        for name in self._owners:
            found.setdefault(name[0], set()).add(len(name))
        return {atom: tuple(lengths) for atom, lengths in found.items()}

    def mentioned(self, text: str) -> frozenset[str]:
        """The tenant pods that a text speaks of. What stands between the atoms of a name does not matter."""
        found: set[str] = set()
        if len(self._first) <= _FEW and not any(atom in text for atom in self._first):
            return frozenset()
        for run in _RUN.findall(text):
            steps = atoms(run)
            for index, atom in enumerate(steps):
                for length in self._first.get(atom, ()):
                    found |= self._owners.get(steps[index : index + length], frozenset())
        return frozenset(found)

    @cached_property
    def entangled(self) -> frozenset[str]:
        """Tenant pods whose names could hide in, or overlap with, another's: ``acme`` and ``acme-eu``.

        Of them nothing can be said by taking names out.
        """
        heads = {name[:length] for name in self._owners for length in range(1, len(name))}
        tails = {name[-length:] for name in self._owners for length in range(1, len(name))}
        found: set[str] = set()
        for name, pods in self._owners.items():
            inner = {name[a:b] for a in range(len(name)) for b in range(a + 1, len(name) + 1)} - {name}
            hidden = {pod for part in inner for pod in self._owners.get(part, frozenset())} - pods
            overlaps = any(name[-length:] in heads or name[:length] in tails for length in range(1, len(name)))
            if len(pods) > 1 or hidden or overlaps or not name:
                found |= pods | hidden
        return frozenset(found)

    def without(self, pod: str, data: bytes) -> bytes:
        """The data with a hole for each of the tenant pod's own whole names, one kind of hole a name."""
        for number, name in enumerate(self._ordered[pod]):
            data = put(HOLE + b"%d" % number, name, data)
        return data

    def renamed(self, text: str, old: str, new: str) -> str:
        """The text with the names of one tenant pod put in the place of another's."""
        return self.filled(self.apart(text, old), new)

    def apart(self, text: str, pod: str) -> Pieces:
        """The text around the tenant pod's own whole names, and the number of each name where it stands."""
        pieces: list[str | int] = [text]
        for number, name in enumerate(self._ordered[pod]):
            if name in text:
                pieces = [part for piece in pieces for part in _split(piece, name, number)]
        return tuple(pieces)

    def filled(self, pieces: Pieces, pod: str) -> str:
        """The text that says of a tenant pod what was taken apart."""
        names = self._ordered[pod]
        return "".join(names[piece] if isinstance(piece, int) else piece for piece in pieces)

    @cached_property
    def _ordered(self) -> dict[str, list[str]]:
        """Longer names first: one may stand within another."""
        return {pod: sorted(own, key=lambda name: -len(name)) for pod, own in self.by_pod.items()}


def _split(piece: str | int, name: str, number: int) -> list[str | int]:
    """A piece of text around each whole name in it."""
    if isinstance(piece, int):
        return [piece]
    first, *others = re.split(_pattern(name), piece)
    return [first, *(part for other in others for part in (number, other))]


def put(hole: bytes, name: str, data: bytes) -> bytes:
    """The data with a hole for each whole name."""
    around = data.split(name.encode())
    if len(around) == 1:
        return data
    ends, starts = (piece[-1:] for piece in around[:-1]), (piece[:1] for piece in around[1:])
    if all(around[1:-1]) and not _BESIDE.search(b"".join((*ends, *starts))):
        return hole.join(around)  # The usual case, without a pattern for each of a thousand names.
    return re.sub(_pattern(name).encode(), hole, data)


def _pattern(name: str) -> str:
    """A name, then what may not stand around it: a pattern that begins with text is searched fast."""
    text = re.escape(name)
    return f"{text}(?![a-z0-9])(?<![a-z0-9]{text})"


def names_of(pods: Iterable[tuple[str, str | None, str | None]]) -> Names:
    """The names of tenant pods: each its name, its domain (also as part of an object's name), its namespace.

    One that comes twice has the names of both.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pod, domain, namespace in pods:
        own = [pod, *((domain, domain.replace(".", "-")) if domain else ()), *((namespace,) if namespace else ())]
        found[pod] = tuple(dict.fromkeys((*found.get(pod, ()), *own)))
    return Names(found)
