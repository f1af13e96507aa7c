"""Files of a fleet are parsed by several processes, and say what they say to one."""

from __future__ import annotations

import pytest

from solutio_topology.manifests import locate, read_files
from solutio_topology.workflows import reading, spread
from solutio_topology.workflows.reading import read_all

POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: web-{0}, labels: {{app: web}}}}\nspec: {{containers: []}}\n"


@pytest.mark.parametrize("processors", [1, 2])
def test_many_files_say_what_few_do(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_processors", lambda: processors)
    monkeypatch.setattr(reading, "MANY", 1)
    monkeypatch.setattr(reading, "_FILES", 2)
    files = {f"{number}.yaml": f"# {number}\n---\n{POD.format(number)}".encode() for number in range(20)}
    files["9.yaml"] += b"---\na: [\n"
    found, expected = read_all(files), read_files(files)
    assert [each.key for each in found.workloads] == [each.key for each in expected.workloads]
    assert [each.text for each in found.documents] == [each.text for each in expected.documents]
    assert [locate(found, each.place) for each in found.unreadable] == [
        locate(expected, each.place) for each in expected.unreadable
    ]
    assert len({id(each.labels) for each in found.objects}) == 1
