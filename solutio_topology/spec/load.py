"""From a file to a typed topology, or to every fault in it at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from solutio_topology.errors import InputError
from solutio_topology.findings import Finding
from solutio_topology.spec.files import Only, Read, include_pods, include_prices, parse, read_bytes
from solutio_topology.spec.override import Override, override
from solutio_topology.spec.source import SourceMap

if TYPE_CHECKING:
    from solutio_topology.spec.topology import Topology


__all__ = ["Loaded", "load", "load_text", "read_bytes"]


class Loaded(Struct, frozen=True):
    """A topology and where everything in it stands."""

    topology: Topology
    source: SourceMap


def load(path: Path, *, known_components: frozenset[str] | None = None, overrides: Sequence[Override] = ()) -> Loaded:
    """The topology in `path` and the files that it includes.

    `known_components` are the catalogue's names; None leaves components unchecked. `overrides` are laid over what the
    files say. Raises FileError for what cannot be opened and InputError with every fault of the content.
    """
    data = read_bytes(path)
    return load_text(data, str(path), folder=path.parent, known_components=known_components, overrides=overrides)


def load_text(
    data: bytes,
    name: str,
    *,
    folder: Path | None = None,
    known_components: frozenset[str] | None = None,
    overrides: Sequence[Override] = (),
    read: Read = read_bytes,
    new: Iterable[Path] = (),
    only: Only | None = None,
) -> Loaded:
    """As `load`, for content that is at hand; `include` is looked up in `folder`, and its files are read by `read`.

    `overrides` are laid over what the files say, before anything is validated. `new` are files that `read` knows and
    the disk does not yet. `only` opens a part of what is included.
    """
    findings: list[Finding] = []
    value, file = parse(data, name, findings)
    if value is None:
        raise InputError(findings)
    pods = include_pods(value, file, folder, findings, read=read, new=new, only=only)
    mounts = include_prices(value, file, folder, findings, read=read)
    for each in overrides:
        value, mount = override(value, each, findings)
        mounts = (*mounts, *mount)
    source = SourceMap(file, pods, mounts)
    elsewhere = only.elsewhere if only else frozenset()
    return Loaded(_validated(value, source, known_components, findings, elsewhere), source)


def _validated(
    value: dict[str, Any],
    source: SourceMap,
    components: frozenset[str] | None,
    findings: list[Finding],
    elsewhere: frozenset[str],
) -> Topology:
    from pydantic import ValidationError

    from solutio_topology.spec.consistency import check_consistency
    from solutio_topology.spec.references import check_references
    from solutio_topology.spec.topology import Topology

    topology, wrong = None, []
    try:
        topology = Topology.model_validate(value)
    except ValidationError as error:
        from solutio_topology.spec.translate import translate

        wrong = list(translate(error.errors(), value, source))
    # What YAML itself could not read stands in the data as nothing, and is told once.
    told = {_spot(finding) for finding in findings}
    findings.extend(finding for finding in wrong if _spot(finding) not in told)
    findings.extend(check_references(value, source, components, elsewhere))
    findings.extend(check_consistency(value, source))
    if findings or topology is None:
        raise InputError(sorted(findings, key=lambda finding: finding.sort_key))
    return topology


def _spot(finding: Finding) -> tuple[str, int, int]:
    at = finding.location
    return at.file, at.line, at.column
