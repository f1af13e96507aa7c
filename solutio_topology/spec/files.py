"""The files of a topology: reading them, merging the tenant pods of those that it includes, and its price book."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from solutio_topology.errors import FileError
from solutio_topology.findings import Finding, Location, Related
from solutio_topology.spec.plain import submap
from solutio_topology.spec.rules import CONFLICTING_INCLUDE, DUPLICATE_KEY, UNREADABLE
from solutio_topology.spec.source import Mount, SourceFile
from solutio_topology.yamlio import Fault, Positions, read_document

MAX_BYTES = 4 * 1024 * 1024
"""More than any team writes by hand, and still read in seconds. Thousands of tenant pods fit."""


def read_bytes(path: Path) -> bytes:
    """The content of a file, or of an endless one a byte more than is read. Raises FileError in people's words."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise FileError(
            f"{path}: there is no such file", remedy="name one with --topology, or start one with: solutio init"
        ) from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder", remedy=f"name the file: {path / 'topology.yaml'}") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}", remedy="check its permissions") from None


class Only(Struct, frozen=True):
    """A part of what a topology includes."""

    files: tuple[Path, ...]
    """The files that are opened, whatever the patterns say."""
    elsewhere: frozenset[str]
    """The tenant pods that exist, too."""


Read = Callable[[Path], bytes]
"""Reads a file as `read_bytes` does: editing looks at files as they will be."""


def parse(data: bytes, name: str, findings: list[Finding]) -> tuple[dict[str, Any] | None, SourceFile]:
    """The map that a file holds, or None, and where everything in it stands; what is wrong goes to `findings`."""
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes"
        remedy = "put tenant pods into files of their own, and name them under `include`"
        findings.append(UNREADABLE.finding(message, Location(name, 1, 1), remedy=remedy))
        return None, SourceFile(name, (), Positions(None))
    value, positions, faults = read_document(data)
    lines = tuple(data.decode(errors="replace").splitlines())
    file = SourceFile(name, lines, positions, hashlib.sha256(data).hexdigest())
    findings.extend(_fault(fault, file) for fault in faults)
    if isinstance(value, dict):
        return value, file
    if not faults:
        what = "the file is empty" if value is None else "the file must hold a map, with keys such as services"
        findings.append(
            UNREADABLE.finding(
                what, Location(name, 1, 1), remedy="start one with: solutio init", excerpt=file.excerpt(1)
            )
        )
    return None, file


def _fault(fault: Fault, file: SourceFile) -> Finding:
    rule = DUPLICATE_KEY if "stands twice" in fault.message else UNREADABLE
    location = Location(file.name, fault.line, fault.column)
    return rule.finding(fault.message, location, remedy=fault.remedy, excerpt=file.excerpt(fault.line))


def include_pods(
    value: dict[str, Any],
    main: SourceFile,
    folder: Path | None,
    findings: list[Finding],
    *,
    read: Read = read_bytes,
    new: Iterable[Path] = (),
    only: Only | None = None,
) -> dict[str, SourceFile]:
    """Merge the tenant pods of the files that `include` names into `value`; which file each comes from.

    `folder` is where patterns start; None includes nothing. What does not fit goes to `findings`. `new` are files that
    `read` knows and the disk does not yet. `only` names the files.
    """
    found: dict[str, SourceFile] = {}
    for index, path in _included(value, main, folder, findings, new, only):
        try:
            data = read(path)
        except FileError as error:
            place = main.locate(("include", index))
            excerpt = main.excerpt(place.line)
            findings.append(UNREADABLE.finding(error.message, place, remedy=error.remedy, excerpt=excerpt))
        else:
            _merge_file(parse(data, str(path), findings), value, main, found, findings)
    return found


def _included(
    value: dict[str, Any],
    main: SourceFile,
    folder: Path | None,
    findings: list[Finding],
    new: Iterable[Path],
    only: Only | None,
) -> Iterator[tuple[int, Path]]:
    """The files to include, with the number of the pattern that names them."""
    patterns = value.get("include")
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        if isinstance(pattern, str):
            paths, wrong = _matching(pattern, folder, new) if only is None else _inside(only.files, folder, pattern)
            if wrong:
                place = main.locate(("include", index))
                excerpt = main.excerpt(place.line)
                findings.append(CONFLICTING_INCLUDE.finding(wrong, place, subject="include", excerpt=excerpt))
            yield from ((index, path) for path in paths)
            if only is not None:
                return


