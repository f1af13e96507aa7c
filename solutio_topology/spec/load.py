"""From a file to a typed topology, or to every fault in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solutio_topology.errors import FileError, InputError
from solutio_topology.findings import Finding, Location
from solutio_topology.spec.rules import CONFLICTING_INCLUDE, DUPLICATE_KEY, UNREADABLE
from solutio_topology.spec.source import SourceFile, SourceMap
from solutio_topology.yamlio import Fault, read_document

if TYPE_CHECKING:
    from solutio_topology.spec.topology import Topology


@dataclass(frozen=True)
class Loaded:
    """A topology and where everything in it stands."""

    topology: Topology
    source: SourceMap


def load(path: Path, *, known_components: frozenset[str] | None = None) -> Loaded:
    """The topology in `path` and the files that it includes.

    `known_components` are the catalogue's names; None leaves components unchecked. Raises FileError for what cannot be
    opened and InputError with every fault of the content.
    """
    return load_text(read_bytes(path), str(path), folder=path.parent, known_components=known_components)


def read_bytes(path: Path) -> bytes:
    """The content of a file. Raises FileError in people's words."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(
            f"{path}: there is no such file", remedy="name one with --topology, or start one with: solutio init"
        ) from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder", remedy=f"name the file: {path / 'topology.yaml'}") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}", remedy="check its permissions") from None


def load_text(
    data: bytes, name: str, *, folder: Path | None = None, known_components: frozenset[str] | None = None
) -> Loaded:
    """As `load`, for content that is at hand; `include` is looked up in `folder`."""
    findings: list[Finding] = []
    value, file = _parse(data, name, findings)
    if value is None:
        raise InputError(findings)
    pods = _included(value, file, folder, findings)
    source = SourceMap(file, pods)
    return Loaded(_validated(value, source, known_components, findings), source)


def _parse(data: bytes, name: str, findings: list[Finding]) -> tuple[dict[str, Any] | None, SourceFile]:
    value, positions, faults = read_document(data)
    file = SourceFile(name, tuple(data.decode(errors="replace").splitlines()), positions)
    findings.extend(_fault(fault, file) for fault in faults)
    if not isinstance(value, dict):
        if not faults:
            what = "the file is empty" if value is None else "the file must hold a map, with keys such as services"
            findings.append(UNREADABLE.finding(what, Location(name, 1, 1), remedy="start one with: solutio init"))
        return None, file
    return value, file


def _fault(fault: Fault, file: SourceFile) -> Finding:
    rule = DUPLICATE_KEY if "stands twice" in fault.message else UNREADABLE
    location = Location(file.name, fault.line, fault.column)
    return rule.finding(fault.message, location, remedy=fault.remedy, excerpt=file.excerpt(fault.line))


def _validated(
    value: dict[str, Any], source: SourceMap, components: frozenset[str] | None, findings: list[Finding]
) -> Topology:
    from pydantic import ValidationError

    from solutio_topology.spec.references import check_references
    from solutio_topology.spec.topology import Topology

    topology = None
    try:
        topology = Topology.model_validate(value)
    except ValidationError as error:
        from solutio_topology.spec.translate import translate

        findings.extend(translate(error.errors(), value, source))
    findings.extend(check_references(value, source, components))
    if findings or topology is None:
        raise InputError(sorted(findings, key=lambda finding: finding.sort_key))
    return topology


def _included(
    value: dict[str, Any], file: SourceFile, folder: Path | None, findings: list[Finding]
) -> dict[str, SourceFile]:
    """Merge the tenant pods of included files into `value`; which file each comes from."""
    found: dict[str, SourceFile] = {}
    patterns = value.get("include")
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        place = file.locate(("include", index))
        paths = list(_matching(str(pattern), folder))
        if not paths:
            findings.append(CONFLICTING_INCLUDE.finding(f"{pattern!r} matches no file below the topology", place))
        for path in paths:
            _merge_file(path, value, found, place, findings)
    return found


def _matching(pattern: str, folder: Path | None) -> Iterator[Path]:
    if folder is None or pattern.startswith("/") or ".." in Path(pattern).parts:
        return
    yield from sorted(path for path in folder.glob(pattern) if path.is_file())


def _merge_file(
    path: Path, value: dict[str, Any], found: dict[str, SourceFile], place: Location, findings: list[Finding]
) -> None:
    data, file = _parse(read_bytes(path), str(path), findings)
    if data is None:
        return
    pods = data.get("pods")
    if set(data) != {"pods"} or not isinstance(pods, dict):
        findings.append(
            CONFLICTING_INCLUDE.finding(f"{path} may hold pods and nothing else", Location(str(path), 1, 1))
        )
        return
    known = value.setdefault("pods", {})
    for name, pod in pods.items():
        if isinstance(known, dict) and name in known:
            where = file.locate(("pods", name), key=True)
            findings.append(CONFLICTING_INCLUDE.finding(f"the tenant pod {name!r} is defined twice", where))
        elif isinstance(known, dict):
            known[name] = pod
            found[str(name)] = file
    del place
