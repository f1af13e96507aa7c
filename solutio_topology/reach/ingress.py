"""Ingresses: which host and path leads to which Service port and pods. The Gateway API's routes are added."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.manifests.facts import Facts, Ingress, IngressRule
from solutio_topology.reach.backends import lead
from solutio_topology.reach.controllers import Controllers
from solutio_topology.reach.gateway import gateway_routes
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.ports import PortSet
from solutio_topology.reach.routing import ServiceMap
from solutio_topology.reach.wiring import Controller, HttpRoute


def ingress_routes(facts: Facts) -> list[HttpRoute]:
    """Every host and path that Ingresses, and routes of the Gateway API, lead to a backend, in their order."""
    services, controllers = ServiceMap(facts), Controllers(facts)
    found = [
        _route(services, ingress, rule, controllers.of_ingress(ingress))
        for ingress in facts.ingresses
        for rule in ingress.rules
    ]
    return found + gateway_routes(services, controllers)


def backend_ports(facts: Facts) -> Iterator[tuple[WorkloadNode, PortSet]]:
    """The pods and ports behind every Ingress and route of which the controller's pods are not known."""
    for route in ingress_routes(facts):
        if not route.controller.nodes and route.served:
            for target in route.targets:
                yield target.workload, PortSet.of(target.protocol, target.port)


def _route(services: ServiceMap, ingress: Ingress, rule: IngressRule, controller: Controller) -> HttpRoute:
    backend = lead(services, rule.backend)
    return HttpRoute(
        host=rule.host,
        path=rule.path,
        path_type=rule.path_type,
        tls_secret=_secret(ingress, rule.host),
        source=ingress.key,
        place=rule.place,
        controller=controller,
        backend=f"{rule.backend.namespace}/{rule.backend.service}",
        service=backend.service,
        service_port=backend.port,
        targets=backend.targets,
        problems=backend.problems,
    )


def _secret(ingress: Ingress, host: str) -> str:
    """The Secret whose certificate serves a host: the block that names it, else one that names no hosts."""
    for block in ingress.tls:
        if block.secret and any(_serves(name, host) for name in block.hosts):
            return f"{ingress.key.namespace}/{block.secret}"
    for block in ingress.tls:
        if block.secret and not block.hosts:
            return f"{ingress.key.namespace}/{block.secret}"
    return ""


def _serves(name: str, host: str) -> bool:
    """A wildcard of a certificate stands for one label."""
    if name.startswith("*."):
        return host == name or host.partition(".")[2] == name[2:]
    return name == host
