"""Plain Kubernetes objects, as the models write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def deployment(
    name: str,
    namespace: str,
    labels: dict[str, str],
    ports: dict[str, int],
    image: str,
    replicas: int = 1,
    *,
    args: Sequence[str] = (),
    kind: str = "Deployment",
    host_network: bool = False,
) -> dict[str, Any]:
    """A workload with one container."""
    container = {
        "name": "main",
        "image": image,
        "args": list(args),
        "ports": [{"name": port, "containerPort": number} for port, number in ports.items()],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container], "hostNetwork": host_network},
            },
        },
    }


def service(
    name: str,
    namespace: str,
    selector: dict[str, str],
    ports: Sequence[tuple[str, int, str | int, str]],
    *,
    kind: str = "ClusterIP",
) -> dict[str, Any]:
    """A Service; ports are (name, number, target, protocol)."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "type": kind,
            "selector": selector,
            "ports": [
                {"name": port, "port": number, "targetPort": target, "protocol": protocol}
                for port, number, target, protocol in ports
            ],
        },
    }


def secret(name: str, namespace: str, keys: Sequence[str]) -> dict[str, Any]:
    """A Secret by its keys."""
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": dict.fromkeys(keys, "")}
