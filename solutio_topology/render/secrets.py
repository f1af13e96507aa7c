"""The Secrets that the rendered objects refer to: where each is needed, with which keys, and what brings it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.render.model import Body

Needed = dict[str, set[str]]
"""Secret name → keys."""
DOCKER_KEY = ".dockerconfigjson"


def needed_by(objects: Iterable[Body]) -> dict[str, list[str]]:
    """Every Secret that pod templates and database clusters among `objects` refer to, with its keys, sorted.

    Optional ones count too.
    """
    found: Needed = {}
    for body in objects:
        if body["kind"] in _WITHOUT:
            continue
        references: list[tuple[str, str]] = []
        _gather(body.get("spec"), references)
        for secret, key in references:
            found.setdefault(secret, set()).update({key} if key else ())
    return {secret: sorted(keys) for secret, keys in found.items()}


_WITHOUT = frozenset(
    {
        *("CiliumNetworkPolicy", "ConfigMap", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy"),
        *("PersistentVolumeClaim", "PodDisruptionBudget", "Service", "ServiceAccount"),
    }
)
"""Kinds that refer to no Secret that must be brought: a certificate's is made."""
_FIELDS = ("secretKeyRef", "accessKeyId", "secretAccessKey", "apiTokenSecretRef")
_TELLING = frozenset({*_FIELDS, "imagePullSecrets", "secret", "containers", "passwordSecret"})
"""Keys without which a map refers to no Secret by itself."""


def _gather(value: Any, into: list[tuple[str, str]]) -> None:
    """Add the references of a value and of all that stands in it. It runs over every object of a fleet."""
    if type(value) is dict:
        if not _TELLING.isdisjoint(value):
            into.extend(_direct(value))
        value = value.values()
    for item in value or ():
        if type(item) is dict or type(item) is list:
            _gather(item, into)


def _direct(value: Body) -> Iterator[tuple[str, str]]:
    for field in _FIELDS:
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
