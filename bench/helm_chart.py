"""The manifests of one tenant pod as a chart of helm, for helm to render side by side.

Every place where the tenant pod's name stands is a value, as whoever writes such a chart would have it.
"""

from __future__ import annotations

import re
from pathlib import Path

_HEAD = "apiVersion: v2\nname: tenant-pod\nversion: 0.1.0\n"


def write_chart(target: Path, pod: Path) -> None:
    """Write a chart to `target` whose templates are the manifests below `pod`, a folder of ``rendered/ENV``."""
    (target / "templates").mkdir(parents=True)
    (target / "Chart.yaml").write_text(_HEAD)
    (target / "values.yaml").write_text(f"pod: {pod.name}\n")
    for path in sorted(pod.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            name = "-".join(path.relative_to(pod).parts)
            (target / "templates" / name).write_text(_template(path.read_text(), pod.name))


def _template(text: str, name: str) -> str:
    escaped = text.replace("{{", '{{ "{{" }}')
    return re.sub(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", "{{ .Values.pod }}", escaped)
