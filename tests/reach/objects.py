"""Short ways to write manifests as documents, for the tests."""

from __future__ import annotations

from typing import Any

from solutio_topology.reach import Connections, solve
from solutio_topology.reach.model import HostNetwork

from .reading import facts_of_docs

Doc = dict[str, Any]
Port = tuple[str, int, str]


def _meta(name: str, labels: dict[str, str] | None = None, **more: Any) -> Doc:
    namespace, _, short = name.rpartition("/")
    found: Doc = {"name": short, **({"namespace": namespace} if namespace else {}), **more}
    return {**found, **({"labels": labels} if labels else {})}


def namespace(name: str, **labels: str) -> Doc:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta(name, labels)}


def pod(name: str, ports: list[Port] | None = None, *, host: bool = False, image: str = "x", **labels: str) -> Doc:
    """A Pod; `ports` are (name, number, protocol), an empty name is left out."""
    declared = [{**({"name": a} if a else {}), "containerPort": b, "protocol": c} for a, b, c in ports or []]
    spec: Doc = {"containers": [{"name": "main", "image": image, "ports": declared}]}
    if host:
        spec["hostNetwork"] = True
    labels = labels or {"app": name.rpartition("/")[2]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": _meta(name, labels), "spec": spec}


def policy(name: str, pods: Doc | None = None, **spec: Any) -> Doc:
    """A NetworkPolicy; `pods` are matchLabels."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _meta(name),
        "spec": {"podSelector": {"matchLabels": pods} if pods else {}, **spec},
    }


def cilium(name: str, pods: Doc | None = None, *, wide: bool = False, **spec: Any) -> Doc:
    """A CiliumNetworkPolicy, or a cluster-wide one."""
    return {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy" if wide else "CiliumNetworkPolicy",
        "metadata": _meta(name),
        "spec": {"endpointSelector": {"matchLabels": pods} if pods else {}, **spec},
    }


def admin(name: str, priority: int, **spec: Any) -> Doc:
    """An AdminNetworkPolicy over all namespaces; priority -1 makes it the baseline."""
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy" if priority >= 0 else "BaselineAdminNetworkPolicy",
        "metadata": _meta(name if priority >= 0 else "default"),
        "spec": {
            **({"priority": priority} if priority >= 0 else {}),
            "subject": {"namespaces": {}},
            **spec,
        },
    }


def service(name: str, selector: Doc | None, *ports: Doc, **spec: Any) -> Doc:
    """A Service; a port is ``{"port": 80, "targetPort": …}``."""
    body: Doc = {"ports": list(ports), **spec, **({"selector": selector} if selector else {})}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _meta(name), "spec": body}


def ingress(name: str, *paths: tuple[str, str, str, int | str], **spec: Any) -> Doc:
    """An Ingress; a path is (host, path, service, port number or name)."""
    rules = [
        {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend(name_, port)}]}}
        for host, path, name_, port in paths
    ]
    body = {**({"rules": rules} if rules else {}), **spec}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": _meta(name), "spec": body}


def backend(name: str, port: int | str) -> Doc:
    """The backend of an Ingress."""
    return {"service": {"name": name, "port": {"number" if isinstance(port, int) else "name": port}}}


def ingress_class(name: str, controller: str, *, default: bool = False) -> Doc:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": _meta(name, annotations=annotations),
        "spec": {"controller": controller},
    }


def world(*docs: Doc, host_network: HostNetwork | None = None) -> Connections:
    """The connections of documents."""
    return solve(facts_of_docs(list(docs)), host_network)
