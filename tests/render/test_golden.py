"""Whole files of the small topology, as a reviewer reads them.

To renew them after a change that is meant: ``python -m tests.render.test_golden``, and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from solutio_topology.yamlio import emit
from tests.render.worlds import small

GOLDEN = Path(__file__).parent / "golden"
FILES = [
    "overlays/prod/base/api/deployment-api.yaml",
    "overlays/prod/one/apps/kustomization.yaml",
    "overlays/prod/one/data/kustomization.yaml",
    "rendered/prod/all/data/pg.yaml",
    "rendered/prod/all/media/lk.yaml",
    "rendered/prod/flux/one.yaml",
    "rendered/prod/one/apps/api.yaml",
    "rendered/prod/one/data/queue.yaml",
    "rendered/prod/one/migrate/api.yaml",
]


def golden(path: str) -> Path:
    return GOLDEN / path.replace("/", "_")


@pytest.mark.parametrize("path", FILES)
def test_the_file_is_the_one_that_was_reviewed(path: str) -> None:
    assert emit(small()[path].objects).decode() == golden(path).read_text()


if __name__ == "__main__":
    for each in FILES:
        golden(each).write_bytes(emit(small()[each].objects))
