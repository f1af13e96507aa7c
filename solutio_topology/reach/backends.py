"""Where a backend of an Ingress or a route leads."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.facts import Backend, Service
from solutio_topology.reach.routing import ServiceMap, service_targets
from solutio_topology.reach.wiring import Problem, Target


class Lead(Struct, frozen=True):
    """The Service, its port's number and the pods behind a backend, with what stands in the way."""

    service: Service | None
    port: int | None
    targets: tuple[Target, ...]
    problems: tuple[Problem, ...]


def lead(services: ServiceMap, backend: Backend) -> Lead:
    """Follow a backend to its pods. Controllers send to the endpoints, so headless Services map too."""
    if not backend.service:
        return Lead(None, None, (), (_fault("backend-no-service", "the backend names no Service", backend),))
    service = services.find(backend.namespace, backend.service)
    name = f"{backend.namespace}/{backend.service}"
    if service is None:
        statement = (
            f"the backend Service {name} does not exist{services.suggestions.hint(backend.namespace, backend.service)}"
        )
        return Lead(None, None, (), (_fault("backend-missing", statement, backend),))
    if service.external_name:
        statement = f"the backend Service {name} is an ExternalName; few controllers follow it"
        return Lead(service, None, (), (_fault("backend-external", statement, backend),))
    if backend.port is None:
        statement = f"the backend names no port of Service {name}"
        return Lead(service, None, (), (_fault("backend-no-port", statement, backend),))
    return _through(services, service, backend, backend.port)


def _through(services: ServiceMap, service: Service, backend: Backend, port: int | str) -> Lead:
    found = service_targets(services, service, port, by_endpoints=True)
    number = next((each.number for each in service.ports if port in (each.number, each.name)), None)
    problems = tuple(_at_backend(problem, backend) for problem in found.problems)
    targets = tuple(target for target in found.targets if target.protocol == "TCP")
    if found.targets and not targets:
        said = f"port {port} of {service.key} is of {found.targets[0].protocol}, and requests come over TCP"
        problems += (_fault("backend-protocol", said, backend),)
    if not found.targets and not found.addresses and not any(each.fatal for each in problems):
        statement = f"nothing serves port {port} of {service.key}"
        problems += (_fault("no-endpoints", statement, backend),)
    return Lead(service, number, targets, problems)


def _at_backend(problem: Problem, backend: Backend) -> Problem:
    """A port that the Service does not have is the backend's fault: say it there."""
    if problem.kind != "service-port-missing":
        return problem
    related = (problem.place, *problem.related)
    return Problem(problem.kind, problem.statement, backend.place, problem.fatal, related)


def _fault(kind: str, statement: str, backend: Backend) -> Problem:
    return Problem(kind, statement, backend.place)