def _matching(pattern: str, folder: Path | None, new: Iterable[Path]) -> tuple[Sequence[Path], str]:
    """The files that a pattern names, in order, or why there are none. `new`: files that are only about to exist."""
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        return [], f"{pattern!r} leads out of the topology's folder"
    if folder is None:
        return [], f"{pattern!r}: a topology without a folder cannot include files"
    try:
        paths = sorted(path for path in folder.glob(pattern) if path.is_file())
    except (ValueError, IndexError):
        # What pathlib does with '', '.' and '**x'; newer Pythons take some of them for folders.
        paths = []
    paths = sorted({*paths, *(path for path in new if _would_match(path, folder, pattern))})
    return _inside(paths, folder, pattern) if paths else ([], f"{pattern!r} matches no file below the topology")


def _inside(paths: Sequence[Path], folder: Path | None, pattern: str) -> tuple[Sequence[Path], str]:
    """The files, or why they are none of the topology's."""
    top = (folder or Path()).resolve()
    known: dict[Path, bool] = {}
    for path in paths:
        place = path if path.is_symlink() else path.parent
        if place not in known:
            known[place] = place.resolve().is_relative_to(top)
        if not known[place]:
            return (), f"{pattern!r} leads out of the topology's folder: {path} is a link"
    return paths, ""


def _would_match(path: Path, folder: Path, pattern: str) -> bool:
    return path.is_relative_to(folder) and _fits(path.relative_to(folder).parts, Path(pattern).parts)


def _fits(steps: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a file's path fits a pattern as pathlib reads it: ``**`` is any number of folders."""
    if not pattern or not steps:
        return not pattern and not steps
    first, rest = pattern[0], pattern[1:]
    if first == "**":
        return _fits(steps, rest) or _fits(steps[1:], pattern)
    return "**" not in first and fnmatch.fnmatchcase(steps[0], first) and _fits(steps[1:], rest)


def _merge_file(
    parsed: tuple[dict[str, Any] | None, SourceFile],
    value: dict[str, Any],
    main: SourceFile,
    found: dict[str, SourceFile],
    findings: list[Finding],
) -> None:
    data, file = parsed
    if data is None:
        return
    pods = data.get("pods")
    if set(data) != {"pods"} or not isinstance(pods, dict):
        message = f"{file.name} may hold pods and nothing else"
        findings.append(CONFLICTING_INCLUDE.finding(message, Location(file.name, 1, 1), excerpt=file.excerpt(1)))
        return
    known = value.setdefault("pods", {})
    for name, pod in pods.items() if isinstance(known, dict) else ():
        if name in known:
            findings.append(_defined_twice(name, file, found.get(name, main)))
        else:
            known[name] = pod
            found[name] = file


def _defined_twice(name: str, file: SourceFile, first: SourceFile) -> Finding:
    where, other = (each.locate(("pods", name), key=True) for each in (file, first))
    return CONFLICTING_INCLUDE.finding(
        f"the tenant pod {name!r} is defined twice, first at {other}",
        where,
        subject=f"pods.{name}",
        related=(Related(other, "the first definition"),),
        excerpt=file.excerpt(where.line),
    )


def include_prices(
    value: dict[str, Any],
    main: SourceFile,
    folder: Path | None,
    findings: list[Finding],
    *,
    read: Read = read_bytes,
) -> tuple[Mount, ...]:
    """Put the price book that ``costs.prices`` names as a file in the place of its name; where it stands."""
    name = submap(value, "costs").get("prices")
    if not isinstance(name, str):
        return ()
    pointer = ("costs", "prices")
    place = main.locate(pointer)
    path, wrong = _book_path(name, folder)
    book: dict[str, Any] | None = None
    file = main
    if path is None:
        findings.append(
            CONFLICTING_INCLUDE.finding(wrong, place, subject="costs.prices", excerpt=main.excerpt(place.line))
        )
    else:
        try:
            book, file = parse(read(path), str(path), findings)
        except FileError as error:
            excerpt = main.excerpt(place.line)
            findings.append(UNREADABLE.finding(error.message, place, remedy=error.remedy, excerpt=excerpt))
    value["costs"] = {**value["costs"], "prices": book or {}}
    return (Mount(pointer, file),) if book else ()


def _book_path(name: str, folder: Path | None) -> tuple[Path | None, str]:
    """The file of a price book, or why it cannot be one."""
    if folder is None:
        return None, f"{name!r}: a topology without a folder cannot name a file of prices"
    path = folder / name
    if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        return None, f"{name!r} leads out of the topology's folder"
    return path, ""
