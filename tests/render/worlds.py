"""The topologies that the renderer's tests look at: the user's, the example, and a small one to change at will."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from solutio_topology import catalog
from solutio_topology.graph.expand import expand
from solutio_topology.graph.model import EnvironmentGraph
from solutio_topology.render import Rendered, render
from solutio_topology.spec.load import load
from solutio_topology.spec.topology import Topology

ROOT = Path(__file__).parents[2]
EVERYWHERE = [("topology.yaml", "prod"), ("topology.yaml", "staging"), ("examples/shop/topology.yaml", "prod")]
"""Every environment of every topology in the repository."""

SMALL: dict[str, Any] = {
    "apiVersion": "topology.solutio.dev/v1",
    "kind": "Topology",
    "metadata": {"name": "small"},
    "platform": {
        "orchestrator": "doks",
        "region": "here",
        "kubernetes": "1.34",
        "registry": "registry.example.com/small",
        "pullSecret": "registry",
        "repository": {"url": "https://git.example.com/small"},
        "secrets": {"provider": "external-secrets", "store": "vault", "prefix": "small/"},
        "certificates": {"email": "ops@example.com"},
        "pools": {"apps": {"size": "s", "nodes": 2}, "data": {"size": "s", "nodes": 1, "dedicated": True}},
    },
    "layers": {
        "edge": {"title": "Edge"},
        "apps": {"title": "Apps"},
        "data": {"title": "Data"},
        "media": {"title": "Media", "namespace": "own"},
    },
    "services": {
        "cf": {"component": "cloudflare", "layer": "edge"},
        "ing": {"component": "ingress-nginx", "layer": "apps", "replicas": 2},
        "api": {
            "component": "rails",
            "layer": "apps",
            "image": {"name": "api", "tag": "1.2.3"},
            "replicas": {"min": 2, "max": 4},
            "pool": "apps",
            "env": {"GREETING": "{{ not a template }}"},
            "jobs": {"migrate": {"command": ["bin/rails", "db:migrate"], "before": "rollout", "deadline": 3600}},
            "processes": {"worker": {"command": ["sidekiq"], "env": {"QUEUES": "mail"}}},
        },
        "pg": {"component": "timescaledb", "layer": "data", "pool": "data", "databases": {"app": {"owner": "api"}}},
        "queue": {"component": "redis", "layer": "data"},
        "lk": {"component": "livekit", "layer": "media", "replicas": 2, "image": {"name": "lk", "tag": "1"}},
        "mail": {"component": "external", "layer": "edge", "hosts": ["mail.example.net"]},
    },
    "edges": {
        "cf-ing": {"from": "cf", "to": "ing"},
        "ing-api": {"from": "ing", "to": "api", "host": "api{-pod}.{zone}"},
        "api-pg": {"from": "api", "to": "pg", "database": "app", "env": "DATABASE_URL"},
        "api-queue": {"from": "api", "to": "queue", "env": "REDIS_URL"},
        "api-mail": {"from": "api", "to": "mail", "env": "MAIL_URL", "processes": ["worker"]},
        "lk-queue": {
            "from": "lk",
            "to": "queue",
            "env": {"REDIS_HOST": "{host}:{port}", "REDIS_PASSWORD": "{password}"},
        },
    },
    "tiers": {
        "basic": {"tenancy": "shared"},
        "own": {
            "tenancy": "dedicated",
            "dedicates": ["api", "pg", "queue"],
            "pool": {"size": "s", "nodes": 1},
            "quota": {"cpu": "4", "memory": "8Gi", "storage": "50Gi", "pods": 20},
        },
    },
    "pods": {"all": {"tier": "basic"}, "one": {"tier": "own", "orgs": ["o"]}},
    "environments": {"prod": {"zone": "example.com"}},
}


@cache
def graph(path: str, environment: str) -> EnvironmentGraph:
    """An environment of a topology in the repository, expanded."""
    topology = load(ROOT / path, known_components=catalog.names()).topology
    return expand(topology, environment, lambda name: catalog.component(name, topology.components))


@cache
def tree(path: str, environment: str) -> Mapping[str, Rendered]:
    """What that environment renders to."""
    return render(graph(path, environment))


def changed(*changes: tuple[str, Any]) -> EnvironmentGraph:
    """The small topology with values set at dotted places (``services.api.replicas``), expanded. None removes."""
    data = copy.deepcopy(SMALL)
    for place, value in changes:
        *way, last = place.split(".")
        at = data
        for step in way:
            at = at.setdefault(step, {})
        if value is None:
            at.pop(last)
        else:
            at[last] = value
    topology = Topology.model_validate(data)
    return expand(topology, "prod", lambda name: catalog.component(name, topology.components))


@cache
def small() -> Mapping[str, Rendered]:
    """What the small topology renders to."""
    return render(changed())


def is_kustomization(body: dict[str, Any]) -> bool:
    """Whether it is kustomize's own file and no object of a cluster."""
    return str(body["apiVersion"]).startswith("kustomize.config.k8s.io/")


def finals(files: Mapping[str, Rendered]) -> Iterator[dict[str, Any]]:
    """Every object that Flux would apply."""
    for path, file in files.items():
        if path.startswith("rendered/"):
            yield from (body for body in file.objects if not is_kustomization(body))


def find(files: Mapping[str, Rendered], kind: str, name: str, namespace: str = "small-all") -> dict[str, Any]:
    """The one object of that kind and name."""
    found = [
        body
        for body in finals(files)
        if (body["kind"], body["metadata"]["name"], body["metadata"].get("namespace", "")) == (kind, name, namespace)
    ]
    assert len(found) == 1, f"{len(found)} {kind} {namespace}/{name}"
    return found[0]


def kinds(files: Mapping[str, Rendered], kind: str) -> list[dict[str, Any]]:
    """Every object of a kind."""
    return [body for body in finals(files) if body["kind"] == kind]


def templates(files: Mapping[str, Rendered]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every workload and its pod template."""
    for body in finals(files):
        spec = body.get("spec", {})
        if body["kind"] == "CronJob":
            yield body, spec["jobTemplate"]["spec"]["template"]
        elif body["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"}:
            yield body, spec["template"]


def containers(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a pod template, init containers first."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def environment(container: dict[str, Any]) -> dict[str, Any]:
    """A container's variables by name: the text, or the Secret's name and key."""
    return {
        each["name"]: each["value"] if "value" in each else tuple(each["valueFrom"]["secretKeyRef"].values())
        for each in container.get("env", [])
    }
