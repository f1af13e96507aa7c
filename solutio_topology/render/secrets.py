"""The Secrets that the rendered objects refer to: where each is needed, with which keys, and what brings it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.render.model import Body

Needed = dict[str, set[str]]
"""Secret name → keys."""
DOCKER_KEY = ".dockerconfigjson"


def needed_by(objects: Iterable[Body]) -> Needed:
    """Every Secret that pod templates and database clusters among `objects` refer to. Optional ones count too."""
    found: Needed = {}
    for body in objects:
        for secret, key in _references(body.get("spec")):
            found.setdefault(secret, set()).update({key} if key else ())
    return found


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        yield from _direct(value)
        for item in value.values():
            yield from _references(item)


def _direct(value: Body) -> Iterator[tuple[str, str]]:
    for field in ("secretKeyRef", "accessKeyId", "secretAccessKey", "apiTokenSecretRef"):
        if isinstance(reference := value.get(field), dict):
            yield reference["name"], reference["key"]
    for secret in value.get("imagePullSecrets", []):
        yield secret["name"], DOCKER_KEY
    if isinstance(volume := value.get("secret"), dict) and "secretName" in volume:
        yield volume["secretName"], ""
    if "containers" in value:
        yield from _mounted(value)
    # CloudNativePG: the credentials of a database's owner.
    for reference in (value.get("passwordSecret"), value.get("secret") if "owner" in value else None):
        if isinstance(reference, dict) and "name" in reference:
            yield from ((reference["name"], key) for key in ("username", "password"))


def _mounted(pod: Body) -> Iterator[tuple[str, str]]:
    """The keys of Secrets that containers mount as files."""
    volumes = {each["name"]: each["secret"]["secretName"] for each in pod.get("volumes", []) if "secret" in each}
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        for mount in container.get("volumeMounts", []):
            if mount["name"] in volumes and "subPath" in mount:
                yield volumes[mount["name"]], mount["subPath"]


def external_secrets(
    graph: EnvironmentGraph, namespace: str, owner: str, needed: Needed, labels: dict[str, str]
) -> list[Body]:
    """An ExternalSecret per Secret of a tenant pod, or of the platform."""
    if graph.platform.secrets.provider != "external-secrets":
        return []
    return [
        _external_secret(graph, namespace, entry(graph, owner, name), name, sorted(needed[name]), labels)
        for name in sorted(needed)
    ]


def entry(graph: EnvironmentGraph, owner: str, name: str) -> str:
    """The name of a Secret's entry in the store: the owner's own, or where its tier says so the shared tenant pod's."""
    tier = next((pod.tier for pod in graph.pods if pod.pod == owner), None)
    if tier and name in tier.isolation.shared_secrets:
        owner = graph.pods[0].pod
    return f"{graph.platform.secrets.prefix}{graph.name}/{owner}/{name}"


def _external_secret(
    graph: EnvironmentGraph, namespace: str, remote: str, name: str, keys: list[str], labels: dict[str, str]
) -> Body:
    settings = graph.platform.secrets
    target: Body = {"name": name, "creationPolicy": "Owner"}
    if keys == [DOCKER_KEY]:
        target["template"] = {"type": "kubernetes.io/dockerconfigjson"}
    elif {"username", "password"} <= set(keys):
        target["template"] = {"type": "kubernetes.io/basic-auth"}
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "refreshInterval": settings.refresh,
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": settings.store},
            "target": target,
            "data": [{"secretKey": key, "remoteRef": {"key": remote, "property": key}} for key in keys],
        },
    }
