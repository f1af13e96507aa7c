"""The real helm, as `make tools` builds it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CHARTS = Path(__file__).parent / "charts"


def need_helm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the built helm on PATH. Where neither that nor another is there the test is skipped, which fails in CI."""
    tools = ROOT / ".tools" / "bin"
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ.get('PATH', '')}")
    if shutil.which("helm") is None:
        pytest.skip("helm is not built: run make tools")
