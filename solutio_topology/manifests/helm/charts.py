"""The charts in a folder: unpacked, as archives, or as OCI layouts and archives of them."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from solutio_topology.errors import FileError, ToolError
from solutio_topology.external import helm_template
from solutio_topology.manifests.helm.versions import parse_version, satisfies
from solutio_topology.yamlio import read_manifests

if TYPE_CHECKING:
    from solutio_topology.external import Templating
    from solutio_topology.manifests.helm.wanted import Wanted

CHART_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
KUBERNETES = "1.34"
"""What charts see where nobody says otherwise: what helm itself takes is up to how it was built."""
_CHART = "Chart.yaml"
_LAYOUT = "oci-layout"
_MOST = 1 << 20
"""Bytes of a Chart.yaml or an index, and more than any real one has."""

Template = Callable[[Path, "Templating"], bytes]
"""What makes manifests of a chart. Raises ToolError."""
Reader = Callable[[str], bytes | None]
"""The bytes of a file of an OCI layout; None where it is not there."""


class Chart(Struct, frozen=True):
    """A chart at hand. `shown` is where people find it; `packed` its archive where no file of its own holds it."""

    name: str
    version: str
    shown: str
    path: Path
    digest: str = ""
    """Of the artifact that it was pushed as, where it comes from an OCI layout."""
    packed: bytes = b""

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """A path that helm can read."""
        if not self.packed:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="solutio-") as folder:
            path = Path(folder, f"{self.name}.tgz")
            path.write_bytes(self.packed)
            yield path


class Charts(Struct, frozen=True):
    """The charts of a folder, and what makes manifests of them. `kubernetes`: the version that charts see."""

    shown: str
    charts: tuple[Chart, ...]
    kubernetes: str = KUBERNETES
    template: Template = field(default=helm_template)

    def choose(self, wanted: Wanted) -> Chart | None:
        """The newest chart that a release asks for; None: no chart of its name is here.

        Raises ValueError, with words for people, where there is one and none has the right version.
        """
        named = [each for each in self.charts if each.name == wanted.chart]
        fitting = [each for each in named if _fits(each, wanted)]
        if named and not fitting:
            there = ", ".join(sorted(f"{each.version or 'no version'} ({each.shown})" for each in named))
            asked = wanted.version or wanted.digest
            raise ValueError(f"the release asks for {wanted.chart} {asked}, and there is {there}")
        return max(fitting, key=lambda each: (parse_version(each.version) or (), each.shown), default=None)


def _fits(chart: Chart, wanted: Wanted) -> bool:
    if wanted.digest and chart.digest:
        return wanted.digest == chart.digest
    return not (wanted.version and chart.version) or satisfies(chart.version, wanted.version)


def open_charts(root: Path, *, kubernetes: str = KUBERNETES) -> Charts:
    """The charts in a folder, or the one that `root` is.

    Raises FileError for what cannot be read or holds no chart, and ToolError where helm is missing.
    """
    if not root.exists():
        raise FileError(f"{root} is neither a folder of charts nor a chart", remedy="name one with --charts")
    found = tuple(_charts(root, root.name if root.is_file() else str(root)))
    if not found:
        raise FileError(
            f"{root} holds no chart: no folder with a {_CHART}, no .tgz, no OCI layout",
            remedy="put one there, for example with: helm pull CHART --version VERSION --destination " + str(root),
        )
    if shutil.which("helm") is None:
        raise ToolError(
            "--charts needs helm, which is not on PATH",
            remedy="install helm, or leave --charts out: then the models speak for the charts that they know",
        )
    return Charts(str(root), found, kubernetes)


def _charts(path: Path, shown: str) -> Iterator[Chart]:
    try:
        if path.is_dir():
            yield from _in_folder(path, shown)
        elif path.name.endswith((".tgz", ".tar.gz")):
            yield from _archive(path.read_bytes(), shown, path)
        elif path.suffix == ".tar":
            yield from _packed_layout(path, shown)
    except (OSError, tarfile.TarError, zlib.error, EOFError) as error:
        raise FileError(f"{shown} cannot be read: {_words(error)}", remedy="fetch the chart again") from None


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _in_folder(path: Path, shown: str) -> Iterator[Chart]:
    if (path / _CHART).is_file():
        yield _described((path / _CHART).read_bytes(), shown, path)
    elif (path / _LAYOUT).is_file():
        yield from _layout(_files_below(path), shown, path)
    else:
        for inner in sorted(path.iterdir()):
            if not inner.name.startswith("."):
                yield from _charts(inner, f"{shown.rstrip('/')}/{inner.name}")


def _described(data: bytes, shown: str, path: Path, *, packed: bytes = b"", digest: str = "") -> Chart:
    documents, faults = read_manifests(data)
    values = documents[0].value if documents and not faults else None
    name = values.get("name") if isinstance(values, dict) else None
    if not isinstance(values, dict) or not isinstance(name, str) or not name:
        raise FileError(f"{shown}: its {_CHART} does not say the chart's name", remedy="fetch the chart again")
    return Chart(name, str(values.get("version") or ""), shown, path, digest, packed)


def _archive(data: bytes, shown: str, path: Path, *, packed: bytes = b"", digest: str = "") -> Iterator[Chart]:
    """The chart in an archive, which holds one folder of the chart's name; an archive of anything else holds none."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        for member in archive:
            parts = member.name.removeprefix("./").split("/")
            stream = archive.extractfile(member) if len(parts) == 2 and parts[1] == _CHART else None
            if stream is not None:
                yield _described(stream.read(_MOST), shown, path, packed=packed, digest=digest)
                return


def _packed_layout(path: Path, shown: str) -> Iterator[Chart]:
    """An archive of an OCI layout; an archive of anything else holds no chart."""
    with tarfile.open(path, mode="r:") as archive:
        files = {member.name.removeprefix("./"): member for member in archive if member.isfile()}

        def read(name: str) -> bytes | None:
            stream = archive.extractfile(files[name]) if name in files else None
            return stream.read() if stream is not None else None

        yield from _layout(read, shown, path)


def _files_below(path: Path) -> Reader:
    def read(name: str) -> bytes | None:
        file = path / name
        return file.read_bytes() if file.is_file() else None

    return read


def _layout(read: Reader, shown: str, path: Path) -> Iterator[Chart]:
    pending = _listed(read("index.json"), "manifests")
    seen: set[str] = set()
    while pending:
        digest = str(pending.pop(0).get("digest", ""))
        if digest in seen:
            continue
        seen.add(digest)
        data = read(_blob(digest))
        if data is None:
            raise FileError(f"{shown}: the blob {digest} is missing", remedy="fetch the chart again")
        pending += _listed(data, "manifests")
        for layer in _listed(data, "layers"):
            packed = read(_blob(str(layer.get("digest", "")))) if layer.get("mediaType") == CHART_LAYER else None
            if packed is not None:
                yield from _archive(packed, shown, path, packed=packed, digest=digest)


def _blob(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"blobs/{algorithm}/{value}"


def _listed(data: bytes | None, key: str) -> list[dict[str, Any]]:
    """The items of a list of an index or a manifest; none for what is neither."""
    try:
        value = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return []
    items = value.get(key) if isinstance(value, dict) else None
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
