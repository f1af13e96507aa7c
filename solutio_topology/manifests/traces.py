"""What technologies leave behind in manifests, and in any other tree of maps and lists: images, hosts, variables …

Only the piece that a technology can be recognised by is taken out of a text: of an address its scheme and its host,
never the password between them. The values of Secrets are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from solutio_topology.manifests.places import Pointer

IMAGE, CHART, EXTENSION, PRELOAD = "image", "chart", "extension", "preload"
HOST, SCHEME, VARIABLE, PACKAGE, KEY, PORT = "host", "scheme", "variable", "package", "key", "port"
KINDS = (IMAGE, CHART, EXTENSION, PRELOAD, HOST, KEY, SCHEME, PACKAGE, VARIABLE, PORT)
"""Kinds of traces, the surest first."""


class Trace(Struct, frozen=True):
    """Something that is written somewhere: its kind, what it says, and where. Of an image also its tag."""

    kind: str
    value: str
    pointer: Pointer
    tag: str = ""

    def below(self, step: str | int) -> Trace:
        """The same, seen from above."""
        return Trace(self.kind, self.value, (step, *self.pointer), self.tag)


def traces(value: Any, pointer: Pointer = (), *, opaque: frozenset[str] = frozenset()) -> list[Trace]:
    """Every trace below `value`, in the order of the tree. Below keys of `opaque` only the keys are read."""
    found: list[Trace] = []
    _gather(value, pointer, opaque, found)
    return found


def _gather(value: Any, pointer: Pointer, opaque: frozenset[str], into: list[Trace]) -> None:
    """Add the traces below a value. It goes through everything in a fleet: no generator within a generator."""
    if isinstance(value, str):
        into.extend([Trace(kind, text, pointer) for kind, text in pieces(value)])
    elif isinstance(value, dict):
        for key, inner in value.items():
            _add_entry(str(key), inner, (*pointer, key), opaque, into)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _gather(inner, (*pointer, index), opaque, into)


def _add_entry(key: str, inner: Any, pointer: Pointer, opaque: frozenset[str], into: list[Trace]) -> None:
    into.extend(_of_key(key, inner, pointer, opaque))
    if _is_open(key, opaque):
        _gather(inner, pointer, opaque, into)


class Traces:
    """The traces that somebody wants, of many trees: parts that these share are read once.

    Parts are known by who they are, so the trees must stay alive as long as this does.
    """

    def __init__(self, wanted: Callable[[Trace], bool], opaque: frozenset[str] = frozenset()) -> None:
        self._wanted = wanted
        self._opaque = opaque
        self._known: dict[int | str, tuple[Trace, ...]] = {}

    def of(self, value: Any) -> tuple[Trace, ...]:
        """Those of a tree, as `traces` finds them."""
        if not isinstance(value, (dict, list, str)):
            return ()
        what = value if isinstance(value, str) else id(value)
        found = self._known.get(what)
        if found is None:
            found = self._known[what] = tuple(self._read(value))
        return found

    def _read(self, value: dict[str, Any] | list[Any] | str) -> list[Trace]:
        if isinstance(value, str):
            return list(filter(self._wanted, traces(value)))
        if isinstance(value, dict):
            return self._of_map(value)
        return [each.below(index) for index, inner in enumerate(value) for each in self.of(inner)]

    def _of_map(self, value: dict[str, Any]) -> list[Trace]:
        found: list[Trace] = []
        for key, inner in value.items():
            if key in _READERS or key in self._opaque:
                found += filter(self._wanted, _of_key(key, inner, (key,), self._opaque))
            if _is_open(key, self._opaque) and (inside := self.of(inner)):
                found += (each.below(key) for each in inside)
        return found


def _of_key(key: str, inner: Any, pointer: Pointer, opaque: frozenset[str]) -> Iterator[Trace]:
    """What a key makes of what stands behind it."""
    if key in _PASSED_OVER:
        return
    reader = _READERS.get(key)
    if reader is not None:
        yield from reader(inner, pointer)
    if key in opaque and isinstance(inner, dict):
        yield from _keys(VARIABLE)(inner, pointer)


def _is_open(key: str, opaque: frozenset[str]) -> bool:
    """Whether what stands behind a key is looked at as well."""
    return key not in _PASSED_OVER and key not in opaque


_PASSED_OVER = frozenset({"kubectl.kubernetes.io/last-applied-configuration", "managedFields", "status"})
"""Copies of the object, and what the cluster says of it."""


def _image(inner: Any, at: Pointer) -> Iterator[Trace]:
    """An image as one text, or as the map that Helm charts and topologies make of it."""
    if isinstance(inner, str):
        name, tag = split_image(inner)
        yield Trace(IMAGE, name, at, tag)
    elif isinstance(inner, dict):
        given = inner.get("repository") or inner.get("name")
        registry = inner.get("registry")
        if isinstance(given, str):
            name, tag = split_image(given)
            prefix = f"{registry}/" if isinstance(registry, str) and registry else ""
            yield Trace(IMAGE, f"{prefix}{name}", at, str(inner.get("tag") or tag))


def split_image(text: str) -> tuple[str, str]:
    """The repository of an image, with its registry, and its tag."""
    name = text.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "")


def _chart(inner: Any, at: Pointer) -> Iterator[Trace]:
    name = inner.get("name") if isinstance(inner, dict) else inner
    if isinstance(name, str):
        yield Trace(CHART, name.rstrip("/").rpartition("/")[2], at)


def _catalog(inner: Any, at: Pointer) -> Iterator[Trace]:
    """CloudNativePG: an image that a catalogue holds for a major version of PostgreSQL."""
    if isinstance(inner, dict) and isinstance(inner.get("major"), int):
        yield Trace(IMAGE, "postgres", (*at, "major"), str(inner["major"]))


def _variables(inner: Any, at: Pointer) -> Iterator[Trace]:
    """Variables as a list of maps with a name, as a map by name, or as one name."""
    if isinstance(inner, str):
        yield Trace(VARIABLE, inner, at)
    yield from _keys(VARIABLE)(inner, at)
    for index, item in enumerate(inner if isinstance(inner, list) else ()):
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield Trace(VARIABLE, item["name"], (*at, index, "name"))


def _keys(kind: str) -> Callable[[Any, Pointer], Iterator[Trace]]:
    def read(inner: Any, at: Pointer) -> Iterator[Trace]:
        for key in inner if isinstance(inner, dict) else ():
            yield Trace(kind, str(key), (*at, key))

    return read


def _text(kind: str) -> Callable[[Any, Pointer], Iterator[Trace]]:
    def read(inner: Any, at: Pointer) -> Iterator[Trace]:
        if isinstance(inner, str):
            yield Trace(kind, inner, at)

    return read


def _port(inner: Any, at: Pointer) -> Iterator[Trace]:
    if isinstance(inner, (int, str)) and not isinstance(inner, bool) and str(inner).isdecimal():
        yield Trace(PORT, str(inner), at)


_SEPARATORS = re.compile(r"[\s=,;|&()<>'\"`]+")


def _words(inner: Any, at: Pointer) -> Iterator[Trace]:
    """The words of a command line, each as it stands and by the name of the file that it is."""
    if isinstance(inner, str):
        for word in filter(None, _SEPARATORS.split(inner)):
            for form in dict.fromkeys((word, *_parts_of_path(word))):
                yield Trace(PACKAGE, form, at)
    for index, item in enumerate(inner if isinstance(inner, list) else ()):
        if isinstance(item, str):
            yield from _words(item, (*at, index))


def _parts_of_path(word: str) -> Iterator[str]:
    """``astro.mjs`` and ``astro`` of ``/app/node_modules/.bin/astro.mjs``, and the package that a path leads into."""
    last = word.rpartition("/")[2]
    yield last
    yield re.sub(r"\.[cm]?js$|\.rb$|\.py$", "", last)
    package = re.search(r"node_modules/((?:@[^/]+/)?[^/.][^/]*)", word)
    if package:
        yield package[1]


def _extensions(inner: Any, at: Pointer) -> Iterator[Trace]:
    """Extensions as a list of names, as a list of maps with a name, or as a map by name."""
    if isinstance(inner, dict):
        yield from _keys(EXTENSION)(inner, at)
    for index, item in enumerate(inner if isinstance(inner, list) else ()):
        if isinstance(item, str):
            yield Trace(EXTENSION, item, (*at, index))
        elif isinstance(item, dict) and isinstance(item.get("name"), str) and item.get("ensure") != "absent":
            yield Trace(EXTENSION, item["name"], (*at, index, "name"))


def _libraries(inner: Any, at: Pointer) -> Iterator[Trace]:
    if isinstance(inner, str):
        for name in filter(None, re.split(r"[\s,'\"]+", inner)):
            yield Trace(PRELOAD, name.removesuffix(".so"), at)
    for index, item in enumerate(inner if isinstance(inner, list) else ()):
        if isinstance(item, str):
            yield Trace(PRELOAD, item.removesuffix(".so"), (*at, index))


_READERS: dict[str, Callable[[Any, Pointer], Iterator[Trace]]] = {
    **dict.fromkeys(("image", "imageName"), _image),
    **dict.fromkeys(("chart", "chartRef"), _chart),
    "imageCatalogRef": _catalog,
    **dict.fromkeys(("env", "secrets", "stringData", "data", "encryptedData"), _variables),
    "secretKey": _text(VARIABLE),
    **dict.fromkeys(("command", "args", "entrypoint"), _words),
    "extensions": _extensions,
    "shared_preload_libraries": _libraries,
    **dict.fromkeys(
        ("labels", "annotations", "podLabels", "podAnnotations", "nodeSelector", "matchLabels"), _keys(KEY)
    ),
    **dict.fromkeys(("key", "provisioner", "driver", "controller", "controllerName", "loadBalancerClass"), _text(KEY)),
    **dict.fromkeys(("storageClass", "storageClassName", "ingressClassName", "class"), _text(KEY)),
    **dict.fromkeys(("port", "containerPort", "targetPort", "hostPort", "number"), _port),
}
"""What stands behind a key, beside what its texts say."""

_HOST = re.compile(r"(?<![\w.-])(?:\*{1,2}\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*[a-z0-9](?![\w-])", re.I)
_SCHEME = re.compile(r"(?<![\w+.-])([a-z][a-z0-9+.-]*)://", re.I)
_CREATE = re.compile(r"create\s+extension\s+(?:if\s+not\s+exists\s+)?[\"']?([\w-]+)", re.I)
_PRELOAD = re.compile(r"shared_preload_libraries['\"]?\s*[=:]\s*['\"\[]?([\w,. -]+)", re.I)
_IMAGE = re.compile(r"^\s*-?\s*image(?:Name)?:\s*[\"']?([^\s\"'{}#]+)", re.M)


@lru_cache(maxsize=1 << 16)
def pieces(text: str) -> tuple[tuple[str, str], ...]:
    """What a text of any kind says: (kind, piece). Most texts stand in many objects, and are read once."""
    found: list[tuple[str, str]] = []
    if "." in text:
        found += [(HOST, match[0].lower()) for match in _HOST.finditer(text)]
    if "://" in text:
        found += [(SCHEME, match[1].lower()) for match in _SCHEME.finditer(text)]
    if "xtension" in text or "XTENSION" in text:
        found += [(EXTENSION, match[1]) for match in _CREATE.finditer(text)]
    if "shared_preload" in text:
        listed = (name for match in _PRELOAD.finditer(text) for name in match[1].replace(",", " ").split())
        found += [(PRELOAD, name.removesuffix(".so")) for name in listed]
    if "\n" in text and "image" in text:
        found += [(IMAGE, split_image(match[1])[0]) for match in _IMAGE.finditer(text)]
    return tuple(dict.fromkeys(found))
