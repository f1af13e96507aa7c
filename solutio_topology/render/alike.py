"""Work that is done once for tenant pods whose input differs in nothing but their own names.

An input is remembered with stand-ins where the names stood, which are as long as the names; what came of it is given
to the next tenant pod with its names in their places. That is right for work that treats every name as any other: it
sorts nothing by them, counts nothing but their letters, and compares them with nothing that one of them could equal.
Reading and writing YAML is such work, and so is comparing with a base in which no name of the tenant pod stands.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from msgspec import Struct

D = TypeVar("D")
R = TypeVar("R")
Key = tuple[Hashable, bytes]
"""What is done, and the input with stand-ins."""


class Known:
    """What came of inputs, with stand-ins, and which inputs were met once: it pays from the second time on."""

    def __init__(self) -> None:
        self.made: dict[Key, bytes] = {}
        self._once: set[int] = set()

    def is_second(self, key: Key) -> bool:
        """Whether an input of which nothing is known was met before."""
        told = hash(key)
        if told in self._once:
            return True
        if len(self._once) >= _MANY:
            self._once.clear()
        self._once.add(told)
        return False

    def put(self, key: Key, made: bytes) -> None:
        """Remember what came of an input."""
        if len(self.made) >= _MOST:
            self.made.clear()
        self.made[key] = made


_LETTERS = "QJKW"
"""What tells one stand-in from another. No name has them, and none begins a value in what `marshal` writes."""
_WORD = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*")
_SHORTEST = 4
"""Letters from which on no part of a number can be taken for a name."""
_DIGITS = re.compile(r"[0-9a-fox]+")
"""What could stand in a number of any base."""
_WORDS_OF_YAML = ("false", "true", "null", "none")
_MOST = 4096
_MANY = 1 << 16


class Alike(Struct, frozen=True):
    """The names of one tenant pod, with what stands for each, and what is known already."""

    words: tuple[tuple[bytes, bytes], ...]
    """Each name and its stand-in; of no length where nothing can be remembered. Longer names come first."""
    known: Known

    @classmethod
    def of(cls, names: Iterable[str], known: Known, common: bytes = b"") -> Alike:
        """What is alike but for some names: nothing, with one that stands in what is `common` or could be no name."""
        words = sorted(set(names), key=lambda name: (-len(name), name))
        pairs = tuple((word.encode(), _stand_in(word, letter)) for word, letter in zip(words, _LETTERS, strict=False))
        is_safe = len(words) <= len(_LETTERS) and all(map(_is_safe, words))
        return cls(pairs if is_safe and not any(each in common for pair in pairs for each in pair) else (), known)

    def made(self, work: Callable[[D], R], data: D, about: Hashable, plain: bytes | None = None) -> R:
        """What `work` makes of data: plain data. `about` says all that it depends on besides.

        `plain` is the data as `marshal` writes it, where somebody knows.
        """
        key = (plain or _plain(data)) if self.words else None
        if key is None or any(stand_in in key for _, stand_in in self.words):
            return work(data)
        for word, stand_in in self.words:
            key = key.replace(word, stand_in)
        known = self.known.made.get((about, key))
        made: R
        if known is None:
            made = self._first(work, data, (about, key)) if self.known.is_second((about, key)) else work(data)
            return made
        for word, stand_in in self.words:
            known = known.replace(stand_in, word)
        made = marshal.loads(known)
        return made

    def _first(self, work: Callable[[D], Any], data: D, key: Key) -> Any:
        """The work, done with the names and with their stand-ins: it is remembered if both come to the same."""
        made = work(data)
        likened = self._likened(data)
        if _plain(likened) == key[1]:  # Else a name stood where no text is.
            other = _plain(work(likened))
            if other is not None and other == _plain(self._likened(made)):
                self.known.put(key, other)
        return made

    def _likened(self, value: Any) -> Any:
        """The value with stand-ins for the names in its texts."""
        if isinstance(value, str):
            for word, stand_in in self.words:
                value = value.replace(word.decode(), stand_in.decode())
        elif isinstance(value, bytes):
            for word, stand_in in self.words:
                value = value.replace(word, stand_in)
        elif isinstance(value, dict):
            value = {self._likened(key): self._likened(item) for key, item in value.items()}
        elif isinstance(value, (list, tuple)):
            value = type(value)(map(self._likened, value))
        return value


def _plain(data: Any) -> bytes | None:
    """Data as `marshal` writes it; None where something is of a type of its own."""
    try:
        return marshal.dumps(data, 2)
    except ValueError:
        return None


def _is_safe(word: str) -> bool:
    """Whether a text with the word is written as it is with another: the word is no part of what YAML reads itself."""
    return (
        len(word) >= _SHORTEST
        and _WORD.fullmatch(word) is not None
        and not any(word in each for each in _WORDS_OF_YAML)
        and _DIGITS.fullmatch(word) is None
    )


def _stand_in(word: str, letter: str) -> bytes:
    """A word of the same length that overlaps with no other one, nor with itself."""
    return f"Z{letter * (len(word) - 1)}".encode()
