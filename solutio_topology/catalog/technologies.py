"""What solutio knows of technologies that are chosen and rejected: their names, and the marks that they leave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from msgspec import Struct
from pydantic import TypeAdapter

from solutio_topology.spec.base import Names
from solutio_topology.spec.decisions import Recognition
from solutio_topology.yamlio import read_value

_FOLDER = Path(__file__).parent


class Technology(Recognition):
    """An entry of ``technologies.yaml``."""

    title: str
    """Its own spelling of its name."""
    names: list[str]
    """What people call it."""
    covers: Names = []
    """Components that come with it and are not it."""
    version: str | None = None
    """A regular expression: where its version stands in the tag of one of its images."""
    unseen: str | None = None
    """Why manifests cannot show it, or not all of it."""
    sources: list[str]
    """Where the marks come from."""

    def version_in(self, tag: str) -> str:
        """Its version in the tag of an image of it; empty where the tag does not say."""
        found = re.search(self.version, tag) if self.version and tag else None
        return next((group for group in found.groups() if group), "") if found else ""


class Mention(Struct, frozen=True):
    """A technology that a text names, and where."""

    key: str
    start: int
    end: int
    version: str
    """The version behind the name: ``16`` in ``PostgreSQL 16``; empty for none, and for ``16+``."""


@cache
def technologies() -> dict[str, Technology]:
    """Every technology that is known, by key."""
    value, _ = read_value((_FOLDER / "technologies.yaml").read_bytes())
    return TypeAdapter(dict[str, Technology]).validate_python(value)


@cache
def mentions(text: str) -> tuple[Mention, ...]:
    """The technologies that `text` names, each once, in the order in which they are named."""
    found: dict[str, Mention] = {}
    for match in _names().finditer(text):
        key = _by_name()[match["name"].lower()]
        found.setdefault(key, Mention(key, match.start(), match.end(), match["version"] or ""))
    return tuple(found.values())


@cache
def _by_name() -> dict[str, str]:
    return {name.lower(): key for key, each in technologies().items() for name in each.names}


@cache
def _names() -> re.Pattern[str]:
    """Any known name as whole words, the longest first, and the version behind it unless it is the least of several."""
    names = "|".join(re.escape(name) for name in sorted(_by_name(), key=lambda name: (-len(name), name)))
    version = r"(?:\s+v?(?P<version>[0-9]+(?:\.[0-9]+)*)(?![0-9.]*[+\w]))?"
    return re.compile(rf"(?<!\w)(?P<name>{names})(?!\w){version}", re.IGNORECASE)


@cache
def _words(kind: str) -> str:
    """A regular expression: any of the words of a kind, as whole words, in any language."""
    value, _ = read_value((_FOLDER / "words.yaml").read_bytes())
    words = {word for language in value[kind].values() for word in language}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"


def says_discontinued(reason: str | None) -> bool:
    """Whether a reason says that the technology itself is at its end."""
    return bool(reason and re.search(_words("discontinued"), reason, re.IGNORECASE))


def groups(text: str) -> Iterator[tuple[Mention, ...]]:
    """The technologies that `text` names: all of the groups are meant, and of each group any one."""
    group: list[Mention] = []
    for mention in mentions(text):
        if group and not _either(text[group[-1].end : mention.start]):
            yield tuple(group)
            group = []
        group.append(mention)
    if group:
        yield tuple(group)


def _either(between: str) -> bool:
    """Whether the text between two names begins with a word for *or*."""
    return bool(re.match(rf"[\W\d]*?{_words('either')}", between, re.IGNORECASE))
