"""Finding charts in a folder: unpacked, archives, OCI layouts and archives of them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from solutio_topology.errors import FileError, ToolError
from solutio_topology.manifests.facts import Place
from solutio_topology.manifests.helm import charts
from solutio_topology.manifests.helm.charts import Chart, Charts, open_charts
from solutio_topology.manifests.helm.wanted import Wanted

from .tools import CHARTS


@pytest.fixture(autouse=True)
def _helm_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts.shutil, "which", lambda _name: "helm")


def _pack(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _chart(version: str, name: str = "porter") -> bytes:
    return _pack({"porter/values.yaml": b"", "porter/Chart.yaml": f"name: {name}\nversion: {version}\n".encode()})


def oci(packed: bytes, *, nested: bool = False, media: str = charts.CHART_LAYER) -> tuple[dict[str, bytes], str]:
    """The files of an OCI layout that holds a chart, and the digest of its manifest."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}

    def add(data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        files[f"blobs/sha256/{digest}"] = data
        return f"sha256:{digest}"

    layers = [{"mediaType": media, "digest": add(packed)}]
    digest = top = add(json.dumps({"config": {}, "layers": layers}).encode())
    if nested:
        top = add(json.dumps({"manifests": [{"digest": digest}, {"digest": digest}]}).encode())
    files["index.json"] = json.dumps({"manifests": [{"digest": top}]}).encode()
    return files, digest


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def _found(root: Path) -> list[tuple[str, str, str]]:
    return [(each.name, each.version, Path(each.shown).name) for each in open_charts(root).charts]


def test_every_form_of_a_chart(tmp_path: Path) -> None:
    layout, digest = oci(_chart("3.0.0"), nested=True)
    archived, other = oci(_chart("4.0.0"))
    packed = {"deep/er/p.tgz": _chart("2.0.0"), "z.tar": _pack(archived, "w"), "other.tgz": _pack({"a/b": b""})}
    write(tmp_path, {**packed, "readme.md": b"", ".hidden/p.tgz": b"no archive"})
    write(tmp_path / "layout", layout)
    write(tmp_path / "porter", {"Chart.yaml": b"name: porter\nversion: 1.0.0", "charts/inner.tgz": b"not looked at"})
    found = open_charts(tmp_path).charts
    assert [(each.version, each.shown, each.digest) for each in found] == [
        ("2.0.0", f"{tmp_path}/deep/er/p.tgz", ""),
        ("3.0.0", f"{tmp_path}/layout", digest),
        ("1.0.0", f"{tmp_path}/porter", ""),
        ("4.0.0", f"{tmp_path}/z.tar", other),
    ]
    for each in found[1], found[3]:
        with each.on_disk() as path, tarfile.open(path) as archive:
            assert archive.getnames() == ["porter/values.yaml", "porter/Chart.yaml"]
        assert not path.exists()


def test_a_chart_or_an_archive_may_be_named_itself(tmp_path: Path) -> None:
    (tmp_path / "p.tgz").write_bytes(_chart("2.0.0"))
    assert _found(tmp_path / "p.tgz") == [("porter", "2.0.0", "p.tgz")]
    assert _found(CHARTS / "porter") == [("porter", "1.4.2", "porter")]


def test_layers_of_other_kinds_are_no_charts(tmp_path: Path) -> None:
    files, _ = oci(_chart("1.0.0"), media="application/octet-stream")
    write(tmp_path, files)
    with pytest.raises(FileError, match="holds no chart"):
        open_charts(tmp_path)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"p.tgz": b"no archive"}, "p.tgz cannot be read: not a gzip file"),
        ({"p.tgz": _chart("1")[:60]}, "p.tgz cannot be read"),
        ({"p.tar": b"no archive"}, "p.tar cannot be read"),
        ({"x/Chart.yaml": b"version: 1"}, "x: its Chart.yaml does not say the chart's name"),
        ({"x/Chart.yaml": b"{"}, "x: its Chart.yaml does not say the chart's name"),
        ({"oci-layout": b"{}", "index.json": b'{"manifests": [{"digest": "sha256:00"}]}'}, "blob sha256:00 is missing"),
        ({"oci-layout": b"{}", "index.json": b"["}, "holds no chart"),
        ({"readme.md": b""}, "holds no chart"),
    ],
)
def test_what_is_no_chart_is_said(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    write(tmp_path, files)
    with pytest.raises(FileError) as error:
        open_charts(tmp_path)
    assert message in error.value.message
    assert error.value.remedy


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="neither a folder of charts nor a chart"):
        open_charts(tmp_path / "none")


def test_without_helm_nothing_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts.shutil, "which", lambda _name: None)
    with pytest.raises(ToolError, match="--charts needs helm, which is not on PATH"):
        open_charts(CHARTS)


def _at_hand(*versions: str) -> Charts:
    return Charts(
        "shelf", tuple(Chart("porter", each, f"shelf/{each or 'none'}", Path(), f"d{each}") for each in versions)
    )


def _chosen(found: Charts, version: str = "", digest: str = "", chart: str = "porter") -> str | None:
    chosen = found.choose(Wanted(chart, version, digest, Place(0)))
    return chosen.version if chosen else None


def test_the_newest_version_that_fits_is_chosen() -> None:
    found = _at_hand("1.2.0", "1.10.0", "2.0.0-rc1", "2.0.0")
    assert _chosen(found) == "2.0.0"
    assert _chosen(found, "1.x") == "1.10.0"
    assert _chosen(found, "1.2.0") == "1.2.0"
    assert _chosen(found, digest="d1.2.0") == "1.2.0"
    assert _chosen(found, chart="butler") is None
    assert _chosen(_at_hand(""), "1.2.0") == ""


def test_another_version_is_no_substitute() -> None:
    with pytest.raises(ValueError, match=r"the release asks for porter 3\.x, and there is 1\.2\.0 \(shelf/1\.2\.0\)"):
        _chosen(_at_hand("1.2.0"), "3.x")
    with pytest.raises(ValueError, match="asks for porter sha256:1, and there is"):
        _chosen(_at_hand("1.2.0"), digest="sha256:1")
    with pytest.raises(ValueError, match="'soon' is no version"):
        _chosen(_at_hand("1.2.0"), "soon")
