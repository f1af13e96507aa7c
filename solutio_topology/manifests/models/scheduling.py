"""Where modelled pods may stand and what they request, from the values that charts and operators share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from solutio_topology.manifests.cursor import Cursor

COPIES = "copies"
"""Of a modelled Pod: how many Pods of the kind its controller makes. No object of Kubernetes has this field."""
_SHAPES = {"nodeSelector": dict, "tolerations": list, "affinity": dict, "topologySpreadConstraints": list}


def scheduled(body: dict[str, Any], values: Cursor, requests: dict[str, str] | None = None) -> dict[str, Any]:
    """A workload whose pods are placed and sized as a chart's values say; `requests` are the chart's defaults."""
    pod = body["spec"]["template"]["spec"]
    pod |= placing(values)
    asked = values.get("resources").value
    default = {"requests": requests} if requests else {}
    pod["containers"][0]["resources"] = _merged(default, asked) if isinstance(asked, dict) else default
    return body


def placing(values: Cursor) -> dict[str, Any]:
    """The fields of a pod spec that say which nodes it may stand on, under the names that charts give them, too."""
    found = {name: values.get(name).value for name in _SHAPES}
    return {name: value for name, value in found.items() if value and isinstance(value, _SHAPES[name])}


def _merged(default: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Values over defaults, map by map, as Helm lays them."""
    both = {
        key: _merged(default[key], value) if isinstance(value, dict) and isinstance(default.get(key), dict) else value
        for key, value in asked.items()
    }
    return {**default, **both}
